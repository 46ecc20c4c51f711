"""How claims about times are decided: by the reconstructed timers, and on the same array.

The intervals are those of the rows, or the range of the processes where these are too few for one.
"""

from collections.abc import Callable

from helpers.benchmark.runtimes import RUNTIMES
from helpers.benchmark.statistics import APART, Ratio
from helpers.benchmark.timers_2025 import FAIR
from helpers.core.old_results import timed
from helpers.core.units import counted, supported
from helpers.findings import ratios
from helpers.findings.ratios import said
from helpers.findings.report_2025 import SECONDS_2025, claimed_ratio, timer
from helpers.findings.verdicts import (
    CONFIRMED,
    EXPLAINED,
    NOT_REPRODUCED,
    REFUTED,
    UNDECIDED,
    Undecided,
    Verdict,
    side,
)

# Two ratios are the same when they are within this factor of each other.
SAME_FACTOR = 2
# Between two laptops or desktops a few years apart times differ by no more than this.
MACHINE_FACTOR = 10
# Fewer processes show nothing of the spread between processes.
LEAST_PROCESSES = 3


def _timers(results: dict, *names: str) -> list[dict]:
    """Return the rows of the reconstructed timers.

    Raises Missing when one is not there, Undecided when it ran in too few processes.
    """
    rows = [timer(results, name) for name in names]
    fewest = min(row["processes"] for row in rows)
    if fewest < LEAST_PROCESSES:
        raise Undecided(
            f"the timers ran in {counted(fewest, 'process')}: from fewer than {LEAST_PROCESSES} "
            "nothing is concluded"
        )
    return rows


def _runtimes(results: dict, slow: str, fast: str, scenario: str = "offline") -> Ratio:
    """Return the ratio of two runtimes' times.

    Raises Missing when one was not measured, Undecided when both were in too few processes.
    """
    found = ratios.found(results, slow, fast, scenario)
    if found.rounds < LEAST_PROCESSES:
        raise Undecided(
            f"the runtimes were timed in {counted(found.rounds, 'process')}: from fewer than "
            f"{LEAST_PROCESSES} nothing is concluded"
        )
    return found


def seconds(name: str) -> Callable[[dict], Verdict]:
    """Return the rule that a slower machine explains a time of 2025.

    The machine makes all three timers longer by one factor; the middle one of the three ratios is
    taken for it, so that one that is out of line does not count.
    """

    def decide(results: dict) -> Verdict:
        rows = {row["runtime"]: row for row in _timers(results, *SECONDS_2025)}
        row, claimed = rows[name], SECONDS_2025[name]
        times = sorted(SECONDS_2025[other] / rows[other]["total_s"] for other in rows)
        machine, own = times[1], claimed / row["total_s"]
        low_s, high_s = ratios.bounds(row)
        bounds = claimed / high_s, claimed / low_s
        evidence = (
            f"{row['total_s']:.3f} s here by the reconstructed timer. The time of 2025 is "
            f"{said(own, bounds)} times that, and {supported(machine, bounds)} times that of the "
            "middle one of the three timers."
        )
        if not 1 / MACHINE_FACTOR <= machine <= MACHINE_FACTOR:
            return NOT_REPRODUCED, f"{evidence} Two machines hardly differ by that much."
        left = [bound / machine for bound in bounds]
        place = side(left, 1 / SAME_FACTOR, SAME_FACTOR)
        if place is None:
            return UNDECIDED, evidence
        if place == "inside":
            return EXPLAINED, f"{evidence} A slower machine explains the time of 2025."
        return NOT_REPRODUCED, (
            f"{evidence} Beside the machine a factor of {supported(own / machine, left)} is left, "
            "which nothing here explains."
        )

    return decide


def times_faster(slow: str, fast: str = "onnxruntime") -> Callable[[dict], Verdict]:
    """Return the rule that `fast` computes as many times faster as the table of 2025 says.

    Both get the same array here. Where the reconstructed timers differ by more than that, what
    stood inside them explains the claim.
    """

    def decide(results: dict) -> Verdict:
        old, old_bounds = ratios.of_timers(*_timers(results, slow, fast))
        fair = _runtimes(results, FAIR[slow], FAIR[fast])
        bounds = fair.ends
        claimed = claimed_ratio(slow, fast)
        evidence = (
            f"The reconstructed timers differ by {said(old, old_bounds)} times here. With the "
            f"same array for both it is {said(fair.value, bounds)} times."
        )
        place = side(bounds, claimed / SAME_FACTOR, claimed * SAME_FACTOR)
        if place != "below":
            return (CONFIRMED if place == "inside" else UNDECIDED), evidence
        return (EXPLAINED if old_bounds[0] > SAME_FACTOR * bounds[1] else REFUTED), evidence

    return decide


def timers_apart(slow: str, fast: str) -> Callable[[dict], Verdict]:
    """Return the rule that the reconstructed timers differ by as much as the times of 2025."""

    def decide(results: dict) -> Verdict:
        claimed = claimed_ratio(slow, fast)
        found, bounds = ratios.of_timers(*_timers(results, slow, fast))
        evidence = f"The reconstructed timers differ by {said(found, bounds)} times here."
        place = side(bounds, claimed / SAME_FACTOR, claimed * SAME_FACTOR)
        if place == "inside":
            return CONFIRMED, evidence
        left, bounds = claimed / found, [claimed / bound for bound in reversed(bounds)]
        evidence = f"{evidence} A factor of {said(left, bounds)} is left."
        return (NOT_REPRODUCED if place else UNDECIDED), evidence

    return decide


def best_speed(results: dict) -> Verdict:
    """Decide whether ONNX Runtime is the fastest of those that the report names, case by case."""
    cases = {"offline": "With all test images in one call", "single_stream": "On one image"}
    parts, answers = [], []
    for scenario, place in cases.items():
        others = [timed(results, name, scenario) for name in ("tf-function", "pytorch", "litert")]
        best = min(others, key=lambda row: row["median_s"])
        found = _runtimes(results, "onnxruntime", best["runtime"], scenario)
        answers.append(side(found.ends, 0, 1) if found.verdict == APART else None)
        title = RUNTIMES[best["runtime"]].title
        parts.append(f"{place} it takes {said(found.value, found.ends)} times as long as {title}.")
    evidence = " ".join(parts)
    if None in answers:
        return UNDECIDED, evidence
    if answers[0] == answers[1]:
        return (CONFIRMED if answers[0] == "inside" else REFUTED), evidence
    return EXPLAINED, f"{evidence} Which runtime is fastest depends on the size of a call."
