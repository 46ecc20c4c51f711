from types import SimpleNamespace

import numpy as np
import pytest
import strangers
from made_up import LABELS, logits_for

from helpers.benchmark import read_back
from helpers.core import artifacts, stack
from helpers.core.stages import NOTEBOOKS
from helpers.data.mnist import Source
from helpers.exports import inventory, model_card
from helpers.exports.inventory import Export
from helpers.training import paired, runs
from helpers.training.loop import Epoch
from helpers.training.recipes import Recipe

HISTORY = [Epoch(1, 0.5, 0.9, 1.5), Epoch(2, 0.25, 0.95, 1.0)]


@pytest.fixture
def run():
    plan = runs.Plan("mlp", "lab", Recipe(2, 10, 0.1), seed=7)
    weights = [{"a/kernel": np.ones(3)}] * 2
    return runs.Run("tensorflow", plan, None, HISTORY, np.eye(3), 0.9, weights)


def test_the_row_of_a_model(run, run_folder):
    networks = SimpleNamespace(
        SUFFIX=".keras",
        get_weights=lambda model: {"a": np.ones((2, 3)), "b": np.ones(3)},
        save=lambda model, path: path.write_bytes(b""),
    )
    made = {"train_images": 100, "source": Source("sample", "", 100, 10, "0"), "commit": "abc"}
    (model,) = inventory.save_models(NOTEBOOKS[0], networks, [run], **made)
    assert (model["id"], model["framework"]) == ("mlp-tensorflow", "tensorflow")
    assert (model["epochs"], model["train_seconds"], model["seed"]) == (2, 2.5, 7)
    assert (model["validation_accuracy"], model["test_accuracy"]) == (0.95, 0.9)
    assert (model["file"], model["parameters"]) == ("models/mlp-tensorflow.keras", 9)
    np.testing.assert_array_equal(np.load(run_folder / model["logits"]["file"]), np.eye(3))
    said = model_card.read(run_folder / model["file"])
    assert said["training_data"] == "sample, 100 training images, SHA-256 0"
    assert (said["input_layout"], said["source_commit"]) == ("N,28,28", "abc")


def test_the_weights_after_each_epoch_are_kept(run, run_folder):
    kept = paired.keep(NOTEBOOKS[0], run)
    with np.load(run_folder / kept["file"]) as file:
        assert set(file) == {"1/a/kernel", "2/a/kernel"}
    assert [row["loss"] for row in kept["history"]] == [0.5, 0.25]


def test_the_best_run_of_each_network_is_the_one_that_validates_best(run):
    worse = runs.Run("tensorflow", run.plan, None, HISTORY[:1], np.eye(3), 0.99, [])
    assert runs.best([worse, run, worse]) == [run]


@pytest.mark.skipif(stack.name() != stack.TODAY, reason="older versions do otherwise")
def test_a_file_of_random_bytes_is_a_row_whose_gate_says_so(run_folder, dataset):
    labels, models, exports = dataset.test_labels, [], []
    good = strangers.GOOD_TFLITE.read_bytes()
    noise = np.random.default_rng(0).bytes(len(good))
    for name, content in (("noise", noise), ("good", good)):
        file = inventory.file_for(name, "float32", ".tflite")
        file.write_bytes(content)
        kind = {"architecture": "mlp", "framework": "tensorflow", "parameters": 101_770}
        models.append({"id": name, "train_images": 1, **kind})
        exports.append(inventory.Export(name, "float32", file))
    inventory.write_cards(exports[:1], models, dataset.source, None)
    read = read_back.read_exports(exports, dataset, threads=1)
    logits = dict.fromkeys(("noise", "good"), read["good-tflite-float32"])
    rows = inventory.rows(exports, models, read, logits, labels)
    assert [row["gate"] for row in rows] == [
        "ValueError: The model is not a valid Flatbuffer buffer",
        "passed",
    ]
    assert [row["needs"]["reader"] for row in rows] == ["TFLite", "TFLite 1.11.0"]


CLASSES = tuple("JIHGFEDCBA")
MODEL = {"id": "mlp-pytorch", "architecture": "mlp", "framework": "pytorch", "parameters": 0}
MODEL |= {"train_images": 100}
SOURCE = Source("letters", "here", 100, 10, "0", CLASSES)


def test_an_export_is_held_against_its_source(run_folder):
    """A checkpoint may be any archive here: what it gives is handed in."""
    export = Export("mlp-pytorch", "float32", artifacts.model_file("mlp.pt"))
    export.file.write_bytes(b"")
    inventory.write_cards([export], [MODEL], SOURCE, "abc")
    source = {"mlp-pytorch": logits_for(LABELS)}

    def row(classes):
        given = {export.id: logits_for(classes)}
        (found,) = inventory.rows([export], [MODEL], given, source, LABELS)
        return found

    good, bad = row(LABELS), row((LABELS + 1) % 10)
    assert (good["source"], good["format"], good["input_layout"]) == (
        *("mlp-pytorch", "pt", "N,1,28,28"),
    )
    assert (good["gate"], good["test_accuracy"], good["agreement"]) == ("passed", 1, 1)
    assert bad["gate"].startswith("logits differ by up to 5; 0.00% of the classes agree; accuracy")
    assert (bad["test_accuracy"], bad["agreement"], bad["max_abs_logit_difference"]) == (0, 0, 5)


@pytest.mark.parametrize(
    ("framework", "suffix", "pixels", "layout"),
    [
        ("pytorch", ".onnx", False, "N,1,28,28"),
        ("pytorch", ".onnx", True, "N,28,28"),
        ("pytorch", ".pt", False, "N,1,28,28"),
        ("tensorflow", ".onnx", False, "N,28,28"),
        ("pytorch", ".tflite", False, "N,28,28"),
        ("tensorflow", ".tflite", True, "N,28,28"),
    ],
)
def test_a_model_card_tells_what_a_file_takes(framework, suffix, pixels, layout):
    model = MODEL | {"framework": framework}
    assert model_card.describe(model, SOURCE.record(), None, suffix, pixels=pixels) == {
        "class_labels": "J,I,H,G,F,E,D,C,B,A",
        "input": "image",
        "input_type": "uint8" if pixels else "float32",
        "input_layout": layout,
        "input_range": "0 to 255 (raw pixel, 0 is black)"
        if pixels
        else "0 to 1 (pixel / 255, 0 is black)",
        "output": "logits",
        "architecture": "mlp",
        "trained_with": framework,
        "training_data": "letters, 100 training images, SHA-256 0",
        "source_commit": "none",
    }
