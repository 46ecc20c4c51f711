"""The statistics of the raw times: medians and intervals over processes, ratios and verdicts."""

from collections.abc import Sequence

import numpy as np

from helpers.benchmark.runtimes import RUNTIMES, provider
from helpers.benchmark.timing import LEAST_REPEATED
from helpers.core import machine, results

# Below so many rounds the whole range holds the median in less than 95 of 100 cases.
LEAST_ROUNDS = 6
# A percentile needs enough calls beyond it to mean something.
PERCENTILES = {"p90_s": (90, 64), "p99_s": (99, 662)}
# What two rows share that can be compared.
CASE = ("scenario", "batch_size", "threads", "architecture")
OF_CELL = ("architecture", "precision", "file", "runtime", "threads", "again")

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
    rows = [results.main_row(found, name, "offline") for name in (slow, fast)]
    return _ratio_of(rows)


def timer_ratio(found: dict, slow: str, fast: str) -> dict:
    """Return {ratio, ratio_ci95, spread} of two timers of 2025, as `fair_ratio` does."""
    timers = [results.first(found["timers_2025"], runtime=name) for name in (slow, fast)]
    return _ratio_of(timers, "total_s")


def _ratio_of(rows: list[dict | None], key: str = "median_s") -> dict:
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
    """Return whether an accuracy is HIGHER or LOWER than another; neither where 0 is in `ci95`."""
    if ci95 is None:
        return RANGE_ONLY
    if ci95[0] <= 0 <= ci95[1]:
        return NO_CLEAR_DIFFERENCE
    return HIGHER if ci95[0] > 0 else LOWER


def tables(records: list[dict]) -> dict[str, list[dict]]:
    """Return the tables latency, noise_floor, start_up and failures from the records of `plan`."""
    by_cell: dict[tuple, dict[int, dict]] = {}
    measured = [record for record in records if "batches" in record]
    # Of the attempts of a round the one beside the quickest product comes last, and stays.
    for record in sorted(measured, key=lambda each: each["product_s"], reverse=True):
        by_cell.setdefault(_place(record), {})[record["round"]] = record
    cells, failures = [], _failures(records)
    for _, rounds in sorted(by_cell.items()):
        own = [rounds[number] for number in sorted(rounds)]
        repeated = max(record["repeated"] for record in own)
        if repeated >= LEAST_REPEATED:
            cells.append(own)
            continue
        reason = f"one image again and again takes {repeated:.2f} times as long as others"
        said = {"what": "refused", "reason": f"{reason}: it seems to keep its answers"}
        failures.append({"file": own[0]["file"], "runtime": own[0]["runtime"], **said})
    latency, floor = judged([row for own in cells for row in _rows(own)])
    start_up = [_start_up(own) for own in cells if own[0]["main"] and not own[0]["again"]]
    return {"latency": latency, "noise_floor": floor, "start_up": start_up, "failures": failures}


def _place(record: dict) -> tuple:
    """Return what tells a cell from others, in the order of the tables: that of the runtimes."""
    runtime = list(RUNTIMES).index(record["runtime"])
    return runtime, record["file"], -record["threads"], record["again"]


def _failures(records: list[dict]) -> list[dict]:
    """Return a row of `failures` for each file, runtime and reason."""
    rows = [
        {"file": record["file"], "runtime": record["runtime"], "what": what, "reason": record[what]}
        for record in records
        for what in ("failed", "refused", "left out")
        if what in record
    ]
    return [row for place, row in enumerate(rows) if row not in rows[:place]]


def _rows(records: list[dict]) -> list[dict]:
    """Return a row for each batch size of a cell, from its records: one a round."""
    first, rows = records[0], []
    for place, batch in enumerate(first["batches"]):
        timed = [record["batches"][place] for record in records]
        medians_s = [float(np.median(each["block_s"])) for each in timed]
        rounds = [
            {"round": record["round"], "median_s": median_s}
            for record, median_s in zip(records, medians_s, strict=True)
        ]
        calls_s = np.concatenate([each["call_s"] for each in timed])
        rows.append(
            {
                **{name: first[name] for name in OF_CELL},
                **{name: batch[name] for name in ("scenario", "batch_size")},
                "rounds": rounds,
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


def judged(rows: list[dict]) -> tuple[list[dict], list[dict]]:
    """Return the rows of `latency`, with ratio and verdict, and of `noise_floor`."""
    floor, latency = [], []
    once = results.where(rows, again=False)
    for row in results.where(rows, again=True):
        first = results.first(once, **{name: row[name] for name in ("file", "runtime", *CASE)})
        ratio = ratio_by_rounds(row["rounds"], first["rounds"] if first else [])
        case = {name: row[name] for name in ("runtime", "scenario", "batch_size", "rounds")}
        floor.append({**case, **ratio})
    for row in once:
        case = {name: row[name] for name in CASE} | {"precision": "float32"}
        unit = results.first(once, runtime="pytorch", **case)
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
    started = [record["start_up"] for record in records]
    taken = {key: float(np.median([each[key] for each in started])) for key in started[0]}
    taken["peak_rss_bytes"] = int(taken["peak_rss_bytes"])
    return {"runtime": name, **taken, "installed_bytes": machine.install_bytes(provider(name))}
