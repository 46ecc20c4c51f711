"""The same networks in both frameworks, trained and exported for real on the sample."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from reading import accuracies_elsewhere

from helpers.benchmark import read_back
from helpers.benchmark.runtimes import READERS, RUNTIMES
from helpers.core import artifacts
from helpers.core.artifacts import PROJECT
from helpers.core.console import LabError
from helpers.data import mnist
from helpers.exports import calibration, carry_over, gate, inventory
from helpers.models import metrics, weights
from helpers.training.recipes import STRONG, Recipe

pytestmark = pytest.mark.real

RECIPE = Recipe(epochs=2, batch_size=64, learning_rate=1e-3)
SIZES = {"mlp": 101_770, "cnn": 215_194}
NETWORKS = pytest.mark.parametrize("architecture", SIZES)


@pytest.fixture
def frameworks(run_folder):
    from helpers.training import keras_training, torch_training

    return torch_training, keras_training


def train(framework, dataset, architecture="mlp", recipe=RECIPE):
    model = framework.networks.build(architecture, 3)
    train, validation = mnist.training_split(dataset)
    images, labels = dataset.train_images, dataset.train_labels
    held_out = (mnist.scale(images[validation]), labels[validation])
    history = framework.train(model, images[train], labels[train], held_out, recipe, seed=3)
    return model, history


@NETWORKS
def test_a_seed_gives_both_frameworks_the_same_network(frameworks, images, architecture):
    ours, theirs = (framework.networks.build(architecture, 1) for framework in frameworks)
    assert (
        set(frameworks[0].networks.ARCHITECTURES)
        == set(frameworks[1].networks.ARCHITECTURES)
        == set(SIZES)
    )
    size = SIZES[architecture]
    assert sum(t.numel() for t in ours.parameters()) == theirs.count_params() == size
    drawn = [
        f.networks.get_weights(model) for f, model in zip(frameworks, (ours, theirs), strict=True)
    ]
    assert weights.largest_difference(*drawn) == 0
    first, second = (
        framework.networks.predict_logits(model, images)
        for framework, model in zip(frameworks, (ours, theirs), strict=True)
    )
    assert first.shape == second.shape == (1_000, 10)
    assert first.dtype == second.dtype == np.float32
    np.testing.assert_allclose(first, second, atol=2e-6)
    other = frameworks[0].networks.get_weights(frameworks[0].networks.build(architecture, 2))
    assert weights.largest_difference(drawn[0], other) > 0.01


@pytest.mark.parametrize("position", [0, 1], ids=["pytorch", "tensorflow"])
def test_weights_of_another_network_are_refused(frameworks, position):
    framework = frameworks[position]
    given = framework.networks.get_weights(framework.networks.build("cnn", 1))
    with pytest.raises(LabError, match="^weights of another network: found .*3/kernel.*, exp"):
        framework.networks.set_weights(framework.networks.build("mlp", 1), given)


@pytest.mark.parametrize("position", [0, 1], ids=["pytorch", "tensorflow"])
def test_training_learns_and_repeats(frameworks, dataset, images, position):
    framework = frameworks[position]
    model, history = train(framework, dataset)
    assert [epoch.epoch for epoch in history] == [1, 2]
    assert history[1].loss < history[0].loss < np.log(10)
    assert 0.75 < history[1].validation_accuracy < 1
    logits = framework.networks.predict_logits(model, images)
    again, _ = train(framework, dataset)
    drawn = [framework.networks.get_weights(each) for each in (model, again)]
    assert weights.largest_difference(*drawn) == 0
    other = framework.networks.predict_logits(framework.networks.build("mlp", 4), images)
    assert metrics.accuracy(logits, dataset.test_labels) > 0.8
    assert metrics.accuracy(other, dataset.test_labels) < 0.4


@pytest.mark.parametrize(
    ("architecture", "recipe"), [("mlp", RECIPE), ("mlp", STRONG["mlp"]), ("cnn", RECIPE)]
)
def test_paired_trainings_train_alike(frameworks, dataset, architecture, recipe):
    """Same weights, batches and rule: after a few batches they differ by rounding alone."""
    few = replace(
        dataset,
        train_images=dataset.train_images[:1_600],
        train_labels=dataset.train_labels[:1_600],
    )
    short = replace(recipe, epochs=1)
    models, histories = zip(*(train(f, few, architecture, short) for f in frameworks), strict=True)
    losses = [history[0].loss for history in histories]
    drawn = [f.networks.get_weights(model) for f, model in zip(frameworks, models, strict=True)]
    # More batches would amplify the rounding, most in the cnn. With PyTorch's own rule for epsilon
    # the losses are 6e-5 apart or more, the weights 4e-3.
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)
    assert weights.largest_difference(*drawn) < 2e-3


@NETWORKS
def test_the_defaults_are_each_frameworks_own_and_repeat(frameworks, architecture):
    for framework in frameworks:
        first, again, other = (
            framework.networks.get_weights(
                framework.networks.build(architecture, seed, defaults=True)
            )
            for seed in (1, 1, 2)
        )
        assert weights.largest_difference(first, again) == 0
        assert weights.largest_difference(first, other) > 0.01
        # PyTorch draws biases, Keras sets them to zero as this project does.
        assert bool(first["1/bias"].any()) == (framework.networks.FRAMEWORK == "pytorch")


@NETWORKS
def test_every_file_of_a_network_gives_its_logits(
    frameworks, dataset, images, architecture, tmp_path
):
    """All nine formats, in every runtime and in a program without this project's code."""
    from helpers.exports import keras_export, torch_export

    train_indices, _ = mnist.training_split(dataset)
    few = calibration.calibration_set(dataset, train_indices)
    made, models, logits = [], [], {}
    for framework, export in zip(frameworks, (torch_export, keras_export), strict=True):
        name = f"{architecture}-{framework.networks.FRAMEWORK}"
        model, _ = train(framework, dataset, architecture)
        made += export.export_all(model, name, few)
        if export is torch_export:
            networks = {name: (architecture, framework.networks.get_weights(model))}
            made += carry_over.write(networks, threads=1)
        logits[name] = framework.networks.predict_logits(model, images)
        models.append({"id": name, "parameters": SIZES[architecture]})
    read = read_back.read_exports(made, dataset, threads=1)
    rows = inventory.rows(made, models, read, logits, dataset.test_labels)
    assert len(rows) == 9
    assert {row["gate"] for row in rows} == {"passed"}
    exact = [row for row in rows if row["precision"] == "float32"]
    assert [row["format"] for row in exact] == ["onnx", "tflite", "tflite", "onnx"]
    assert {row["agreement"] for row in exact} == {1}
    size = 4 * SIZES[architecture]
    assert all(row["bytes"] < 0.28 * size for row in rows if row["precision"] == "int8")
    # Every other runtime that reads the files too, NumPy where it is made for the network.
    for row, runtime in itertools.product(exact, RUNTIMES):
        file = artifacts.root() / row["file"]
        others = file.suffix == RUNTIMES[runtime].suffix and READERS[file.suffix] != runtime
        if others and (runtime != "numpy" or architecture == "mlp"):
            (given,) = read_back.read(runtime, [(file, images)], threads=1)
            assert gate.refusal(given, logits[row["source"]], "float32") == "", (file, runtime)
    for suffix in (".onnx", ".tflite"):
        own = [row for row in rows if row["file"].endswith(suffix)]
        files = [artifacts.root() / row["file"] for row in own]
        found = accuracies_elsewhere(files, dataset.test_images, dataset.test_labels, tmp_path)
        assert found == pytest.approx([row["test_accuracy"] for row in own], abs=1e-3), suffix


def test_the_frameworks_own_files_are_read_without_this_project(
    frameworks, dataset, images, tmp_path
):
    for framework in frameworks:
        networks = framework.networks
        model, file = networks.build("mlp", 1), artifacts.model_file(f"mlp-x{networks.SUFFIX}")
        networks.save(model, file)
        logits = networks.predict_logits(model, images)
        expected = metrics.accuracy(logits, dataset.test_labels)
        found = accuracies_elsewhere([file], dataset.test_images, dataset.test_labels, tmp_path)
        assert found == [pytest.approx(expected, abs=1e-3)]
        again = networks.predict_logits(networks.load(file), images)
        np.testing.assert_allclose(again, logits, atol=1e-6)


def test_a_fixed_batch_refuses_what_a_dynamic_one_takes(frameworks, images):
    onnxruntime = pytest.importorskip("onnxruntime")
    from helpers.exports import torch_export

    model = frameworks[0].networks.build("mlp", 1)
    taken = {}
    for dynamic in (False, True):
        file = artifacts.model_file(f"{dynamic}.onnx")
        torch_export.export_onnx(model, file, dynamic_batch=dynamic)
        session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
        taken[dynamic] = []
        for size in (1, 2, 10):
            try:
                session.run(["logits"], {"image": images[:size, None]})
                taken[dynamic].append(True)
            except onnxruntime.capi.onnxruntime_pybind11_state.InvalidArgument:
                taken[dynamic].append(False)
    assert taken == {False: [False, True, False], True: [True, True, True]}
    content = file.read_bytes()
    assert str(PROJECT).encode() not in content  # nor any other path of this machine
    assert b".py" not in content
