"""The statistics of the raw times: medians and intervals over processes, ratios and verdicts."""

from collections.abc import Sequence

import numpy as np

from helpers.benchmark.runtimes import RUNTIMES
from helpers.benchmark.timing import LEAST_REPEATED
from helpers.core import provenance, results, stack

# The runtime whose time is the unit.
BASELINE = "pytorch"
# Below so many rounds the whole range holds the median in less than 95 of 100 cases.
LEAST_ROUNDS = 6
# A percentile needs enough calls beyond it to mean something.
PERCENTILES = {"p90_s": (90, 64), "p99_s": (99, 662)}
# What tells one cell from another, and what two rows share that can be compared.
CELL = ("file", "runtime", "threads", "again")
CASE = ("scenario", "batch_size", "threads", "architecture")

# The verdicts of results.json.
FASTER, SLOWER, HIGHER, LOWER = "faster", "slower", "higher", "lower"
NO_CLEAR_DIFFERENCE, RANGE_ONLY = "no clear difference", "range only"


def interval_of(values: Sequence[float]) -> list[float] | None:
    """Return the 95 % interval of the median of `values`, one a process or round.

    None below LEAST_ROUNDS. Its ends are order statistics, as in the sign test (Hahn & Meeker,
    1991): it holds however processes are distributed, and a single slow one does not widen it.
    """
    if len(values) < LEAST_ROUNDS:
        return None
    from scipy.stats import quantile_test  # the notebooks that measure nothing do without

    return [float(end) for end in quantile_test(values, p=0.5).confidence_interval(0.95)]


def spread_of(values: Sequence[float]) -> list[float] | None:
    """Return the interval of the median of `values`, below six their least and largest."""
    return interval_of(values) or ([float(min(values)), float(max(values))] if values else None)


def ratios_within(rounds: list[dict], others: list[dict], key: str = "median_s") -> list[float]:
    """Return the ratios of {round, `key`} within the rounds that both were measured in."""
    other_s = {each["round"]: each[key] for each in others}
    return [each[key] / other_s[each["round"]] for each in rounds if each["round"] in other_s]


def ratio_by_rounds(rounds: list[dict], others: list[dict], key: str = "median_s") -> dict:
    """Return {ratio, ratio_ci95}: a time in units of another, from {round, `key`} of both.

    The ratio is the median of the ratios within rounds, because a slow minute slows the whole
    round; its interval is that of their order statistics, so it holds the ratio. Without a common
    round both are None, below six the interval is.
    """
    ratios = ratios_within(rounds, others, key)
    ratio = float(np.median(ratios)) if ratios else None
    return {"ratio": ratio, "ratio_ci95": interval_of(ratios)}


def fair_ratio(found: dict, slow: str, fast: str) -> dict:
    """Return {ratio, ratio_ci95, spread} of two runtimes' times for all images.

    `spread` is the interval, below six rounds the range. All are None where one was not measured.
    """
    return _ratio_of(
        [results.main_row(found, name, "offline") for name in (slow, fast)], "median_s"
    )


def timer_ratio(found: dict, slow: str, fast: str) -> dict:
    """Return {ratio, ratio_ci95, spread} of two timers of 2025, as `fair_ratio` does."""
    timers = [results.first(found["timers_2025"], runtime=name) for name in (slow, fast)]
    return _ratio_of(timers, "total_s")


def _ratio_of(rows: list[dict | None], key: str) -> dict:
    pair = [row["rounds"] if row else [] for row in rows]
    return {**ratio_by_rounds(*pair, key), "spread": spread_of(ratios_within(*pair, key))}


def largest_noise(floor: list[dict]) -> float:
    """Return the largest factor that the intervals of these A/A ratios reach; 1 without any."""
    ends = [end for row in floor if row["ratio_ci95"] for end in row["ratio_ci95"]]
    return max((max(end, 1 / end) for end in ends), default=1)


def verdict_on_time(ratio: float | None, ci95: list[float] | None, noise: float = 1) -> str:
    """Return whether a time is FASTER or SLOWER than another, from their ratio and its interval.

    It is neither where the interval holds 1, or where the ratio is within `noise` of 1, the largest
    factor that a runtime gives beside itself (A/A).
    """
    if ci95 is None:
        return RANGE_ONLY
    if ci95[0] <= 1 <= ci95[1] or 1 / noise <= ratio <= noise:
        return NO_CLEAR_DIFFERENCE
    return FASTER if ratio < 1 else SLOWER


def verdict_on_accuracy(ci95: list[float] | None) -> str:
    """Return whether an accuracy is HIGHER or LOWER than another, from their difference's interval.

    It is neither where the interval holds 0.
    """
    if ci95 is None:
        return RANGE_ONLY
    if ci95[0] <= 0 <= ci95[1]:
        return NO_CLEAR_DIFFERENCE
    return HIGHER if ci95[0] > 0 else LOWER


def tables(records: list[dict]) -> dict[str, list[dict]]:
    """Return the tables latency, noise_floor, start_up and failures from the records of `plan`."""
    used, failures = _calmest(records), _failures(records)
    by_cell: dict[tuple, list[dict]] = {}
    for record in sorted(used, key=_place):
        by_cell.setdefault(tuple(record[name] for name in CELL), []).append(record)
    rows: list[dict] = []
    start_up: list[dict] = []
    for own in by_cell.values():
        repeated = max(record["repeated"] for record in own)
        if repeated < LEAST_REPEATED:
            reason = f"one image again and again takes {repeated:.2f} times as long as others"
            said = {"what": "refused", "reason": f"{reason}: it seems to keep its answers"}
            failures.append({"file": own[0]["file"], "runtime": own[0]["runtime"], **said})
            continue
        rows += _rows(own)
        if own[0]["main"] and not own[0]["again"]:
            start_up.append(_start_up(own))
    latency, floor = _judged(rows)
    return {"latency": latency, "noise_floor": floor, "start_up": start_up, "failures": failures}


def _place(record: dict) -> tuple:
    """Return where a cell stands in the tables: in the order of the runtimes, not of a round."""
    return list(RUNTIMES).index(record["runtime"]), record["file"], -record["threads"]


def _calmest(records: list[dict]) -> list[dict]:
    """Return one measured record a cell and round: the attempt beside the quickest product."""
    best: dict[tuple, dict] = {}
    for record in records:
        if "batches" in record:
            key = (*(record[name] for name in CELL), record["round"])
            best[key] = min(best.get(key, record), record, key=lambda each: each["product_s"])
    return sorted(best.values(), key=lambda record: record["round"])


def _failures(records: list[dict]) -> list[dict]:
    """Return a row of `failures` for each file, runtime and reason."""
    rows = []
    for record in records:
        for what in ("failed", "refused", "left_out"):
            if what in record:
                case = {"file": record["file"], "runtime": record["runtime"]}
                rows.append({**case, "what": what.replace("_", " "), "reason": record[what]})
    return [row for place, row in enumerate(rows) if row not in rows[:place]]


def _rows(records: list[dict]) -> list[dict]:
    """Return a row for each batch size of a cell, from its records: one a round."""
    first, rows = records[0], []
    for place, batch in enumerate(first["batches"]):
        timed = [record["batches"][place] for record in records]
        medians_s = [float(np.median(each["block_s"])) for each in timed]
        rounds = [record["round"] for record in records]
        calls_s = np.concatenate([each["call_s"] for each in timed])
        rows.append(
            {
                **{name: first[name] for name in ("architecture", "precision", "again")},
                **{name: first[name] for name in ("file", "runtime", "threads")},
                **{name: batch[name] for name in ("scenario", "batch_size")},
                "rounds": [
                    {"round": number, "median_s": median_s}
                    for number, median_s in zip(rounds, medians_s, strict=True)
                ],
                "median_s": float(np.median(medians_s)),
                "ci95_s": interval_of(medians_s),
                **{
                    name: float(np.percentile(calls_s, percent)) if len(calls_s) >= least else None
                    for name, (percent, least) in PERCENTILES.items()
                },
                "cpu_per_wall": float(np.mean([each["cpu_per_wall"] for each in timed])),
            }
        )
    return rows


def _judged(rows: list[dict]) -> tuple[list[dict], list[dict]]:
    """Return the rows of `latency`, with ratio and verdict, and of `noise_floor`."""
    floor, latency = [], []
    once = [row for row in rows if not row["again"]]
    for row in rows:
        if row["again"]:
            case = {name: row[name] for name in ("file", "runtime", *CASE)}
            first = results.first(once, **case)
            ratio = ratio_by_rounds(row["rounds"], first["rounds"] if first else [])
            case = {name: row[name] for name in ("runtime", "scenario", "batch_size", "rounds")}
            floor.append({**case, **ratio})
    for row in once:
        case = {name: row[name] for name in CASE}
        unit = results.first(once, runtime=BASELINE, precision="float32", **case)
        ratio = ratio_by_rounds(row["rounds"], unit["rounds"] if unit else [])
        case = {name: row[name] for name in ("scenario", "batch_size")}
        noise = largest_noise(results.where(floor, **case))
        judged = row is not unit and ratio["ratio"] is not None
        verdict = verdict_on_time(*ratio.values(), noise) if judged else None
        own = {k: v for k, v in row.items() if k not in ("architecture", "precision", "again")}
        latency.append({**own, **ratio, "verdict": verdict})
    return latency, floor


def _start_up(records: list[dict]) -> dict:
    """Return the row of `start_up` of a runtime: medians over its processes, and its size."""
    name = records[0]["runtime"]
    taken = {
        key: float(np.median([record["start_up"][key] for record in records]))
        for key in ("import_s", "load_s", "first_call_s")
    }
    memory = int(np.median([record["start_up"]["peak_rss_bytes"] for record in records]))
    installed = provenance.install_bytes(stack.provider(RUNTIMES[name].package))
    return {"runtime": name, **taken, "peak_rss_bytes": memory, "installed_bytes": installed}
