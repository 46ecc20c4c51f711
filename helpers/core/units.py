"""Numbers as text: with their units, their nouns and the digits that they carry."""

from decimal import Decimal

DIGITS = 3  # of a number of which nothing tells how certain it is


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, such as "1 seed", "3 processes" or "2,000 images"."""
    if number == 1:
        return f"1 {noun}"
    if noun.endswith(("s", "x", "ch", "sh")) and not noun.endswith("epoch"):
        return f"{number:,} {noun}es"
    if noun.endswith("y") and noun[-2] not in "aeiou":
        return f"{number:,} {noun[:-1]}ies"
    return f"{number:,} {noun}s"


def ratio(value: float) -> str:
    """Return a ratio with two decimals below 10, three digits above, such as "0.62" or "1,450"."""
    for decimals, end in ((2, 10), (1, 100)):
        if round(value, decimals) < end:
            return f"{value:.{decimals}f}"
    return _three_digits(value)


def _three_digits(value: float) -> str:
    return f"{Decimal(f'{value:.{DIGITS}g}'):,f}"  # a float would bring its exponent


def duration(seconds: float) -> str:
    """Return a time with three digits and the unit that keeps it from 1 to 999, else in s or ns."""
    rounded = float(f"{seconds:.{DIGITS}g}")
    for unit, size in (("s", 1), ("ms", 1e-3), ("µs", 1e-6)):
        if rounded >= size:
            return f"{_three_digits(rounded / size)} {unit}"
    return f"{_three_digits(rounded / 1e-9)} ns"


def megabytes(size: float) -> str:
    """Return a size in MB (10^6 bytes)."""
    return f"{size / 1e6:,.0f} MB"
