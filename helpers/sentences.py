"""The words for numbers: clauses that say the opposite when a number changes its sign."""

import functools
from collections.abc import Callable

import pandas as pd

from helpers import factor
from helpers.benchmark.runtimes import RUNTIMES
from helpers.core.results import Missing, main_rows, one, timed
from helpers.core.units import duration, times


def when_measured(say: Callable[..., str]) -> Callable[..., str]:
    """Let a sentence about something that failed in this run say so."""

    @functools.wraps(say)
    def said(*arguments: object) -> str:
        try:
            return say(*arguments)
        except Missing as missing:
            return f"(not measured in this run: {missing})"

    return said


def faster(ratio: float, low: float, high: float) -> str:
    """Return how a time compares with its baseline, from its ratio and the ratio's interval."""
    if low <= 1 <= high:
        return "tied with"
    return f"{times(1 / ratio)} as fast as" if ratio < 1 else f"{times(ratio)} as slow as"


@when_measured
def compare_to_baseline(results: dict, runtime: str, scenario: str) -> str:
    """Return a clause such as "ONNX Runtime is 1.2 times as fast as PyTorch"."""
    row = timed(results, runtime, scenario)
    if "ratio" not in row:
        return f"{RUNTIMES[runtime].title} takes {duration(row['median_s'])}"
    words = faster(row["ratio"], *row["ratio_ci95"])
    return f"{RUNTIMES[runtime].title} is {words} {RUNTIMES[row['baseline']].title}"


@when_measured
def headline(results: dict) -> str:
    """Return how much of the 2025 factor between PyTorch and ONNX Runtime is inference."""
    return (
        f"{factor.outside_share(results, 'pytorch'):.0%} of PyTorch's time behind the factor of "
        f"{factor.claimed_ratio('pytorch'):.0f} is not inference: the timers of 2025 differ by "
        f"{times(factor.protocol_ratio(results, 'pytorch'))} here, without what stood beside "
        f"PyTorch's forward pass by {times(factor.inference_ratio(results))}, and on the same "
        f"array {compare_to_baseline(results, 'onnxruntime', 'offline')}."
    )


@when_measured
def fastest(results: dict) -> str:
    """Return which runtime is fastest in each scenario, and what ties with it."""
    words = {"offline": "on the whole test set", "single_stream": "on a single image"}
    parts = []
    for scenario, where in words.items():
        rows = sorted(main_rows(results["latency"], scenario), key=lambda r: r["median_s"])
        if not rows:
            raise Missing(f"no times for {scenario}")
        best = rows[0]
        near = [
            RUNTIMES[row["runtime"]].title
            for row in rows[1:]
            if row["ci95_s"][0] <= best["ci95_s"][1]
        ]
        tied = f" (its interval meets that of {', '.join(near)})" if near else ""
        parts.append(f"{RUNTIMES[best['runtime']].title} is fastest {where}{tied}")
    return ", ".join(parts) + "."


@when_measured
def noise_floor(results: dict) -> str:
    """Return what the baseline gives beside itself, measured under two names (A/A)."""
    parts = []
    for row in results["noise_floor"]:
        if row["scenario"] == "sweep":
            continue
        low, high = row["ratio_ci95"]
        inside = "contains 1" if low <= 1 <= high else "does not contain 1: read ratios with care"
        parts.append(
            f"{row['scenario'].replace('_', '-')} {row['ratio']:.3f} ({low:.3f} to {high:.3f}, "
            f"which {inside})"
        )
    if not parts:
        raise Missing("the baseline was not measured twice")
    baseline = RUNTIMES[results["noise_floor"][0]["runtime"]].title
    return (
        f"The noise floor of this run is what {baseline} gives when it is measured a second time "
        f"under another name: {'; '.join(parts)}. No smaller difference means anything."
    )


@when_measured
def threads(results: dict) -> str:
    """Return what more threads gain the baseline, offline and with single images."""
    gains = []
    for scenario in ("offline", "single_stream"):
        most = timed(results, "pytorch", scenario)
        alone = one(results["latency"], runtime="pytorch", scenario=scenario, threads=1)
        gains.append(times(alone["median_s"] / most["median_s"]))
    return (
        f"With {most['threads']} threads instead of one PyTorch is {gains[0]} as fast on the whole "
        f"test set and {gains[1]} on a single image."
    )


def flags(results: dict) -> str:
    """Return how many of the rows carry which flag."""
    rows = results["latency"]
    counted = pd.Series([flag for row in rows for flag in row["flags"]], dtype=str).value_counts()
    if counted.empty:
        return f"None of the {len(rows)} rows is flagged."
    words = ", ".join(f"{flag}: {count}" for flag, count in counted.items())
    return f"Of {len(rows)} rows, these carry a flag: {words}."


def cold_start(results: dict) -> str:
    """Return how long PyTorch and ONNX Runtime take to their first answer."""
    seconds = {
        row["runtime"]: row["import_s"] + row["load_s"] + row["first_call_s"]
        for row in results["cold_start"]
    }
    first = [
        f"{RUNTIMES[name].title} gives its first answer after {duration(seconds[name])}"
        for name in sorted(seconds, key=seconds.get)
        if name in ("pytorch", "tf-function", "litert", "onnxruntime")
    ]
    return ", ".join(first) + "."


def dataset(results: dict) -> str:
    """Return what the choice of images limits."""
    source = results["run"]["dataset"]
    if source["name"] == "sample":
        return (
            f"A sample of {source['train']:,} training and {source['test']:,} test images, not the "
            "full MNIST: the accuracies are lower and less certain than on all of it."
        )
    return (
        f"The {source['test']:,} test images of MNIST, a few of whose labels are known to be wrong "
        "(Northcutt et al. 2021)."
    )
