"""The changes that students make, on a copy of the project and followed by the chain."""

import json

import numpy as np
import pytest
from changes import copy_project, replace_once, run_chain

from helpers import data

pytestmark = pytest.mark.real

NO_SPINNING = '''

class NoSpinning(OnnxRuntime):
    """ONNX Runtime whose threads sleep while they wait."""

    name, title = "no-spinning", "ONNX Runtime without spinning"

    def __init__(self, threads: int) -> None:
        super().__init__(threads)
        self.options.add_session_config_entry("session.intra_op.allow_spinning", "0")
'''


def other_images(folder, dataset):
    """Write a data set in MNIST's form: the sample mirrored, its labels counted from nine down."""
    folder.mkdir()
    halves = {
        "train": (dataset.train_images, dataset.train_labels),
        "test": (dataset.test_images, dataset.test_labels),
    }
    arrays = {}
    for half, (images, labels) in halves.items():
        arrays |= {f"x_{half}": images[:, :, ::-1], f"y_{half}": 9 - labels}
    np.savez(folder / "mirrored.npz", **arrays)


def test_layers_a_width_an_architecture_a_runtime_and_images_go_through_the_chain(tmp_path):
    project = copy_project(tmp_path / "a project of mine")
    other_images(project / "other images", data.load("sample"))
    models = project / "helpers" / "models"
    replace_once(
        models / "keras_models.py",
        'layers.Dense(hidden, activation="relu"),',
        'layers.Dense(hidden, activation="relu"), layers.BatchNormalization(), '
        "layers.Dropout(0.2),",
    )
    replace_once(
        models / "torch_models.py",
        "nn.Linear(28 * 28, hidden),\n            nn.ReLU(),",
        "nn.Linear(28 * 28, hidden), nn.ReLU(), nn.BatchNorm1d(hidden), nn.Dropout(0.2),",
    )
    with (models / "keras_models.py").open("a") as file:
        file.write(
            'ARCHITECTURES["deep"] = lambda: keras.Sequential([keras.Input((28, 28)), '
            'layers.Flatten(), layers.Dense(32, activation="relu"), layers.Dense(10)])\n'
        )
    with (models / "torch_models.py").open("a") as file:
        file.write(
            'ARCHITECTURES["deep"] = lambda: nn.Sequential(nn.Flatten(), nn.Linear(784, 32), '
            "nn.ReLU(), nn.Linear(32, 10))\n"
        )
    with (project / "helpers" / "benchmark" / "runtimes.py").open("a") as file:
        file.write(NO_SPINNING)
    settings = ("HIDDEN=256", "EPOCHS=1", "BATCH_SIZE=32", "TRAININGS=mlp:lab:1,deep:lab:1")
    settings += ("RUNTIMES=tf-function,pytorch,litert,onnxruntime,no-spinning",)
    done = run_chain(project, "DATASET=other images", *settings)
    assert done.returncode == 0, done.stdout + done.stderr
    results = json.loads((project / "artifacts" / "results.json").read_text(encoding="utf-8"))
    assert results["run"]["dataset"]["name"] == "other images"
    sizes = {row["id"]: row["parameters"] for row in results["models"]}
    for framework in ("tensorflow", "pytorch"):
        assert sizes[f"mlp-{framework}"] == 785 * 256 + 2 * 256 + 257 * 10
        assert sizes[f"deep-{framework}"] == 785 * 32 + 33 * 10
    assert all(row["test_accuracy"] > 0.6 for row in results["models"])
    gates = {row["id"]: row["gate"] for row in results["exports"]}
    assert len(gates) == 18
    left_out = gates.pop("mlp-pytorch-tflite-float32")
    assert left_out.startswith("left out: the weights of BatchNorm1d")
    assert set(gates.values()) == {"passed"}
    own = [row for row in results["latency"] if row["runtime"] == "no-spinning"]
    assert {row["scenario"] for row in own} == {"single_stream", "batch_sweep", "offline"}
    assert "no-spinning" in {row["runtime"] for row in results["start_up"]}
    page = (project / "artifacts" / "report.html").read_text(encoding="utf-8")
    assert "ONNX Runtime without spinning" in page
