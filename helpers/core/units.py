"""Numbers as text: with their units and the digits that they carry."""

from decimal import Decimal


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, such as "1 seed" or "3 seeds"."""
    return f"{number} {noun}" + "s" * (number != 1)


def three_digits(value: float) -> str:
    """Return a number with three significant digits, zeros too, such as "5.00" or "1,230"."""
    return f"{Decimal(f'{value:#.3g}'):,f}"  # a float would bring its exponent


def duration(seconds: float) -> str:
    """Return a time with three digits and its unit, such as "13.7 ms"."""
    for unit, size in (("s", 1), ("ms", 1e-3), ("µs", 1e-6)):
        if float(f"{seconds:.3g}") >= size:
            return f"{three_digits(seconds / size)} {unit}"
    return f"{three_digits(seconds / 1e-9)} ns"
