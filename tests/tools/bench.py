"""Measure the project's own goals, each a ratio from one run on this machine: `make bench`.

Times the project's clock beside two others, PyTorch and ONNX Runtime beside themselves and the
mlp's exports beside NumPy in the rounds of the full profile, and an epoch of training beside the
usual loops. Needs the models of a run of the chain.
"""

import tempfile
from pathlib import Path

import numpy as np

from helpers import data
from helpers.benchmark import plan, statistics
from helpers.core import files, machine, process, results


def measured(module, threads, **specification):
    """Return {ratio, ratio_ci95} of a module of this folder, from a process of its own."""
    module = f"tests.tools.{module}"
    ratios = process.run(module, specification, threads=threads, timeout_s=1_800)["ratios"]
    return {"ratio": float(np.median(ratios)), "ratio_ci95": statistics.interval_of(ratios)}


def goals(found, images, threads, folder):
    """Yield {goal, least, most, ratio, ratio_ci95} of each goal."""
    models = {row["id"]: row["file"] for row in found["models"] + found["exports"]}
    images_file = Path(folder, "images.npy")
    np.save(images_file, images)
    for other, runtime, least, most in (
        ("a bare loop", "litert", 0.97, 1.03),
        ("a bare loop", "onnxruntime", 0.97, 1.03),
        ("torch.utils.benchmark", "pytorch", 0.95, 1.05),
    ):
        model = files.root() / models[results.main_file(found, runtime)]
        given = {"other": other, "runtime": runtime, "model": str(model)}
        ratio = measured("clock", threads, images=str(images_file), **given)
        yield {"goal": f"our median / {other}'s, {runtime}", "least": least, "most": most, **ratio}
    yield from in_rounds(found, images, threads)
    for framework, usual, most in (
        ("torch", "DataLoader", 0.143),
        ("keras", "fit on arrays", 1.55),
    ):
        ratio = measured("training", threads, framework=framework)
        yield {"goal": f"our epoch / one of {usual}", "least": 0, "most": most, **ratio}


def in_rounds(found, images, threads):
    """Yield the goals that are measured as the chain does, in as many rounds as the full profile.

    They are the best export for all images beside NumPy in float32, and what is measured twice
    beside itself (A/A).
    """
    rounds = files.read_yaml(files.PARAMETERS / "full.yaml")["ROUNDS"]
    exports = results.where(found["exports"], gate="passed")
    exports = [row for row in exports if row["id"].startswith("mlp")]
    runtimes = ["pytorch", "litert", "onnxruntime", "openvino", "numpy"]
    given = {"runtimes": runtimes, "batch_sizes": [], "everything": False}
    given |= {"rounds": rounds, "threads": threads, "seed": 1}
    measured = statistics.tables(plan.measure(found["models"], exports, images, **given))
    latency = results.where(measured["latency"], scenario="offline")
    floor = results.first(latency, runtime="numpy")
    for precision, most in (("float32", 0.8), ("int8", 0.5)):
        files_of = {row["id"] for row in results.where(exports, precision=precision)}
        rows = [row for row in latency if row["file"] in files_of and row is not floor]
        best = min(rows, key=lambda row: row["median_s"])
        ratio = statistics.ratio_by_rounds(best["rounds"], floor["rounds"])
        goal = f"the best {precision} export ({best['file']}, {best['runtime']}) / NumPy"
        yield {"goal": goal, "least": 0, "most": most, **ratio}
    for row in measured["noise_floor"]:
        ratio = {name: row[name] for name in ("ratio", "ratio_ci95")}
        name = f"A/A: {row['runtime']} beside itself, {row['scenario']}"
        yield {"goal": name, "least": 0.95, "most": 1.05, **ratio}


def main():
    threads, found, rows = machine.cores(), results.read(), []
    images = data.scale(data.load_again(found["run"]["dataset"], "auto").test_images)
    with tempfile.TemporaryDirectory() as folder:
        for row in goals(found, images, threads, folder):
            row["met"] = row["least"] <= row["ratio"] <= row["most"]
            low, high = row["ratio_ci95"] or 2 * [row["ratio"]]
            wanted = f"{row['least']} to {row['most']}: {'met' if row['met'] else 'missed'}"
            print(f"{row['goal']:<60} {row['ratio']:6.3f} ({low:.3f} to {high:.3f})  {wanted}")
            rows.append(row)
    described = {"machine": machine.describe(), "packages": machine.versions()}
    files.write_json(files.root() / "bench.json", {**described, "rows": rows})


if __name__ == "__main__":
    main()
