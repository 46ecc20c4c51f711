"""Ratios of two times, with the bounds between which they lie."""

from helpers.core.units import supported

Bounds = tuple[float, float]


def bounds(row: dict) -> Bounds:
    """Return the interval of a row's time, or the range of processes too few for one; seconds."""
    return tuple(row["ci95_s"] or row["range_s"])


def over(slow: dict, fast: dict, key: str) -> tuple[float, Bounds]:
    """Return the ratio of the times `key` of two rows, and its bounds.

    They are the bounds of one time over the opposite ones of the other, so rather too wide.
    """
    (low, high), (least, most) = bounds(slow), bounds(fast)
    return slow[key] / fast[key], (low / most, high / least)


def said(ratio: float, between: Bounds) -> str:
    """Return a ratio with its bounds, in the digits that these support: "29 (28 to 31)"."""
    low, high = (supported(bound, between) for bound in between)
    return f"{supported(ratio, between)} ({low} to {high})"
