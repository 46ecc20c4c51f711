"""The factor of 115 of the 2025 report in words: what of it the timers make, and what is left."""

import contextlib

from helpers.benchmark.runtimes import RUNTIMES
from helpers.core.old_results import Missing, when_measured
from helpers.core.units import supported
from helpers.findings import ratios
from helpers.findings.report_2025 import FORWARD, claimed_ratio, timer
from helpers.findings.time_claims import SAME_FACTOR
from helpers.findings.verdicts import side

SLOW, FAST = "pytorch", "onnxruntime"


def _timers(results: dict) -> tuple[float, ratios.Bounds]:
    """Return how far the reconstructed timers of both are apart, with bounds."""
    return ratios.of_timers(timer(results, SLOW), timer(results, FAST))


@when_measured
def headline(results: dict) -> str:
    """Return what becomes of the factor between PyTorch and ONNX Runtime, a sentence a step."""
    found, between = _timers(results)
    left = [claimed_ratio(SLOW) / bound for bound in reversed(between)]
    words = (
        f"From the 2025 report's table it follows that ONNX Runtime is "
        f"{claimed_ratio(SLOW):.0f} times faster than PyTorch. "
        f"The timers as they are reconstructed here differ by {ratios.said(found, between)} times."
    )
    with contextlib.suppress(Missing):
        words += f" {on_the_same_array(results)}"
    spread = between[0] < between[1]  # one process shows none
    if spread and side(left, 0, SAME_FACTOR) == "above":
        factor = supported(claimed_ratio(SLOW) / found, left)
        words += f" A factor of {factor} of the 2025 report is not reproduced."
    return words


def on_the_same_array(results: dict) -> str:
    """Return what PyTorch takes beside ONNX Runtime when both do the same work.

    Raises Missing when one of them was not measured.
    """
    ratio = ratios.said(*ratios.of_runtimes(results, SLOW, FAST))
    titles = [RUNTIMES[name].title for name in (SLOW, FAST)]
    return (
        f"When both get the same array and return logits, {titles[0]} takes {ratio} times as long "
        f"as {titles[1]}."
    )


@when_measured
def three_factors(results: dict) -> str:
    """Return the three factors as a figure's finding, without a full stop."""
    found, between = _timers(results)
    words = (
        f"PyTorch beside ONNX Runtime: {claimed_ratio(SLOW):.0f} times in the table of 2025, "
        f"{supported(found, between)} by the timers as reconstructed"
    )
    try:
        return f"{words}, {supported(*ratios.of_runtimes(results, SLOW, FAST))} on the same array"
    except Missing:
        return words


@when_measured
def outside(results: dict) -> str:
    """Return how much of PyTorch's reconstructed timer is not inference, and the most of it."""
    row = timer(results, SLOW)
    stages = {stage: s for stage, s in row["stages"].items() if stage != FORWARD}
    longest = max(stages, key=stages.get)
    return (
        f"In PyTorch's timer {1 - row['stages'][FORWARD] / row['total_s']:.0%} of the time passes "
        f"outside the forward pass. The longest part of it is {longest}, with "
        f"{stages[longest] / row['total_s']:.0%}."
    )
