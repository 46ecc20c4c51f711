"""Measure the project's own goals, each a ratio from one run on this machine: `make bench`.

Times PyTorch and ONNX Runtime beside themselves in the rounds of the full profile, the project's
clock beside two others, and an epoch of training beside the usual loops. Needs the models of a
run of the chain.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from helpers import data
from helpers.benchmark import plan, statistics
from helpers.benchmark.runtimes import RUNTIMES
from helpers.core import artifacts, provenance, results
from helpers.core.process import THREAD_VARIABLES
from helpers.pipeline import parameters

HERE = Path(__file__).parent
ROUNDS, EPOCH_ROUNDS = 15, 7
CLOCKS = {
    ("loop", "litert"): "our median / a bare loop, single-stream",
    ("loop", "onnxruntime"): "our median / a bare loop, single-stream",
    ("torch", "pytorch"): "our median / torch.utils.benchmark's, offline",
}


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


def clock_goals(found, images_file, threads):
    files = {row["id"]: row["file"] for row in found["models"] + found["exports"]}
    for (what, name), words in CLOCKS.items():
        model = artifacts.root() / files[results.main_file(found, name)]
        given = (what, name, model, images_file, threads, ROUNDS)
        ratios = run(HERE / "timing_references.py", *given, threads=threads)
        goal = "0.97 to 1.03" if what == "loop" else "0.95 to 1.05"
        yield f"{words}, {RUNTIMES[name].title}", goal, *spread(ratios)


def noise_goals(found, images, threads):
    """Measure what the full profile measures twice, as often as it does."""
    asked = {"runtimes": list(plan.TWICE), "batch_sizes": [], "everything": False}
    records = plan.measure(
        found["models"],
        found["exports"],
        images,
        rounds=parameters.profile("full")["ROUNDS"],
        threads=threads,
        seed=1,
        **asked,
    )
    for row in statistics.tables(records)["noise_floor"]:
        name = f"A/A: {RUNTIMES[row['runtime']].title} beside itself, {row['scenario']}"
        yield name, "0.95 to 1.05", row["ratio"], row["ratio_ci95"]


def epoch_goals(threads):
    for framework, usual, goal in (
        ("pytorch", "DataLoader + ToTensor", "0 to 0.143"),
        ("tensorflow", "fit on arrays", "0 to 1.55"),
    ):
        seconds = run(HERE / "training_speed.py", framework, EPOCH_ROUNDS, threads=threads)
        pairs = zip(seconds["ours_s"], seconds["usual_s"], strict=True)
        yield f"{framework}: our epoch / one of {usual}", goal, *spread([a / b for a, b in pairs])


def main():
    threads, found = provenance.cores(), results.read()
    images = data.scale(data.load_again(found["run"]["dataset"], "auto").test_images)
    rows = []

    def show(goals):
        for name, goal, ratio, interval in goals:
            low, high = map(float, goal.split(" to "))
            verdict = "met" if low <= ratio <= high else "missed"
            text = "" if interval is None else f"{interval[0]:.3f} to {interval[1]:.3f}"
            print(f"{name:<70} {goal:>12}  {ratio:6.3f}  {text:<16} {verdict}", flush=True)
            own = {"ratio": name, "goal": goal, "value": ratio, "ci95": interval}
            rows.append({**own, "verdict": verdict})

    with tempfile.TemporaryDirectory() as name:
        images_file = Path(name) / "images.npy"
        np.save(images_file, images)
        show(clock_goals(found, images_file, threads))
    show(noise_goals(found, images, threads))
    show(epoch_goals(threads))
    described = {"machine": provenance.describe(), "packages": provenance.versions()}
    artifacts.write_json(artifacts.root() / "bench.json", {**described, "rows": rows})


if __name__ == "__main__":
    main()
