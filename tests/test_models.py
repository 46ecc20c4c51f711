"""The same network in both frameworks, trained and exported for real on the sample."""

import itertools

import numpy as np
import pytest

from helpers import artifacts, benchmark, data, evaluation, training
from helpers.artifacts import PROJECT
from helpers.errors import LabError
from helpers.runtimes import RUNTIMES

pytestmark = pytest.mark.real

SETTINGS = {"epochs": 2, "batch_size": 64, "learning_rate": 1e-3, "seed": 3}


@pytest.fixture
def frameworks(run_folder):
    from helpers import pytorch_model, tensorflow_model

    return pytorch_model, tensorflow_model


def train(framework, dataset, seed=3):
    model = framework.build("mlp", seed)
    train, validation = data.training_split(dataset)
    scaled, labels = data.scale(dataset.train_images), dataset.train_labels
    history = framework.train(
        model, scaled[train], labels[train], (scaled[validation], labels[validation]), **SETTINGS
    )
    return model, history


def carry_over(keras_model, torch_model):
    """Give the PyTorch network the Keras network's weights: Keras keeps [in, out]."""
    torch = pytest.importorskip("torch")
    with torch.no_grad():
        for layer, target in zip(
            keras_model.layers[1:], (torch_model.hidden, torch_model.logits), strict=True
        ):
            kernel, bias = layer.get_weights()
            target.weight.copy_(torch.from_numpy(kernel.T.copy()))
            target.bias.copy_(torch.from_numpy(bias))


def test_both_define_the_same_architectures_with_equal_weights_and_logits(frameworks, images):
    pytorch_model, tensorflow_model = frameworks
    assert set(pytorch_model.ARCHITECTURES) == set(tensorflow_model.ARCHITECTURES) == {"mlp"}
    ours, theirs = (framework.build("mlp", 1) for framework in frameworks)
    assert sum(t.numel() for t in ours.parameters()) == theirs.count_params() == 101_770
    carry_over(theirs, ours)
    first = pytorch_model.predict_logits(ours, images)
    second = tensorflow_model.predict_logits(theirs, images)
    assert first.shape == second.shape == (1_000, 10)
    assert first.dtype == second.dtype == np.float32
    np.testing.assert_allclose(first, second, atol=2e-6)


@pytest.mark.parametrize("position", [0, 1], ids=["pytorch", "tensorflow"])
def test_training_learns_and_repeats(frameworks, dataset, images, position):
    framework = frameworks[position]
    model, history = train(framework, dataset)
    assert [epoch.epoch for epoch in history] == [1, 2]
    assert history[1].loss < history[0].loss < np.log(10)
    assert 0.75 < history[1].validation_accuracy < 1
    logits = framework.predict_logits(model, images)
    again, _ = train(framework, dataset)
    np.testing.assert_array_equal(framework.predict_logits(again, images), logits)
    other = framework.predict_logits(framework.build("mlp", 4), images)
    assert evaluation.accuracy(logits, dataset.test_labels) > 0.8
    assert evaluation.accuracy(other, dataset.test_labels) < 0.4


def test_a_saved_model_and_its_export_answer_alike_in_every_runtime(frameworks, dataset, images):
    pytorch_model, tensorflow_model = frameworks
    torch_net, _ = train(pytorch_model, dataset)
    keras_net, _ = train(tensorflow_model, dataset)
    pytorch_model.save(torch_net, "mlp", artifacts.model_file("a.pt"))
    pytorch_model.export_onnx(torch_net, artifacts.model_file("a.onnx"))
    tensorflow_model.save(keras_net, artifacts.model_file("b.keras"))
    tensorflow_model.export_tflite(keras_net, artifacts.model_file("b.tflite"))
    sources = {
        "a": pytorch_model.predict_logits(torch_net, images),
        "b": tensorflow_model.predict_logits(keras_net, images),
    }
    for name, runtime in itertools.product(("a.pt", "a.onnx", "b.keras", "b.tflite"), RUNTIMES):
        if name.endswith(RUNTIMES[runtime].suffix):
            file = artifacts.model_file(name)
            known = (101_770, images, sources[name[0]], dataset.test_labels)
            comparison = benchmark.gate(file, runtime, *known, threads=1)
            assert comparison.gate == "passed", (name, runtime)
    files = {path.name for path in (artifacts.root() / "models").iterdir()}
    assert files == {"a.pt", "a.onnx", "b.keras", "b.tflite"}  # no second file with weights


def test_a_fixed_batch_refuses_what_a_dynamic_one_takes(frameworks, images):
    onnxruntime = pytest.importorskip("onnxruntime")
    pytorch_model, _ = frameworks
    model = pytorch_model.build("mlp", 1)
    taken = {}
    for dynamic in (False, True):
        file = artifacts.model_file(f"{dynamic}.onnx")
        pytorch_model.export_onnx(model, file, dynamic_batch=dynamic)
        session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
        offers = [pytorch_model.offer(session, images[:size, None]) for size in (1, 2, 10)]
        taken[dynamic] = [offer["accepted"] for offer in offers]
    assert taken == {False: [False, True, False], True: [True, True, True]}
    refused = pytorch_model.offer(session, images[:10])
    assert not refused["accepted"]
    assert "\n" not in refused["answer"]
    content = file.read_bytes()
    assert str(PROJECT).encode() not in content  # nor any other path of this machine
    assert b".py" not in content


def test_batches_are_the_same_for_all_and_cover_each_image_once():
    first, second = (list(training.batch_orders(100, 32, 2, seed=5)) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert np.shape(first) == (2, 3, 32)
    assert all(len(np.unique(order)) == 96 for order in first)
    assert not np.array_equal(first[0], first[1])
    with pytest.raises(
        LabError, match="^BATCH_SIZE=101: allowed is 1 to 100, the training images$"
    ):
        list(training.batch_orders(100, 101, 1, seed=5))
