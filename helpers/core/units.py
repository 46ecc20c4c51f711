"""Numbers as text: with their units, their nouns and the digits that they carry."""

import math
from decimal import Decimal

DIGITS = 3  # of a number of which nothing tells how certain it is
NOISE = 1e-9  # points: what the arithmetic leaves of a difference that is none


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, such as "1 seed", "3 processes" or "2,000 images"."""
    if number == 1:
        return f"1 {noun}"
    if noun.endswith(("s", "x", "ch", "sh")) and not noun.endswith("epoch"):
        return f"{number:,} {noun}es"
    if noun.endswith("y") and noun[-2] not in "aeiou":
        return f"{number:,} {noun[:-1]}ies"
    return f"{number:,} {noun}s"


def supported(value: float, interval: tuple[float, float]) -> str:
    """Return a value with the digits that its interval supports, such as "29" for 24 to 36.

    The last digit is the first one of the interval's half-width (GUM 7.2.6), but the value's second
    or third digit in any case.
    """
    half = (interval[1] - interval[0]) / 2
    first = math.floor(math.log10(abs(value))) if value else 0
    wanted = math.floor(math.log10(half)) if half > 0 else -math.inf
    place = min(max(wanted, first - DIGITS + 1), first - 1)
    return f"{round(value, -place):,.{max(-place, 0)}f}"


def within(value: float, interval: tuple[float, float]) -> str:
    """Return what `supported` does, but three digits where two would lead out of the interval.

    Such as "5.86" for 4.18 to 5.86: beside ends of three digits "5.9" would lie outside.
    """
    text, (low, high) = supported(value, interval), interval
    out = not low <= float(text.replace(",", "")) <= high
    return _three_digits(value) if out and low <= value <= high else text


def ratio(value: float) -> str:
    """Return a ratio with two decimals below 10, three digits above, such as "0.62" or "1,450"."""
    for decimals, end in ((2, 10), (1, 100)):
        if round(value, decimals) < end:
            return f"{value:.{decimals}f}"
    return _three_digits(value)


def _three_digits(value: float) -> str:
    return f"{Decimal(f'{value:.{DIGITS}g}'):,f}"  # a float would bring its exponent


def ends(value: float, interval: tuple[float, float]) -> tuple[str, str]:
    """Return the ends of a ratio's interval, with no fewer decimals than `within` gives it."""
    decimals = len(within(value, interval).partition(".")[2])
    low, high = (max(ratio(end), f"{end:,.{decimals}f}", key=len) for end in interval)
    return low, high


def times(ratio: float, interval: tuple[float, float] | None = None) -> str:
    """Return a ratio with no exponent, such as "1.22 times": digits as its interval supports.

    Without an interval it has three. What would be "1 times" has two decimals.
    """
    text = within(ratio, interval) if interval else _three_digits(ratio)
    if float(text.replace(",", "")) == 1:
        return f"{ratio:.2f} times"
    return f"{text} times"


def points(value: float, sign: str = "+") -> str:
    """Return points of accuracy with two decimals and their sign, such as "+0.05"; none is "0.00".

    What two decimals would round to zero has its first digit, such as "-0.0002": one reads on which
    side of zero it lies. `sign` is that of Python's formats: "-" writes no plus.
    """
    text = f"{value:{sign}.2f}"
    if float(text):
        return text
    return "0.00" if abs(value) < NOISE else f"{Decimal(f'{value:.1g}'):{sign}f}"


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
