"""Measure the project's own goals, each a ratio from one run on this machine: `make bench`.

Runs the standard profile, the baseline beside itself with the processes of the full profile, the
project's clock beside two others, and an epoch of training beside the usual loops.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from helpers import data
from helpers.benchmark import plan, statistics
from helpers.benchmark.runtimes import RUNTIMES
from helpers.core import artifacts, old_results, provenance
from helpers.core.old_results import main_architecture, timed, where
from helpers.core.process import THREAD_VARIABLES
from helpers.pipeline import parameters

HERE = Path(__file__).parent
ROUNDS, EPOCH_ROUNDS = 15, 7
EXPORTED = ("litert", "onnxruntime", "openvino")


def run(*words, threads):
    """Run a script of this folder in a process of its own and return what it printed last."""
    environment = {**os.environ, **dict.fromkeys(THREAD_VARIABLES, str(threads))}
    command = [sys.executable, *map(str, words)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode:
        sys.exit(
            f"error: {' '.join(command)} ended with exit code {done.returncode}\n{done.stderr}"
        )
    return json.loads(done.stdout.splitlines()[-1])


def spread(ratios):
    """Return the median of ratios and its 95 % interval."""
    return float(np.median(ratios)), statistics.interval_of(ratios)


def standard_report(folder):
    """Run `make report`'s pipeline and return its results and the seconds it took."""
    environment = {**os.environ, "LAB_ARTIFACTS": str(folder)}
    start = time.perf_counter()
    subprocess.run([sys.executable, "-m", "helpers.pipeline"], env=environment, check=True)
    wall_s = time.perf_counter() - start
    return old_results.gather("standard"), wall_s


def report_goals(results, wall_s):
    best = min((timed(results, name, "offline") for name in EXPORTED), key=lambda r: r["median_s"])
    floor = timed(results, "numpy", "offline")
    yield (
        f"best exported float32 runtime ({RUNTIMES[best['runtime']].title}) / NumPy, offline",
        *("<= 0.7", best["median_s"] / floor["median_s"], None),
    )
    training_s = sum(row["train_seconds"] for row in results["seeds"])
    measuring_s = results["run"]["measured_seconds"]
    yield (
        "wall time of the standard profile / (training + measuring)",
        *("<= 1.25", wall_s / (training_s + measuring_s), None),
    )
    case = {"scenario": "offline", "architecture": main_architecture(results["models"])}
    rows = where(results["latency"], **case)
    int8 = [row for row in rows if row["precision"] in ("dynamic", "int8")]
    smallest = min(int8, key=lambda row: row["median_s"])
    yield (
        f"best int8 file ({smallest['model']}) / NumPy float32 (BLAS), offline",
        *("<= 0.5", smallest["median_s"] / floor["median_s"], None),
    )
    yield "measuring, standard profile, seconds / 180", "<= 1", measuring_s / 180, None


def clock_goals(results, images_file, threads):
    singles = [timed(results, name, "single_stream") for name in EXPORTED]
    fastest = min(singles, key=lambda row: row["median_s"])
    files = {row["id"]: row["file"] for row in results["models"] + results["exports"]}

    def ratios(what, row):
        model = artifacts.root() / files[row["model"]]
        words = (what, row["runtime"], model, images_file, threads, ROUNDS)
        return spread(run(HERE / "timing_references.py", *words, threads=threads))

    title = RUNTIMES[fastest["runtime"]].title
    yield f"our median / a bare loop, single-stream, {title}", "<= 1.03", *ratios("loop", fastest)
    pytorch = timed(results, "pytorch", "offline")
    name = "our median / torch.utils.benchmark's, PyTorch offline"
    yield name, "0.95 to 1.05", *ratios("torch", pytorch)


def noise_goals(results, dataset, threads):
    """Measure nothing but what the full profile measures again, as often as it does."""
    full = parameters.profile("full")
    only = {"runtimes": list(plan.AGAIN), "one_thread": [], "every_file": []}
    cells = plan.cells(results["models"], results["exports"], threads=threads, **only)
    records, _ = plan.run(
        cells,
        data.scale(dataset.test_images),
        dataset.test_labels,
        processes=full["PROCESSES"],
        file_processes=full["FILE_PROCESSES"],
        extra_rounds=full["EXTRA_ROUNDS"],
        seed=1,
        warm_up_s=full["WARM_UP_S"],
        window_s=full["WINDOW_S"],
        again=full["AGAIN"],
    )
    for row in statistics.summarise(records)[1]:
        if row["scenario"] != "batch_sweep":
            title = RUNTIMES[row["runtime"]].title
            name = f"A/A: {title} measured again / measured, {row['scenario']}, full profile"
            yield name, "1 +- 5 %", row["ratio"], row["ratio_ci95"]


def epoch_goals(threads):
    for framework, usual, goal in (
        ("pytorch", "DataLoader + ToTensor", "<= 0.143"),
        ("tensorflow", "fit", "<= 0.4"),
    ):
        seconds = run(HERE / "training_speed.py", framework, EPOCH_ROUNDS, threads=threads)
        pairs = zip(seconds["ours_s"], seconds["usual_s"], strict=True)
        yield f"{framework}: our epoch / one of {usual}", goal, *spread([a / b for a, b in pairs])


def met(goal, ratio, interval):
    if goal == "1 +- 5 %":
        if interval is None:  # too few quiet processes
            return False
        low, high = interval
        return low <= 1 <= high and (high - low) / 2 <= 0.05
    if " to " in goal:
        low, high = map(float, goal.split(" to "))
        return low <= ratio <= high
    return ratio <= float(goal.removeprefix("<= "))


def main():
    threads, dataset = provenance.cores(), data.load("auto")
    rows = []

    def show(goals):
        for name, goal, ratio, interval in goals:
            text = "" if interval is None else f"{interval[0]:.3f} to {interval[1]:.3f}"
            verdict = "met" if met(goal, ratio, interval) else "missed"
            print(f"{name:<82} {goal:>12}  {ratio:6.3f}  {text:<16} {verdict}", flush=True)
            rows.append({"ratio": name, "goal": goal, "value": ratio, "ci95": interval})
            rows[-1]["verdict"] = verdict

    with tempfile.TemporaryDirectory() as name:
        os.environ["LAB_ARTIFACTS"] = name
        results, wall_s = standard_report(Path(name))
        images_file = Path(name) / "images.npy"
        np.save(images_file, data.scale(dataset.test_images))
        noise = list(noise_goals(results, dataset, threads))
        show(report_goals(results, wall_s))
        show(clock_goals(results, images_file, threads))
        show(noise)
        show(epoch_goals(threads))
    del os.environ["LAB_ARTIFACTS"]
    described = {"machine": provenance.describe(), "packages": provenance.versions()}
    described["threads"] = threads
    described["dataset"] = dataset.source.record()
    artifacts.write_json(artifacts.root() / "bench.json", {**described, "rows": rows})


if __name__ == "__main__":
    main()
