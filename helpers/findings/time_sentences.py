"""Sentences about times: over the runtimes that were measured, in units of the baseline's time."""

from collections.abc import Iterable

import pandas as pd

from helpers.benchmark.runtimes import RUNTIMES
from helpers.core.results import (
    main_architecture,
    main_rows,
    one,
    timed,
    when_measured,
    where,
    with_most_threads,
)
from helpers.core.units import counted, duration, ratio, times
from helpers.findings import report_2025
from helpers.findings.verdicts import EXPLAINED, measured

PLACES = {"offline": "on the whole test set", "single_stream": "on a single image"}
NONE_MEASURED = "No runtime was measured."


def listed(parts: Iterable[str]) -> str:
    """Return clauses as one: "a, b and c"."""
    *before, last = parts
    return f"{', '.join(before)} and {last}" if before else last


def faster(ratio: float, low: float, high: float) -> str:
    """Return how a time compares with another, from their ratio and the ratio's interval."""
    if low <= 1 <= high:
        return "tied with"
    if times(max(ratio, 1 / ratio)) == times(1):
        return "hardly faster than" if ratio < 1 else "hardly slower than"
    if ratio < 1:
        return f"{times(1 / ratio, (1 / high, 1 / low))} as fast as"
    return f"{times(ratio, (low, high))} as slow as"


def unit(latency: list[dict], baseline: str) -> str:
    """Return what the ratios of latency rows are in units of, and whether there are any."""
    if not latency:
        return NONE_MEASURED
    title, ratios = RUNTIMES[baseline].title, [row["ratio"] is not None for row in latency]
    if not any(ratios):
        return f"There is no ratio: {title} was not measured."
    words = f"The unit of the ratios is {title}'s time in the same scenario with as many threads"
    if not all(ratios):
        words += f", and a row without a ratio is a case in which {title} was not timed"
    return f"{words}. Where the interval of a ratio contains 1, the two are tied."


def comparison(results: dict, *scenarios: str) -> str:
    """Return how the runtimes made for deployment compare with the baseline, a sentence each.

    Those are the ones that time every exported file; all others are compared where none of them
    was measured.
    """
    said = [_compared(main_rows(results["latency"], name), PLACES[name]) for name in scenarios]
    return " ".join(filter(None, said)) or NONE_MEASURED


def _compared(rows: list[dict], place: str) -> str:
    others = [row for row in rows if row["runtime"] != row["baseline"]]
    deployed = [row for row in others if _reads_every_export(row["runtime"])]
    clauses = [_beside_baseline(row) for row in in_order(deployed or others or rows)]
    return f"{place[0].upper()}{place[1:]} {listed(clauses)}." if clauses else ""


def in_order(rows: list[dict]) -> list[dict]:
    """Return rows in the order of the runtimes' classes."""
    return sorted(rows, key=lambda row: list(RUNTIMES).index(row["runtime"]))


def _reads_every_export(runtime: str) -> bool:
    return RUNTIMES[runtime].every_file and RUNTIMES[runtime].suffix in (".tflite", ".onnx")


def _beside_baseline(row: dict) -> str:
    title, baseline = RUNTIMES[row["runtime"]].title, row["baseline"]
    if baseline in (None, row["runtime"]):
        return f"{title} takes {duration(row['median_s'])}"
    return f"{title} is {faster(row['ratio'], *row['ratio_ci95'])} {RUNTIMES[baseline].title}"


def order(results: dict) -> str:
    """Return whether the runtimes stand in the same order on one image and on all."""
    orders = []
    for scenario in PLACES:
        rows = sorted(main_rows(results["latency"], scenario), key=lambda row: row["median_s"])
        orders.append([row["runtime"] for row in rows])
    if len(orders[0]) < 2:
        return ""
    if orders[0] == orders[1]:
        return "The order of the runtimes is the same on all test images and on one."
    return "The order depends on the batch size, so one number cannot rank the runtimes."


@when_measured
def headline(results: dict) -> str:
    """Return how much of the 2025 factor between PyTorch and ONNX Runtime is inference."""
    outside = report_2025.outside_share(results, "pytorch")
    claimed = report_2025.claimed_ratio("pytorch")
    timers = times(report_2025.protocol_ratio(results, "pytorch"))
    inference = times(report_2025.inference_ratio(results))
    fair = on_the_same_array(results)
    return (
        f"{outside:.0%} of PyTorch's time behind the factor of {claimed:.0f} is not inference: the "
        f"timers of 2025 differ by {timers} here, without what stood beside PyTorch's forward pass "
        f"by {inference}{f', and on the same array {fair}' if fair else ''}."
    )


@when_measured
def on_the_same_array(results: dict) -> str:
    """Return how ONNX Runtime compares with PyTorch offline, whichever of them is the unit."""
    measured("pytorch", "onnxruntime")(results)
    pytorch, onnx = (timed(results, name, "offline") for name in ("pytorch", "onnxruntime"))
    found = _ratio(onnx, pytorch)
    return f"{RUNTIMES['onnxruntime'].title} is {faster(*found)} {RUNTIMES['pytorch'].title}"


def _ratio(row: dict, other: dict) -> tuple[float, float, float]:
    """Return the ratio of two times and its interval; it is too wide where neither is the unit."""
    if row["baseline"] == other["runtime"]:
        return row["ratio"], *row["ratio_ci95"]
    if other["baseline"] == row["runtime"]:
        low, high = other["ratio_ci95"]
        return 1 / other["ratio"], 1 / high, 1 / low
    (low, high), (least, most) = row["ci95_s"], other["ci95_s"]
    return row["median_s"] / other["median_s"], low / most, high / least


@when_measured
def artefact(results: dict) -> str:
    """Return whether what stood inside the timers made the headline of 2025."""
    claim = one(results["claims"], id="onnxruntime-faster-than-pytorch")
    if claim["verdict"] != EXPLAINED:
        return ""
    return "The headline of 2025 was an artefact of what stood inside the timer."


def fastest(results: dict) -> str:
    """Return which runtime is fastest in each scenario, and what ties with it."""
    parts, alone = [], []
    for scenario, place in PLACES.items():
        rows = sorted(main_rows(results["latency"], scenario), key=lambda r: r["median_s"])
        if not rows:
            return NONE_MEASURED
        best, title = rows[0], RUNTIMES[rows[0]["runtime"]].title
        near = [
            RUNTIMES[row["runtime"]].title
            for row in rows[1:]
            if row["ci95_s"][0] <= best["ci95_s"][1]
        ]
        tied = f" (its interval meets that of {', '.join(near)})" if near else ""
        parts.append(f"{title} is fastest {place}{tied}")
        alone.append(f"{duration(best['median_s'])} {place}")
    if len(rows) == 1:
        return f"{title}, the only runtime measured, takes {listed(alone)}."
    return f"{', '.join(parts)}."


def noise_floor(results: dict) -> str:
    """Return what the baseline gives beside itself, measured under two names (A/A)."""
    rows = [row for row in results["noise_floor"] if row["ratio"] is not None]
    parts = []
    for row in rows:
        if row["scenario"] == "sweep":
            continue
        low, high = row["ratio_ci95"]
        inside = "contains 1" if low <= 1 <= high else "does not contain 1: read ratios with care"
        parts.append(
            f"{row['scenario'].replace('_', '-')} {row['ratio']:.3f} ({low:.3f} to {high:.3f}, "
            f"which {inside})"
        )
    if not parts:
        return "No runtime was measured under two names, so the noise floor is not known."
    return (
        f"The noise floor here is what {RUNTIMES[rows[0]['runtime']].title} gives when it is "
        f"measured a second time under another name: {'; '.join(parts)}. No smaller difference "
        "means anything."
    )


def threads(results: dict) -> str:
    """Return what more threads gain a runtime: the baseline, else the first timed with both."""
    latency = results["latency"]
    most = max((row["threads"] for row in latency), default=1)
    both = [r for r in in_order(main_rows(latency, "offline")) if most > 1 and _alone(latency, r)]
    if not both:
        return ""
    runtime = next((r for r in both if r["runtime"] == r["baseline"]), both[0])["runtime"]
    rows = [timed(results, runtime, scenario) for scenario in PLACES]
    gains = [times(_alone(latency, row)["median_s"] / row["median_s"]) for row in rows]
    return (
        f"With {most} threads instead of one {RUNTIMES[runtime].title} is {gains[0]} as fast on "
        f"the whole test set and {gains[1]} on a single image."
    )


def _alone(latency: list[dict], row: dict) -> dict | None:
    same = {key: row[key] for key in ("model", "runtime", "scenario", "batch_size")}
    return next(iter(where(latency, threads=1, **same)), None)


def flags(results: dict) -> str:
    """Return how many of the rows carry which flag."""
    rows = results["latency"]
    if not rows:
        return ""
    found = pd.Series([flag for row in rows for flag in row["flags"]], dtype=str).value_counts()
    if found.empty:
        return f"None of {counted(len(rows), 'row')} is flagged."
    words = ", ".join(f"{flag}: {count}" for flag, count in found.items())
    return f"Flags among {counted(len(rows), 'row')}: {words}."


def cold_start(results: dict) -> str:
    """Return how long a program takes to its first answer, by the runtimes that time every file.

    All others are told where none of those was measured.
    """
    rows = results["cold_start"]
    every = [row for row in rows if RUNTIMES[row["runtime"]].every_file]
    seconds = {RUNTIMES[row["runtime"]].title: row["first_answer_s"] for row in every or rows}
    if not seconds:
        return ""
    first, *others = sorted(seconds, key=seconds.get)
    words = f"with {first} a program gives its first answer after {duration(seconds[first])}"
    clauses = [f"with {name} after {duration(seconds[name])}" for name in others]
    return (
        f"From its start, {listed([words, *clauses])}. The files of the frameworks were in memory "
        "by then: from the disk it takes longer."
    )


def swept(latency: list[dict]) -> dict[str, list[dict]]:
    """Return the rows over the batch size by network: float32, in its own framework's runtimes."""
    found: dict[str, list[dict]] = {}
    for row in where(with_most_threads(latency), precision="float32"):
        if row["framework"] == RUNTIMES[row["runtime"]].framework:
            found.setdefault(row["architecture"], []).append(row)
    return found


def best_batches(latency: list[dict]) -> list[tuple[dict, dict]]:
    """Return each network's runtimes at their best batch size, each beside its offline row."""
    found = []
    for rows in swept(latency).values():
        for offline in in_order(where(rows, scenario="offline")):
            own = where(rows, runtime=offline["runtime"])
            found.append((max(own, key=lambda row: row["images_per_s"]), offline))
    return found


def best_batch(results: dict) -> str:
    """Return which runtime gains most from a batch smaller than all images, a sentence a network.

    A gain counts where the spreads of the two times over the processes do not meet.
    """
    found: dict[str, list[tuple[dict, dict]]] = {}
    for best, offline in best_batches(results["latency"]):
        pairs = found.setdefault(best["architecture"], [])
        if _slowest_s(best) < _fastest_s(offline):
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


def _slowest_s(row: dict) -> float:
    return (row["ci95_s"] or row["range_s"])[1] / row["batch_size"]


def _fastest_s(row: dict) -> float:
    return (row["ci95_s"] or row["range_s"])[0] / row["batch_size"]


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


def cross_sentence(results: dict) -> str:
    """Return by how much other weights and another runtime change the main network's time."""
    network = main_architecture(results["models"])
    case = {"scenario": "offline", "precision": "float32", "architecture": network}
    by_runtime: dict[str, list[float]] = {}
    for row in where(with_most_threads(results["latency"]), **case):
        if RUNTIMES[row["runtime"]].every_file:
            by_runtime.setdefault(row["runtime"], []).append(row["median_s"])
    if not by_runtime:
        return "None of the runtimes that time every file was measured."
    pairs = [max(found) / min(found) for found in by_runtime.values() if len(found) > 1]
    if not pairs:
        return "The weights of only one framework were timed in any runtime."
    words = (
        f"With the {network} offline, other weights change a runtime's time by a factor of at most "
        f"{ratio(max(pairs))}"
    )
    if len(by_runtime) > 1:
        medians = [sum(found) / len(found) for found in by_runtime.values()]
        words += f", another runtime by up to {ratio(max(medians) / min(medians))}"
    return f"{words}."
