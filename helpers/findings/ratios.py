"""Ratios of two times, with the bounds between which they lie."""

from collections.abc import Sequence

from helpers.benchmark.statistics import Ratio, compared
from helpers.core.old_results import timed
from helpers.core.units import ratio, supported

Bounds = tuple[float, float]


def bounds(row: dict) -> Bounds:
    """Return the interval of a timer's time, or the range of processes too few for one; seconds."""
    return tuple(row["ci95_s"] or row["range_s"])


def _over(one: Sequence[float], other: Sequence[float]) -> Bounds:
    """Return the bounds of one time over the opposite ones of another, so rather too wide."""
    return one[0] / other[1], one[1] / other[0]


def of_timers(slow: dict, fast: dict) -> tuple[float, Bounds]:
    """Return the ratio of the times of two timers of 2025, and its bounds as in `_over`."""
    return slow["total_s"] / fast["total_s"], _over(bounds(slow), bounds(fast))


def found(results: dict, slow: str, fast: str, scenario: str = "offline") -> Ratio:
    """Return the time of a runtime of the main comparison in units of another's.

    Raises Missing when one of them was not measured.
    """
    return compared(*(timed(results, name, scenario) for name in (slow, fast)))


def of_runtimes(results: dict, slow: str, fast: str) -> tuple[float, Bounds]:
    """Return the ratio of the offline times of two runtimes, and its bounds, as in `found`."""
    offline = found(results, slow, fast)
    return offline.value, tuple(offline.ends or [offline.value] * 2)


def said(value: float, between: Bounds) -> str:
    """Return a ratio with its bounds, in the digits that these support: "29 (28 to 31)".

    Without a spread it comes from one process, and says so.
    """
    if between[0] == between[1]:
        return f"{ratio(value)} (1 process)"
    low, high = (supported(bound, between) for bound in between)
    return f"{supported(value, between)} ({low} to {high})"
