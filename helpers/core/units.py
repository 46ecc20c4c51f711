"""Numbers as text, with their units."""


def ratio(value: float) -> str:
    """Return a ratio with two decimals below 10, three digits above, such as "0.62" or "1,450"."""
    if value < 10:
        return f"{value:.2f}"
    return f"{value:.1f}" if value < 100 else f"{float(f'{value:.3g}'):,.0f}"


def times(ratio: float) -> str:
    """Return a ratio with three digits and no exponent, such as "1.22 times"."""
    return f"{ratio:,.0f} times" if ratio >= 100 else f"{ratio:.3g} times"


def duration(seconds: float) -> str:
    """Return a time with the unit that keeps it between 1 and 1,000, three digits."""
    for unit, size in (("s", 1), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"


def megabytes(size: float) -> str:
    """Return a size in MB (10^6 bytes)."""
    return f"{size / 1e6:,.0f} MB"
