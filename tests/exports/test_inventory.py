from types import SimpleNamespace

import numpy as np
import pytest
from made_up import LABELS, logits_for

from helpers.core import artifacts
from helpers.core.stages import NOTEBOOKS
from helpers.exports import inventory
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
    (model,) = inventory.save_models(NOTEBOOKS[0], networks, [run], train_images=100)
    assert (model["id"], model["framework"]) == ("mlp-tensorflow", "tensorflow")
    assert (model["epochs"], model["train_seconds"], model["seed"]) == (2, 2.5, 7)
    assert (model["validation_accuracy"], model["test_accuracy"]) == (0.95, 0.9)
    assert (model["file"], model["parameters"]) == ("models/mlp-tensorflow.keras", 9)
    np.testing.assert_array_equal(np.load(run_folder / model["logits"]["file"]), np.eye(3))


def test_the_weights_after_each_epoch_are_kept(run, run_folder):
    kept = paired.keep(NOTEBOOKS[0], run)
    with np.load(run_folder / kept["file"]) as file:
        assert set(file) == {"1/a/kernel", "2/a/kernel"}
    assert [row["loss"] for row in kept["history"]] == [0.5, 0.25]


def test_an_export_is_held_against_its_source(run_folder):
    export = Export("mlp-pytorch", "float32", artifacts.model_file("mlp.onnx"))
    export.file.write_bytes(b"")
    models = [{"id": "mlp-pytorch", "parameters": 0}]
    source = {"mlp-pytorch": logits_for(LABELS)}

    def row(classes):
        given = {export.id: logits_for(classes)}
        (found,) = inventory.rows([export], models, given, source, LABELS)
        return found

    good, bad = row(LABELS), row((LABELS + 1) % 10)
    assert (good["id"], good["source"]) == ("mlp-pytorch-onnx-float32", "mlp-pytorch")
    assert (good["gate"], good["test_accuracy"], good["agreement"]) == ("passed", 1, 1)
    assert bad["gate"].startswith("logits differ by up to 5; 0.00% of the classes agree; accuracy")
    assert (bad["test_accuracy"], bad["agreement"], bad["max_abs_logit_difference"]) == (0, 0, 5)
