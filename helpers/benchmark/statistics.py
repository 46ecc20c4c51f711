"""The statistics of the raw times: medians and intervals over processes, ratios, flags."""

import numpy as np

from helpers.benchmark.noise import DISTURBED_CORES, disturbed, quiet_passes, usual_pace_s
from helpers.benchmark.plan import USUAL_BASELINE, outcome
from helpers.benchmark.runtimes import RUNTIMES

RESAMPLES = 1_000
# A percentile needs enough calls beyond it to mean something.
PERCENTILES = {"p90_s": (90, 64), "p99_s": (99, 662)}
NOISY_IQR = 0.10
LEAST_REPEAT_RATIO = 0.90

# What tells one cell from another in the records.
CELL = ("threads", "architecture", "model", "runtime", "baseline_again")

Key = tuple  # scenario, batch_size, threads, architecture, model, runtime, baseline_again


def used(records: list[dict]) -> list[dict]:
    """Return one record for each cell and round: the attempt that was disturbed least.

    Attempts that failed or were refused are left out.
    """
    usual_s = usual_pace_s(records)

    def goodness(record: dict) -> tuple:
        quiet = sum(len(quiet_passes(record, size, usual_s)) for size in (1, None))
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

    Of a process with quiet passes only these are kept; one without any keeps all.
    """
    usual_s = usual_pace_s(records)
    found: dict[Key, list[dict]] = {}
    for record in used(records):
        calm = record["others_cores"] <= DISTURBED_CORES
        for timed in record["batches"]:
            quiet = quiet_passes(record, timed["batch_size"], usual_s)
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


def bootstrap_medians(processes: list[list[float]], seed: int) -> np.ndarray:
    """Return resampled medians of process medians, float64 [RESAMPLES].

    Processes are drawn first, then values within each: the spread between processes is larger
    than inside one, and an interval from inside one is too narrow (Kalibera & Jones 2013). Cells
    with as many processes draw the same rounds, because a slow minute slows a whole round.
    """
    generator = np.random.default_rng(seed)
    inside = np.empty((len(processes), RESAMPLES))
    for row, values in zip(inside, map(np.asarray, processes), strict=True):
        drawn = generator.integers(0, len(values), (RESAMPLES, len(values)))
        row[:] = np.median(values[drawn], axis=1)
    rounds = np.random.default_rng(len(processes)).integers(
        0, len(processes), (len(processes), RESAMPLES)
    )
    return np.median(np.take_along_axis(inside, rounds, axis=0), axis=0)


def interval(values: np.ndarray) -> list[float]:
    """Return the 95 % percentile interval of bootstrap values."""
    return np.percentile(values, [2.5, 97.5]).tolist()


def median_of_medians(group: list[dict]) -> float:
    """Return the median of the processes' medians, in seconds."""
    return float(np.median([np.median(timed["block_s"]) for timed in group]))


def summarise(records: list[dict], baseline: str = USUAL_BASELINE) -> tuple[list[dict], list[dict]]:
    """Return the latency rows of the results contract, and the rows of the noise floor.

    `median_s` is the median of process medians, seconds a call; percentiles are of single calls
    pooled over processes, None where the calls are too few; `ratio` is to the runtime
    `baseline`, None where that was not measured in the same case. The noise floor is the ratio of
    the baseline again (A/A) to the baseline.
    """
    all_groups = groups(records)
    medians = {
        key: bootstrap_medians([timed["block_s"] for timed in group], seed)
        for seed, (key, group) in enumerate(all_groups.items())
    }
    latency, noise = [], []
    for key, group in all_groups.items():
        row = _row(group, medians[key])
        cases = (k for k, g in all_groups.items() if _is_unit(baseline, g[0], group[0]))
        unit = next(cases, None)
        row |= {"baseline": None, "ratio": None, "ratio_ci95": None}
        if unit:
            ratios = medians[key] / medians[unit]
            row["baseline"] = baseline
            row["ratio"] = row["median_s"] / median_of_medians(all_groups[unit])
            row["ratio_ci95"] = [1.0, 1.0] if key == unit else interval(ratios)
        (noise if group[0]["baseline_again"] else latency).append(row)
    return latency, noise


def _is_unit(baseline: str, timed: dict, beside: dict) -> bool:
    """Tell whether `timed` is the unit for `beside`: the same case in the baseline.

    It is the float32 file of the network as the baseline's own framework trained it.
    """
    case = ("scenario", "batch_size", "threads", "architecture")
    own = {
        "runtime": baseline,
        "framework": RUNTIMES[baseline].framework,
        "precision": "float32",
        "baseline_again": False,
    }
    return all(timed[k] == v for k, v in own.items()) and all(timed[k] == beside[k] for k in case)


def _row(group: list[dict], medians: np.ndarray) -> dict:
    names = (
        *("model", "architecture", "framework", "precision", "main"),
        *("runtime", "threads", "scenario", "batch_size"),
    )
    median_s = median_of_medians(group)
    calls = np.concatenate([timed["call_s"] for timed in group])
    return {
        **{name: group[0][name] for name in names},
        "processes": len(group),
        "calls": sum(len(timed["block_s"]) * timed["calls_per_block"] for timed in group),
        "median_s": median_s,
        "ci95_s": interval(medians),
        **{
            name: float(np.percentile(calls, percent)) if len(calls) >= least else None
            for name, (percent, least) in PERCENTILES.items()
        },
        "images_per_s": group[0]["batch_size"] / median_s,
        "cpu_per_wall": float(np.mean([timed["cpu_per_wall"] for timed in group])),
        "others_cores": max(timed["others_cores"] for timed in group),
        "quiet_processes": sum(timed["quiet"] for timed in group),
        "test_accuracy": group[0]["test_accuracy"],
        "timed_logit_difference": max(timed["largest_difference"] for timed in group),
        "flags": _flags(group),
    }


def _flags(group: list[dict]) -> list[str]:
    low, middle, high = np.percentile(
        np.concatenate([timed["block_s"] for timed in group]), [25, 50, 75]
    )
    repeat_ratio = np.median([timed["repeat_ratio"] for timed in group])
    flags = {
        "iqr > 10 %": (high - low) / middle > NOISY_IQR,
        "disturbed": 2 * sum(timed["quiet"] for timed in group) < len(group),
        "repeat faster": repeat_ratio < LEAST_REPEAT_RATIO,
    }
    return [flag for flag, holds in flags.items() if holds]
