"""Two made-up runs side by side: today's versions, and those of 2025 a little worse."""

import copy

import made_up

from helpers.core import artifacts
from helpers.core import old_results as results
from helpers.findings import beside

OLD = {"tensorflow": "2.16.2", "torch": "2.2.2+cpu", "onnxruntime": "1.19.2"}
LESS = {1: 0.002, 2: 0.002, 3: 0.003}
ABORTED = "was ended by signal 6 (Aborted): LLVM ERROR: Failed to infer result type(s)."


def trained(framework: str, accuracies: list[float], epoch_s: float, recipe: str = "lab") -> list:
    """The trainings of a framework, from as many seeds as there are accuracies."""
    return [
        made_up.trained(framework, accuracy)
        | {"seed": seed, "recipe": recipe, "train_seconds": 10 * epoch_s}
        for seed, accuracy in enumerate(accuracies, start=1)
    ]


def here() -> dict:
    """Results of this run: three seeds in each framework, 0.2 s an epoch."""
    made = made_up.results()
    made["seeds"] = [
        *trained("tensorflow", [0.971, 0.972, 0.973], 0.2),
        *trained("pytorch", [0.974, 0.973, 0.975], 0.2),
    ]
    made["run"]["parameters"]["02_pytorch_onnx"] = made["run"]["parameters"]["01_tensorflow_tflite"]
    return made_up.decided(made)


def older(made: dict | None = None) -> dict:
    """Results of a run with 2025's versions.

    TensorFlow is 0.2, 0.2 and 0.3 points less accurate and takes twice as long to train, PyTorch
    is as accurate and as fast. Every runtime takes 1.5 times as long but LiteRT, which failed.
    """
    made = copy.deepcopy(made or here())
    for own in (made["run"], *made["run"]["made"].values()):
        own["packages"] = dict(OLD)
    made["run"]["started"] = "2025-06-13T08:00:00Z"
    for row in made["seeds"]:
        if row["framework"] == "tensorflow":
            row["test_accuracy"] = round(row["test_accuracy"] - LESS[row["seed"]], 4)
            row["train_seconds"] *= 2
    for name in ("latency", "cold_start"):
        made[name] = [row for row in made[name] if row["runtime"] != "litert"]
    for row in made["latency"]:
        row["process_medians_s"] = [1.5 * each for each in row["process_medians_s"]]
        row["median_s"] *= 1.5
    made["failures"] = [
        {"model": "mlp-tensorflow", "runtime": "litert", "threads": 2, "what": "failed"}
        | {"reason": "it crashed", "attempts": 3, "processes_measured": 0}
    ]
    for row in made["challenges"]["tflite_routes"]:
        row |= {"outcome": ABORTED, "gate": "no file"}
    made["challenges"]["onnx_layouts"][1]["accepted"] = True
    return made_up.decided(made)


def write(made: dict, *folders: str) -> None:
    """Put results into the artifacts folder, or into a folder below it."""
    artifacts.write_json(artifacts.root().joinpath(*folders, results.path().name), made)


def both(other: dict | None = None) -> dict:
    """This run's results beside those of another one; LAB_ARTIFACTS must be a test's folder."""
    made = here()
    write(other or older(), beside.FOLDER)
    return made_up.decided(made | beside.gather(made, beside.AUTO))
