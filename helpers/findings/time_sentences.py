"""Sentences about times: over the runtimes that were measured, in units of the baseline's time."""

import itertools
from collections.abc import Iterable

import pandas as pd

from helpers.benchmark.plan import BASELINE
from helpers.benchmark.runtimes import RUNTIMES
from helpers.benchmark.statistics import APART, LEAST_PROCESSES, NOISE, TIED, Ratio, compared
from helpers.core.old_results import (
    main_rows,
    where,
    with_most_threads,
)
from helpers.core.units import counted, ends, ratio, times
from helpers.findings import time_claims
from helpers.findings.ratios import bounds

PLACES = {"offline": "on the whole test set", "single_stream": "on a single image"}
NONE_MEASURED = "No runtime was measured."
DEPLOYED = ("litert", "onnxruntime")


def listed(parts: Iterable[str]) -> str:
    """Return clauses as one: "a, b and c"."""
    *before, last = parts
    return f"{', '.join(before)} and {last}" if before else last


def between(found: Ratio, dash: str = " to ") -> str:
    """Return how sure a ratio is, in brackets: its interval, or its range and of how many rounds.

    "" where the two times share no round.
    """
    if found.ends is None:
        return ""
    if found.rounds == 1:
        return "(1 process)"
    over = "" if found.ci95 else f" over {counted(found.rounds, 'process')}"
    return f"({dash.join(ends(found.value, found.ends))}{over})"


def faster(found: Ratio, other: str) -> str:
    """Return how a time compares with that of `other`, with its interval or range in brackets."""
    if found.verdict != APART:
        words = {TIED: "tied with", NOISE: "within the noise of"}
        verdict = words.get(found.verdict, "not told apart from")
        return f"{verdict} {other} {between(found)}".strip()
    if times(max(found.value, 1 / found.value)) == times(1):
        hardly = "hardly faster than" if found.value < 1 else "hardly slower than"
        return f"{hardly} {other} {between(found)}".strip()
    how, shown = ("fast", found.inverse()) if found.value < 1 else ("slow", found)
    return f"{longer(shown)} as {how} as {other} {between(shown)}".strip()


def longer(found: Ratio) -> str:
    """Return a ratio as "2.5 times", in the digits that its interval or range supports."""
    return times(found.value, found.ends if found.rounds > 1 else None)


def unit(latency: list[dict]) -> str:
    """Return what the ratios of latency rows are in units of, and how to read their brackets."""
    title, ratios = RUNTIMES[BASELINE].title, [row for row in latency if row["ratio"] is not None]
    if not ratios:
        return f"There is no ratio: {title} was not measured."
    words = [f"The unit of the ratios is {title}'s time in the same scenario with as many threads."]
    if any(row["ratio_ci95"] for row in ratios):
        words.append(
            "The brackets hold the 95 % interval of a ratio, from the ratios within each round. "
            "Where it contains 1, the two are tied."
        )
    if not all(row["ratio_ci95"] for row in ratios):
        words.append(
            f"It takes {counted(LEAST_PROCESSES, 'process')} to give an interval. With fewer the "
            "brackets hold the lowest and the highest ratio of any round. Where 1 lies between "
            "them, the two are not told apart."
        )
    if any(row["smallest_ratio"] for row in ratios):
        words.append(
            "A difference no larger than what a runtime shows beside itself (A/A) is within the "
            "noise."
        )
    return " ".join(words)


def comparison(results: dict, *scenarios: str) -> str:
    """Return how LiteRT and ONNX Runtime compare with the baseline, a sentence a scenario."""
    said = []
    for scenario in scenarios:
        rows = in_order(main_rows(results["latency"], scenario))
        clauses = [
            f"{RUNTIMES[row['runtime']].title} is "
            f"{faster(Ratio.of(row), RUNTIMES[row['baseline']].title)}"
            for row in rows
            if row["runtime"] in DEPLOYED and row["runtime"] != row["baseline"] and row["ratio"]
        ]
        if clauses:
            place = PLACES[scenario]
            said.append(f"{place[0].upper()}{place[1:]} {listed(clauses)}.")
    return " ".join(said) or NONE_MEASURED


def in_order(rows: list[dict]) -> list[dict]:
    """Return rows in the order of the runtimes' classes."""
    return sorted(rows, key=lambda row: list(RUNTIMES).index(row["runtime"]))


def order(results: dict) -> str:
    """Return whether two runtimes change places between one image and all, beyond the noise."""
    offline, single = (
        {row["runtime"]: row for row in main_rows(results["latency"], name)} for name in PLACES
    )
    names = [name for name in offline if name in single]
    if any(len(offline[name]["process_rounds"]) < 2 for name in names):  # shows no spread
        return ""
    changed: dict[float, str] = {}
    for pair in itertools.combinations(names, 2):
        # The quicker with all images first.
        first, second = sorted(pair, key=lambda name: offline[name]["median_s"])
        ratios = [compared(rows[second], rows[first]) for rows in (offline, single)]
        if all(r.verdict == APART for r in ratios) and ratios[0].value > 1 > ratios[1].value:
            titles = RUNTIMES[first].title, RUNTIMES[second].title
            changed[ratios[0].value / ratios[1].value] = (
                f"{titles[0]} is faster than {titles[1]} on the whole test set and slower on a "
                "single image"
            )
    if not changed:
        return "No two runtimes change places between the whole test set and a single image."
    return f"The order depends on the batch size: {changed[max(changed)]}."


def fastest(results: dict) -> str:
    """Return which runtime is fastest in each scenario, and which are not told apart from it."""
    parts = []
    for scenario, place in PLACES.items():
        rows = sorted(main_rows(results["latency"], scenario), key=lambda r: r["median_s"])
        if not rows:
            return NONE_MEASURED
        best, title = rows[0], RUNTIMES[rows[0]["runtime"]].title
        near = [RUNTIMES[row["runtime"]].title for row in not_told_apart(rows)]
        tied = f" (not told apart from {listed(near)})" if near else ""
        if len(best["process_rounds"]) < 2:
            tied = " (1 process)"
        parts.append(f"{title} is fastest {place}{tied}")
    return f"{', '.join(parts)}."


def not_told_apart(rows: list[dict]) -> list[dict]:
    """Return the rows after the first whose time does not differ from it beyond the noise."""
    best, *others = rows
    return [row for row in others if compared(row, best).verdict != APART]


def noise_floor(results: dict) -> str:
    """Return what runtimes give beside themselves, measured under two names (A/A)."""
    sentences = []
    for scenario, place in PLACES.items():
        rows = [row for row in results["noise_floor"] if row["scenario"] == scenario]
        found = [row for row in rows if row["ratio"] is not None]
        if not found:
            continue
        beside = [
            f"{RUNTIMES[row['runtime']].title}'s two times have a ratio of {ratio(row['ratio'])} "
            f"{between(Ratio.of(row))}".strip()
            for row in found
        ]
        sentences.append(f"{place[0].upper()}{place[1:]} {listed(beside)}.")
        sentences += [
            f"The interval of {RUNTIMES[row['runtime']].title} does not contain 1: read the ratios "
            "with care."
            for row in found
            if row["ratio_ci95"] and not row["ratio_ci95"][0] <= 1 <= row["ratio_ci95"][1]
        ]
        floors = [row["smallest_ratio"] for row in found if row["smallest_ratio"]]
        if floors:
            sentences.append(f"There a factor below {ratio(max(floors))} is no finding.")
    if not sentences:
        return "No runtime was measured under two names, so the noise floor is not known."
    return (
        "The noise floor is what a runtime gives when it is measured a second time under another "
        f"name. {' '.join(sentences)}"
    )


def threads(results: dict) -> str:
    """Return what more threads gain PyTorch; "" where it was timed with one number of them."""
    gains, title = [], RUNTIMES["pytorch"].title
    for scenario, place in PLACES.items():
        main = where(results["latency"], main=True, scenario=scenario, runtime="pytorch")
        rows = sorted(main, key=lambda row: row["threads"])
        if len(rows) > 1:
            gains.append(f"{faster(compared(rows[-1], rows[0]), f'{title} with one')} {place}")
            most = rows[-1]["threads"]
    return f"{title} with {most} threads is {listed(gains)}." if gains else ""


def flags(results: dict) -> str:
    """Return how many of the rows carry which flag."""
    rows = results["latency"]
    found = pd.Series([flag for row in rows for flag in row["flags"]], dtype=str).value_counts()
    if found.empty:
        return f"None of {counted(len(rows), 'row')} is flagged."
    words = ", ".join(f"{flag}: {count}" for flag, count in found.items())
    return f"Flags among {counted(len(rows), 'row')}: {words}."


def batch_swept(latency: list[dict]) -> dict[str, list[dict]]:
    """Return the rows over the batch size by network: float32, in its own framework's runtimes."""
    found: dict[str, list[dict]] = {}
    for row in where(with_most_threads(latency), precision="float32"):
        if row["framework"] == RUNTIMES[row["runtime"]].framework:
            found.setdefault(row["architecture"], []).append(row)
    return found


def best_batches(latency: list[dict]) -> list[tuple[dict, dict]]:
    """Return each network's runtimes at their best batch size, each beside its offline row."""
    found = []
    for rows in batch_swept(latency).values():
        for offline in in_order(where(rows, scenario="offline")):
            own = where(rows, runtime=offline["runtime"])
            found.append((max(own, key=lambda row: row["images_per_s"]), offline))
    return found


def best_batch(results: dict) -> str:
    """Return which runtime gains most from a batch smaller than all images, a sentence a network.

    A gain counts where the spreads of the two times over the processes do not meet; of a network
    that was timed in fewer than time_claims.LEAST_PROCESSES nothing is said.
    """
    found: dict[str, list[tuple[dict, dict]]] = {}
    for best, offline in best_batches(results["latency"]):
        if min(best["processes"], offline["processes"]) < time_claims.LEAST_PROCESSES:
            continue
        pairs = found.setdefault(best["architecture"], [])
        (_, slowest_s), (fastest_s, _) = bounds(best), bounds(offline)
        if slowest_s / best["batch_size"] < fastest_s / offline["batch_size"]:
            pairs.append((best, offline))
    return " ".join(_gain(network, pairs) for network, pairs in found.items())


def _gain(network: str, pairs: list[tuple[dict, dict]]) -> str:
    if not pairs:
        return f"With the {network} no batch size is clearly better than all images in one call."
    best, offline = max(pairs, key=lambda pair: pair[0]["images_per_s"] / pair[1]["images_per_s"])
    return (
        f"With the {network} {RUNTIMES[best['runtime']].title} gains most from smaller calls: in "
        f"calls of {best['batch_size']:,} it computes "
        f"{times(best['images_per_s'] / offline['images_per_s'])} as many images a second as with "
        "all in one."
    )


def company(results: dict) -> str:
    """Return whether an 8-bit file answers an image differently beside other images."""
    rows = [row for row in results["latency"] if row["precision"] in ("dynamic", "int8")]
    said = []
    changing = [r for r in rows if r["precision"] in RUNTIMES[r["runtime"]].company_counts]
    if changing:
        most = max(changing, key=lambda row: row["timed_logit_difference"])
        title = RUNTIMES[most["runtime"]].title
        said.append(
            f"{title} takes the range of the 8 bits of a dynamic file over all images of a call, "
            "so an image's logits depend on the others in it. In a smaller call they differed by "
            f"up to {most['timed_logit_difference']:.2g} from those in one call with all."
        )
    if len(changing) < len(rows):
        which = "Every other" if changing else "Every"
        said.append(f"{which} timed file of 8 bits gave the same logits in calls of any size.")
    return " ".join(said)
