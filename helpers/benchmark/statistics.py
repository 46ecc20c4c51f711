"""The statistics of the raw times: medians and intervals over processes, and ratios."""

import functools

import numpy as np

from helpers.benchmark.noise import DISTURBED_CORES, disturbed, quiet_passes, usual_paces_s
from helpers.benchmark.plan import BASELINE, outcome
from helpers.core import results

# With fewer processes even their whole range holds the median in less than 95 of 100 cases.
LEAST_PROCESSES = 6
# A percentile needs enough calls beyond it to mean something.
PERCENTILES = {"p90_s": (90, 64), "p99_s": (99, 662)}

# What tells one cell from another in the records, and what two rows share that can be compared.
CELL = ("threads", "architecture", "model", "runtime", "again")
CASE = ("scenario", "batch_size", "threads", "architecture")

# The verdicts of results.json.
FASTER, SLOWER, HIGHER, LOWER = "faster", "slower", "higher", "lower"
NO_CLEAR_DIFFERENCE, RANGE_ONLY = "no clear difference", "range only"

Key = tuple  # scenario, batch_size, threads, architecture, model, runtime, again


def interval_of(values: list[float]) -> list[float] | None:
    """Return the 95 % interval of the median of `values`, one a process or round.

    None below LEAST_PROCESSES. Its ends are order statistics, as in the sign test (Hahn & Meeker
    1991; scipy.stats.quantile_test gives the same), so it holds however the processes are
    distributed, and a single slow process does not widen it.
    """
    place, ordered = _place(len(values)), sorted(values)
    return [float(ordered[place - 1]), float(ordered[-place])] if place else None


@functools.cache
def _place(count: int) -> int:
    """Return which of so many values, counted from either end, bounds their median; 0 for none."""
    from scipy.stats import binom  # the notebooks that measure nothing do without

    return int(binom.ppf(0.025, count, 0.5))


def range_of(values: list[float]) -> list[float]:
    """Return the least and the largest of `values`."""
    return [float(min(values)), float(max(values))]


def ratio_by_rounds(rounds: list[dict], others: list[dict], key: str = "median_s") -> dict:
    """Return {ratio, ratio_ci95}: a time in units of another, from {round, `key`} of both.

    The ratio is the median of the ratios within the rounds that both were measured in, because a
    slow minute slows the whole round; its interval is that of their order statistics, so it holds
    the ratio. Without a common round both are None, below six the interval is.
    """
    ratios = ratios_within(rounds, others, key)
    ratio = float(np.median(ratios)) if ratios else None
    return {"ratio": ratio, "ratio_ci95": interval_of(ratios)}


def ratios_within(rounds: list[dict], others: list[dict], key: str = "median_s") -> list[float]:
    """Return the ratios within the rounds that both were measured in."""
    other_s = {each["round"]: each[key] for each in others}
    return [each[key] / other_s[each["round"]] for each in rounds if each["round"] in other_s]


def rounds_of(row: dict) -> list[dict]:
    """Return {round, median_s} of each process of a latency row."""
    numbers, medians_s = row["process_rounds"], row["process_medians_s"]
    return [
        {"round": number, "median_s": median_s}
        for number, median_s in zip(numbers, medians_s, strict=True)
    ]


def fair_ratio(found: dict, slow: str, fast: str) -> dict:
    """Return {ratio, ratio_ci95} of two runtimes' times for all images in the main comparison.

    Both are None where one of them was not measured.
    """
    rows = [results.main_row(found, name, "offline") for name in (slow, fast)]
    return ratio_by_rounds(*(row["rounds"] if row else [] for row in rows))


def timer_ratio(found: dict, slow: str, fast: str) -> dict:
    """Return {ratio, ratio_ci95} of two timers of 2025; both None where one was not run."""
    rows = [results.first(found["timers_2025"], runtime=name) for name in (slow, fast)]
    return ratio_by_rounds(*(row["rounds"] if row else [] for row in rows), key="total_s")


def largest_noise(floor: list[dict]) -> float:
    """Return the largest factor that the intervals of these A/A ratios reach; 1 without any."""
    ends = [end for row in floor if row["ratio_ci95"] for end in row["ratio_ci95"]]
    return max((max(end, 1 / end) for end in ends), default=1)


def verdict_on_time(ratio: float | None, ci95: list[float] | None, noise: float = 1) -> str:
    """Return whether a time is FASTER or SLOWER than another, from their ratio and its interval.

    It is neither where the interval holds 1, or where the ratio is within `noise` of 1, the largest
    factor that a runtime gives beside itself (A/A).
    """
    if ratio and 1 / noise <= ratio <= noise:
        ci95 = ci95 and [1, 1]
    return _verdict(ci95, 1, (FASTER, SLOWER))


def verdict_on_accuracy(ci95: list[float] | None) -> str:
    """Return whether an accuracy is HIGHER or LOWER than another, from their difference's interval.

    It is neither where the interval holds 0.
    """
    return _verdict(ci95, 0, (LOWER, HIGHER))


def _verdict(ci95: list[float] | None, alike: float, words: tuple[str, str]) -> str:
    """Return the word for below or above `alike`, or why that cannot be said."""
    if ci95 is None:
        return RANGE_ONLY
    if ci95[0] <= alike <= ci95[1]:
        return NO_CLEAR_DIFFERENCE
    return words[ci95[0] > alike]


def used(records: list[dict]) -> list[dict]:
    """Return one record for each cell and round: the attempt that was disturbed least.

    Attempts that failed or were refused are left out.
    """
    usual_s = usual_paces_s(records)

    def goodness(record: dict) -> tuple:
        quiet = len(quiet_passes(record, usual_s))
        return not disturbed(record, usual_s), quiet, -record["others_cores"]

    best: dict[tuple, dict] = {}
    for record in records:
        if "batches" not in record:
            continue
        key = (_cell(record), record["round"])
        if key not in best or goodness(record) > goodness(best[key]):
            best[key] = record
    return sorted(best.values(), key=lambda record: record["round"])


def _cell(record: dict) -> tuple:
    return tuple(record[name] for name in CELL)


def failures(records: list[dict]) -> list[dict]:
    """Return each cell with an attempt that failed: how many did, why, what was measured.

    A file that its runtime is not made for is one row, without threads and attempts.
    """
    good = {(_cell(record), record["round"]) for record in used(records)}
    rows: dict[tuple, dict] = {}
    for record in records:
        what = outcome(record)
        if what != "measured":
            tried = what != "left_out"
            row = rows.setdefault(
                (_cell(record) if tried else (record["model"], record["runtime"]), record[what]),
                {
                    **{name: record[name] for name in ("model", "runtime")},
                    "threads": record["threads"] if tried else None,
                    "what": what.replace("_", " "),
                    "reason": record[what],
                    "attempts": 0,
                    "processes_measured": sum(cell == _cell(record) for cell, _ in good),
                },
            )
            row["attempts"] += tried
    return list(rows.values())


def groups(records: list[dict]) -> dict[Key, list[dict]]:
    """Return the timed batches of the used records, {key: one a process}, values in one list.

    Of a process with quiet passes only these are kept; one without any keeps all and is not
    `quiet`.
    """
    usual_s = usual_paces_s(records)
    found: dict[Key, list[dict]] = {}
    for record in used(records):
        calm = record["others_cores"] <= DISTURBED_CORES
        quiet = quiet_passes(record, usual_s)
        for timed in record["batches"]:
            # A pass may be without values: its time had been spent by a long call before.
            own = {
                name: [v for i in quiet for v in timed[name][i]] for name in ("block_s", "call_s")
            }
            everything = {name: [v for part in timed[name] for v in part] for name in own}
            key = (timed["scenario"], timed["batch_size"], *_cell(record))
            found_quiet = bool(own["block_s"])
            chosen = own if found_quiet else everything
            row = {**record, **timed, **chosen, "quiet": found_quiet and calm}
            found.setdefault(key, []).append(row)
    return dict(sorted(found.items()))


def summarise(records: list[dict]) -> tuple[list[dict], list[dict]]:
    """Return the latency rows of the results contract, and the rows of the noise floor.

    `median_s` is the median of process medians, seconds a call; percentiles are of single calls
    pooled over processes, None where the calls are too few; `ratio` is to BASELINE, None where that
    was not measured in the same case. The noise floor is the ratio of each runtime measured again
    (A/A) to itself.
    """
    rows: list[dict] = []
    again: list[dict] = []
    for group in groups(records).values():
        (again if group[0]["again"] else rows).append(_row(group))
    noise = [row | _to_unit(row, _same(rows, row, *CASE, "model", "runtime")) for row in again]
    units = list(filter(_is_unit, rows))
    latency = [row | _to_unit(row, _same(units, row, *CASE)) for row in rows]
    return latency, noise


def _same(rows: list[dict], beside: dict, *names: str) -> dict | None:
    """Return the first of the rows that agrees with another in these fields."""
    return next((row for row in rows if all(row[n] == beside[n] for n in names)), None)


def _is_unit(row: dict) -> bool:
    """Tell whether a row is the baseline's time of a float32 file."""
    return (row["runtime"], row["precision"]) == (BASELINE, "float32")


def _to_unit(row: dict, unit: dict | None) -> dict:
    if unit is None:
        return dict.fromkeys(("baseline", "ratio", "ratio_ci95"))
    return {"baseline": unit["runtime"], **ratio_by_rounds(rounds_of(row), rounds_of(unit))}


def _row(processes: list[dict]) -> dict:
    names = (
        *("model", "architecture", "framework", "precision", "main"),
        *("runtime", "threads", "scenario", "batch_size"),
    )
    quiet = [timed for timed in processes if timed["quiet"]]
    # A process that others slowed from begin to end says nothing, unless all were slowed.
    group = quiet or processes
    medians_s = [float(np.median(timed["block_s"])) for timed in group]
    median_s = float(np.median(medians_s))
    calls = np.concatenate([timed["call_s"] for timed in group])
    return {
        **{name: group[0][name] for name in names},
        "processes": len(processes),
        "quiet_processes": len(quiet),
        "process_rounds": [timed["round"] for timed in group],
        "process_medians_s": medians_s,
        "calls": sum(len(timed["block_s"]) * timed["calls_per_block"] for timed in group),
        "median_s": median_s,
        "ci95_s": interval_of(medians_s),
        "range_s": range_of(medians_s),
        **{
            name: float(np.percentile(calls, percent)) if len(calls) >= least else None
            for name, (percent, least) in PERCENTILES.items()
        },
        "images_per_s": group[0]["batch_size"] / median_s,
        "cpu_per_wall": float(np.mean([timed["cpu_per_wall"] for timed in group])),
        "others_cores": max(timed["others_cores"] for timed in group),
        "test_accuracy": group[0]["test_accuracy"],
    }
