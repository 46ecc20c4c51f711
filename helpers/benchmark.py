"""The plan of the measurements: which processes in which order, and the statistics of their times.

What happens inside a process is `helpers.measure`; what a runtime is, `helpers.runtimes`.
"""

import gzip
import json
import random
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from helpers import artifacts, isolation, machine
from helpers.runtimes import RUNTIMES

BASELINE = "pytorch"
RESAMPLES = 1_000
# A percentile needs enough calls beyond it to mean something.
PERCENTILES = {"p90_s": (90, 64), "p99_s": (99, 662)}
NOISY_IQR = 0.10


@dataclass(frozen=True)
class Cell:
    """One model file in one runtime with a number of threads."""

    model: str  # a model or export id
    file: str  # relative to the artifacts folder
    runtime: str
    threads: int


def cells(rows: list[dict], *, threads: int) -> list[Cell]:
    """Return a cell for every runtime and every model or export row whose file it reads."""
    return [
        Cell(row["id"], row["file"], runtime.name, threads)
        for row in rows
        for runtime in RUNTIMES.values()
        if row["file"].endswith(runtime.suffix)
    ]


def run_process(
    cell: Cell, images: np.ndarray, scenarios: dict[str, int], timing: dict
) -> tuple[dict, np.ndarray]:
    """Run one fresh process for `cell` and return its record and its logits for `images`.

    Raises isolation.ProcessFailed when the process crashes or hangs.
    """
    with tempfile.TemporaryDirectory() as folder:
        given, made = Path(folder, "images.npy"), Path(folder, "logits.npy")
        np.save(given, images)
        specification = {
            "runtime": cell.runtime,
            "model": str(artifacts.root() / cell.file),
            "images": str(given),
            "logits": str(made),
            "scenarios": scenarios,
            **timing,
        }
        record = isolation.run("helpers.measure", specification, threads=cell.threads)
        return {**asdict(cell), **record}, np.load(made)


def read_back(file: str, runtime: str, images: np.ndarray, *, threads: int) -> np.ndarray:
    """Return the logits that a fresh process gets from a model file, untimed."""
    return run_process(Cell(file, file, runtime, threads), images, {}, {})[1]


def run(
    cells: list[Cell],
    images: np.ndarray,
    *,
    processes: int,
    seed: int,
    warm_up_s: float,
    window_s: float,
) -> tuple[list[dict], dict[str, np.ndarray]]:
    """Measure every cell in `processes` fresh processes, in an order shuffled over all cells.

    Prints a line a process; returns the raw records and each runtime's logits.
    Raises ProcessFailed for a process that fails.
    """
    scenarios = {"single_stream": 1, "offline": len(images)}
    timing = {"warm_up_s": warm_up_s, "window_s": window_s}
    plan = [cell for cell in cells for _ in range(processes)]
    random.Random(seed).shuffle(plan)
    records, logits = [], {}
    for number, cell in enumerate(plan, start=1):
        start = time.perf_counter()
        record, logits[cell.runtime] = run_process(cell, images, scenarios, timing)
        records.append({**record, "order": number})
        seconds = time.perf_counter() - start
        line = f"process {number:>2} of {len(plan)}  {cell.runtime:<14} {seconds:.1f} s"
        print(line, flush=True)
    return records, logits


def write_raw(records: list[dict], path: Path) -> None:
    """Keep every timed value, one JSON line a process."""
    with artifacts.replacing(path) as temporary, gzip.open(temporary, "wt") as file:
        file.writelines(json.dumps(record) + "\n" for record in records)


def read_raw(path: Path) -> list[dict]:
    """Read what `write_raw` wrote."""
    with gzip.open(path, "rt") as file:
        return [json.loads(line) for line in file]


def bootstrap_medians(processes: list[list[float]], seed: int) -> np.ndarray:
    """Return resampled medians of process medians, float64 [RESAMPLES].

    Processes are drawn first, then values within each: the spread between processes is larger
    than inside one, and an interval from inside one is too narrow (Kalibera & Jones 2013).
    """
    generator = np.random.default_rng(seed)
    # Medians of resampled values for each process, then a draw of processes for each resample.
    inside = np.empty((len(processes), RESAMPLES))
    for row, values in zip(inside, map(np.asarray, processes), strict=True):
        for i in range(RESAMPLES):
            row[i] = np.median(values[generator.integers(0, len(values), len(values))])
    drawn = generator.integers(0, len(processes), (len(processes), RESAMPLES))
    return np.median(np.take_along_axis(inside, drawn, axis=0), axis=0)


def _interval(values: np.ndarray) -> list[float]:
    return np.percentile(values, [2.5, 97.5]).tolist()


def summarise(records: list[dict]) -> list[dict]:
    """Return the latency rows of the results contract, with ratios to BASELINE.

    `median_s` is the median of process medians, seconds a call; the percentiles are of single
    calls pooled over processes and None where the calls are too few.
    """
    groups: dict[tuple, list[dict]] = {}
    for record in sorted(records, key=lambda record: record["order"]):
        for scenario, timed in record["scenarios"].items():
            key = (scenario, record["threads"], record["runtime"], record["model"])
            groups.setdefault(key, []).append(timed)
    medians = {
        key: bootstrap_medians([timed["block_s"] for timed in group], seed)
        for seed, (key, group) in enumerate(sorted(groups.items()))
    }
    rows = []
    for key, group in sorted(groups.items()):
        scenario, threads, runtime, model = key
        median_s = _median_of_medians(group)
        calls = np.concatenate([timed["call_s"] for timed in group])
        blocks = np.concatenate([timed["block_s"] for timed in group])
        low, middle, high = np.percentile(blocks, [25, 50, 75])
        row = {
            "model": model,
            "runtime": runtime,
            "threads": threads,
            "scenario": scenario,
            "batch_size": group[0]["batch_size"],
            "processes": len(group),
            "calls": sum(len(timed["block_s"]) * timed["calls_per_block"] for timed in group),
            "median_s": median_s,
            "ci95_s": _interval(medians[key]),
            **{
                name: float(np.percentile(calls, percent)) if len(calls) >= least else None
                for name, (percent, least) in PERCENTILES.items()
            },
            "images_per_s": group[0]["batch_size"] / median_s,
            "cpu_per_wall": float(np.mean([timed["cpu_per_wall"] for timed in group])),
            "flags": ["iqr above 10 %"] if (high - low) / middle > NOISY_IQR else [],
        }
        against = [k for k in groups if k[:3] == (scenario, threads, BASELINE)]
        if against:
            ratios = medians[key] / medians[against[0]]
            row["baseline"] = BASELINE
            row["ratio"] = median_s / _median_of_medians(groups[against[0]])
            row["ratio_ci95"] = [1.0, 1.0] if runtime == BASELINE else _interval(ratios)
        rows.append(row)
    return rows


def _median_of_medians(group: list[dict]) -> float:
    return float(np.median([np.median(timed["block_s"]) for timed in group]))


def cold_start(records: list[dict]) -> list[dict]:
    """Return one row a runtime: medians over its processes of what precedes the first answer."""
    names = ("import_s", "load_s", "first_call_s", "peak_rss_bytes")
    rows = []
    for runtime, model in sorted({(record["runtime"], record["model"]) for record in records}):
        own = [r for r in records if (r["runtime"], r["model"]) == (runtime, model)]
        rows.append(
            {
                "model": model,
                "runtime": runtime,
                **{name: float(np.median([record[name] for record in own])) for name in names},
                "install_bytes": machine.install_bytes(RUNTIMES[runtime].package),
            }
        )
    return rows


def fair_protocol(latency: list[dict]) -> list[dict]:
    """Return the offline medians as rows of `protocols`: from array to logits, one stage."""
    return [
        {
            "runtime": row["runtime"],
            "protocol": "fair",
            "total_s": row["median_s"],
            "stages": {"forward pass": row["median_s"]},
        }
        for row in latency
        if row["scenario"] == "offline"
    ]


def measured_seconds(records: list[dict]) -> float:
    """Return the seconds spent in warm-ups and timed windows, over all processes."""
    return sum(timed["spent_s"] for record in records for timed in record["scenarios"].values())
