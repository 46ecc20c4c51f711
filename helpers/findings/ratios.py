"""Ratios of two times, with the bounds between which they lie."""

from helpers.benchmark.statistics import compared
from helpers.core.results import timed
from helpers.core.units import supported

Bounds = tuple[float, float]


def bounds(row: dict) -> Bounds:
    """Return the interval of a timer's time, or the range of processes too few for one; seconds."""
    return tuple(row["ci95_s"] or row["range_s"])


def of_timers(slow: dict, fast: dict) -> tuple[float, Bounds]:
    """Return the ratio of the times of two timers of 2025, and its bounds.

    They are the bounds of one time over the opposite ones of the other, so rather too wide.
    """
    (low, high), (least, most) = bounds(slow), bounds(fast)
    return slow["total_s"] / fast["total_s"], (low / most, high / least)


def of_runtimes(
    results: dict, slow: str, fast: str, scenario: str = "offline"
) -> tuple[float, Bounds]:
    """Return the ratio of the times of two runtimes of the main comparison, and its bounds.

    Raises Missing when one of them was not measured.
    """
    found = compared(*(timed(results, name, scenario) for name in (slow, fast)))
    return found.value, tuple(found.ends or [found.value] * 2)


def said(ratio: float, between: Bounds) -> str:
    """Return a ratio with its bounds, in the digits that these support: "29 (28 to 31)"."""
    low, high = (supported(bound, between) for bound in between)
    return f"{supported(ratio, between)} ({low} to {high})"
