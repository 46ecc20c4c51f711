"""The same networks in both frameworks, trained and exported for real on the sample."""

import itertools
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from reading import accuracies_elsewhere

from helpers.benchmark import read_back
from helpers.benchmark.runtimes import READERS, RUNTIMES
from helpers.core import artifacts, stack
from helpers.core.artifacts import PROJECT
from helpers.core.console import LabError
from helpers.data import mnist
from helpers.exports import calibration, carry_over, gate, inventory, model_card
from helpers.models import evaluation, weights
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


@pytest.mark.parametrize(("position", "name"), [(0, "PyTorch"), (1, "TensorFlow")])
def test_a_device_that_is_not_there_is_named(frameworks, position, name):
    frameworks[position].networks.use_device("cpu")
    with pytest.raises(LabError, match=f"^DEVICE=gpu: {name} finds only the cpu here; set DEVICE="):
        frameworks[position].networks.use_device("gpu")


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
    assert evaluation.accuracy(logits, dataset.test_labels) > 0.8
    assert evaluation.accuracy(other, dataset.test_labels) < 0.4


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
    """All formats of both frameworks, with the weights carried over, in every runtime."""
    from helpers.exports import keras_export, torch_export

    train_indices, _ = mnist.training_split(dataset)
    few = calibration.calibration_set(dataset, train_indices)
    made, models, logits = [], [], {}
    for framework, export, suffix, carried in (
        (frameworks[0], torch_export, ".pt", [".keras", ".tflite"]),
        (frameworks[1], keras_export, ".keras", [".pt", ".pt2"]),
    ):
        name = f"{architecture}-{'pytorch' if suffix == '.pt' else 'tensorflow'}"
        model, _ = train(framework, dataset, architecture)
        framework.networks.save(model, artifacts.model_file(name + suffix))
        made += export.export_all(model, name, few)
        networks = {name: (architecture, framework.networks.get_weights(model))}
        made += carry_over.write(networks, carried, threads=1)
        logits[name] = framework.networks.predict_logits(model, images)
        row = {"id": name, "architecture": architecture, "framework": name.split("-")[1]}
        models.append({**row, "parameters": SIZES[architecture], "train_images": 4_000})
    inventory.write_cards(made, models, dataset.source, "abc")
    read = read_back.read_exports(made, dataset, threads=1)
    rows = inventory.rows(made, models, read, logits, dataset.test_labels)
    programs = 2 * stack.programs()
    assert len(rows) == 20 + programs
    assert {row["id"]: row["gate"] for row in rows if row["gate"] != "passed"} == {}
    exact = [row for row in rows if row["precision"] == "float32"]
    assert len(exact) == 10 + programs
    assert {row["agreement"] for row in exact} == {1}
    assert max(row["max_abs_logit_difference"] for row in exact) < 1e-4
    size = 4 * SIZES[architecture]
    assert all(row["bytes"] < 0.28 * size for row in rows if row["precision"] == "int8")
    by_id = {row["id"]: row for row in rows}
    for row in rows:  # raw pixels, the scaling inside: the same accuracy
        pair = by_id.get(row["id"] + "-pixels")
        assert pair is None or pair["test_accuracy"] == pytest.approx(
            row["test_accuracy"], abs=2e-3
        )
    # Every other runtime that reads the files too, NumPy where it is made for the network.
    for row, runtime in itertools.product(exact, RUNTIMES):
        unfit = [*stack.unfit(), "numpy"] if architecture == "cnn" else stack.unfit()
        if row["input"] != "scaled" or runtime in unfit:
            continue
        file = artifacts.root() / row["file"]
        if file.suffix == RUNTIMES[runtime].suffix and READERS[file.suffix] != runtime:
            (given,) = read_back.read(runtime, [(file, images)], threads=1)
            assert gate.refusal(given, logits[row["source"]], "float32") == "", (file, runtime)
    # A checkpoint is read there with the program beside it.
    suffixes = [each for each in READERS if programs or each not in (".pt", ".pt2")]
    for suffix in suffixes:  # and in a program with none of this project's code
        own = [row for row in rows if row["file"].endswith(suffix)]
        files = [artifacts.root() / row["file"] for row in own]
        found = accuracies_elsewhere(files, dataset.test_images, dataset.test_labels, tmp_path)
        assert found == pytest.approx([row["test_accuracy"] for row in own], abs=1e-3), suffix


def test_metadata_that_contradict_the_file_are_refused(frameworks):
    from helpers.exports import torch_export

    file = artifacts.model_file("a.onnx")
    torch_export.export_onnx(frameworks[0].networks.build("mlp", 1), file)
    with pytest.raises(LabError, match="^a.onnx says nothing about its input; export it again$"):
        model_card.check(file)
    model = {"architecture": "mlp", "framework": "pytorch", "train_images": 1}
    source = mnist.Source("sample", "", 1, 1, "0").record()
    model_card.write(file, model_card.describe(model, source, None, ".onnx", pixels=True))
    message = "^a.onnx: its metadata say input_type uint8, the file takes float32$"
    with pytest.raises(LabError, match=message):
        model_card.check(file)


def test_tflite_files_carry_their_metadata_behind_the_model(frameworks):
    from helpers.exports import keras_export

    file = artifacts.model_file("a.tflite")
    keras_export.export_tflite(frameworks[1].networks.build("mlp", 1), file)
    with pytest.raises(LabError, match="^a.tflite says nothing about its input"):
        model_card.read(file)
    model = {"architecture": "mlp", "framework": "tensorflow", "train_images": 1}
    source = mnist.Source("letters", "", 1, 1, "0", tuple("ABCDEFGHIJ")).record()
    said = model_card.describe(model, source, "abc", ".tflite")
    assert said["class_labels"] == "A,B,C,D,E,F,G,H,I,J"
    model_card.write(file, said)
    needs = "TFLite 1.11.0 (FULLY_CONNECTED 1, PACK 1, RESHAPE 1, SHAPE 1, STRIDED_SLICE 1)"
    if stack.name() == stack.OF_2025:
        needs = "TFLite 1.5.0 (FULLY_CONNECTED 1, RESHAPE 1)"
    assert model_card.read(file) == {**said, "needs": needs}
    model_card.check(file)
    with zipfile.ZipFile(file) as archive:
        assert archive.namelist() == ["model_card.json"]


def test_a_tflite_file_for_raw_pixels_gives_the_same_logits(frameworks, dataset, images):
    from helpers.exports import keras_export

    model, cases = frameworks[1].networks.build("mlp", 1), []
    for pixels, given in ((False, images), (True, dataset.test_images)):
        file = artifacts.model_file(f"{pixels}.tflite")
        keras_export.export_tflite(model, file, pixels=pixels)
        cases.append((file, given))
    np.testing.assert_allclose(*read_back.read("litert", cases, threads=1), atol=1e-5)


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
