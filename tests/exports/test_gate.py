"""The gate and files that must not pass it, made by the real exporters."""

import re

import numpy as np
import pytest

from helpers.benchmark import read_back
from helpers.core import artifacts, stack
from helpers.data import mnist
from helpers.exports import gate
from helpers.training.recipes import Recipe

pytestmark = pytest.mark.real

WEIGHTS = 101_770
RECIPE = Recipe(epochs=1, batch_size=64, learning_rate=1e-3)


def trained(labels, dataset):
    from helpers.models import torch_networks
    from helpers.training import torch_training

    model = torch_networks.build("mlp", 1)
    few = (mnist.scale(dataset.train_images[:10]), labels[:10])
    torch_training.train(model, dataset.train_images, labels, few, RECIPE, seed=3)
    return model


@pytest.fixture(scope="module")
def source(dataset):
    return trained(dataset.train_labels, dataset)


def with_nan(source, dataset):
    import torch

    model = trained(dataset.train_labels, dataset)
    with torch.no_grad():
        model.logits.weight[0, 0] = float("nan")
    return model


def with_shuffled_labels(source, dataset):
    return trained(np.random.default_rng(0).permutation(dataset.train_labels), dataset)


def of_another_architecture(source, dataset):
    from torch import nn

    return nn.Sequential(nn.Flatten(), nn.Linear(784, 10))


BAD = {
    "nan": (with_nan, True, "logits are not finite"),
    "shuffled labels": (with_shuffled_labels, True, "of the classes agree"),
    "another architecture": (of_another_architecture, True, "cannot hold 101,770 weights"),
    "fixed batch": (lambda source, dataset: source, False, "Got invalid dimensions for input"),
}


@pytest.fixture
def source_logits(source, images):
    from helpers.models import torch_networks

    return torch_networks.predict_logits(source, images)


def gated(file, runtime, source_logits, images, dataset):
    (read,) = read_back.read(runtime, [(file, images)], threads=1)
    return gate.compare(file, "float32", WEIGHTS, read, source_logits, dataset.test_labels)


def test_a_good_export_passes(run_folder, source, source_logits, images, dataset):
    from helpers.exports import torch_export

    file = artifacts.model_file("good.onnx")
    torch_export.export_onnx(source, file)
    assert gated(file, "onnxruntime", source_logits, images, dataset).gate == "passed"


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_refused_by_the_gate(
    run_folder, name, source, source_logits, images, dataset
):
    from helpers.exports import torch_export

    make, dynamic_batch, reason = BAD[name]
    file = artifacts.model_file("mlp.onnx")
    torch_export.export_onnx(make(source, dataset), file, dynamic_batch=dynamic_batch)
    comparison = gated(file, "onnxruntime", source_logits, images, dataset)
    assert reason in comparison.gate


@pytest.mark.skipif(stack.name() != stack.TODAY, reason="the conversion aborts the process")
def test_a_tflite_file_without_weights_is_refused(run_folder, dataset, images):
    from helpers.exports import keras_export
    from helpers.models import keras_networks

    model = keras_networks.build("mlp", 1)
    function = keras_networks.tf.function(model, input_signature=keras_networks.SIGNATURE)
    traced = function.get_concrete_function()
    converter = keras_networks.tf.lite.TFLiteConverter
    made = converter.from_concrete_functions([traced], model).convert()
    case = keras_networks.predict_logits(model, images), dataset, WEIGHTS
    judged = read_back.judge("f", made, *case)
    assert judged["outcome"] == f"wrote {len(made):,} bytes"
    assert len(made) < 4_000
    assert "bytes cannot hold 101,770 weights" in judged["gate"]
    file = artifacts.model_file("documented.tflite")
    keras_export.export_tflite(model, file)
    untrained = read_back.judge("f", file.read_bytes(), *case)["gate"]
    assert re.fullmatch(r"(passed|accuracy .* is hardly better than guessing)", untrained)
    assert read_back.judge("f", "raised ValueError: no method.", *case) == {
        "route": "f",
        "outcome": "raised ValueError: no method",
        "gate": "no file",
    }
