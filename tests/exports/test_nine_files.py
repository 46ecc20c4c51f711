"""The files of small trained models: all pass the gate, old readers open them, broken ones fail."""

import os
import subprocess
import sys
from collections import namedtuple
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import onnx
import pytest
import trained
from reading import classes_elsewhere

from helpers import data
from helpers.benchmark import read_back
from helpers.core import artifacts
from helpers.exports import onnx_files, tflite
from helpers.exports.inventory import Export

pytestmark = pytest.mark.real

Made = namedtuple("Made", "runs rows files")  # each by id


def of_torch(dataset, calibration, patch):
    """As notebook 02 writes them, beside them a model with layers that Keras' has not."""
    import torch
    from onnxruntime import quantization
    from torch import nn

    from helpers.models import torch_models

    class Odd(nn.Sequential):
        def __init__(self, hidden):
            super().__init__(
                *(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()),
                *(nn.Linear(676, hidden), nn.ReLU(), nn.Dropout(0.2), nn.Linear(hidden, 10)),
            )

    def reader():
        batches = iter(np.array_split(calibration[:, np.newaxis], 20))
        return SimpleNamespace(get_next=lambda: next(({"image": each} for each in batches), None))

    patch.setitem(torch_models.ARCHITECTURES, "odd", Odd)
    runs = [trained.train("torch", name, dataset) for name in ("mlp", "cnn", "odd")]
    exports, unsigned = [], quantization.QuantType.QUInt8
    names = {"input_names": ["image"], "output_names": ["logits"]}
    eight = {"per_channel": True, "weight_type": unsigned}
    for run in runs:
        made = [Export(run.id, "onnx", name) for name in ("float32", "dynamic", "int8")]
        whole, dynamic, int8 = (export.file for export in made)
        example, options = (torch.zeros(2, 1, 28, 28),), onnx_files.torch_options()
        torch.onnx.export(run.model.eval(), example, whole, **names, **options)
        onnx_files.finish(whole)
        quantization.quantize_dynamic(whole, dynamic, ["Gemm", "MatMul"], **eight)
        onnx_files.finish(dynamic)
        quantization.quantize_static(whole, int8, reader(), activation_type=unsigned, **eight)
        onnx_files.finish(int8)
        exports += made
    return runs, exports + tflite.from_torch(runs, threads=1)


def of_keras(dataset, calibration, patch):
    """As notebook 01 writes them, of two models."""
    from helpers.models import keras_models
    from helpers.models.keras_models import layers, tf

    def odd(hidden):
        first = [keras_models.keras.Input((28, 28)), layers.Flatten(), layers.Dense(hidden)]
        last = [layers.BatchNormalization(), layers.ReLU(), layers.Dropout(0.2), layers.Dense(10)]
        return keras_models.keras.Sequential(first + last)

    patch.setitem(keras_models.ARCHITECTURES, "odd", odd)
    runs, exports = [trained.train("keras", name, dataset) for name in ("mlp", "odd")], []
    for run in runs:
        folder = str(artifacts.root() / "saved_model")
        run.model.export(folder, verbose=False)
        for precision in ("float32", "float16", "dynamic", "int8"):
            converter = tf.lite.TFLiteConverter.from_saved_model(folder)
            if precision != "float32":
                converter.optimizations = [tf.lite.Optimize.DEFAULT]
            if precision == "float16":
                converter.target_spec.supported_types = [tf.float16]
            if precision == "int8":
                converter.representative_dataset = lambda: ([image[None]] for image in calibration)
            exports.append(Export(run.id, "tflite", precision))
            exports[-1].file.write_bytes(converter.convert())
        exports.append(Export(run.id, "onnx", "float32"))
        onnx_files.export_keras(run.model, exports[-1].file)
    return runs, exports


@pytest.fixture(scope="module")
def made(tmp_path_factory, dataset, images):
    """What both frameworks made; its files stay where they are whatever a test's folder is."""
    everything = Made({}, {}, {})
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAB_ARTIFACTS", str(tmp_path_factory.mktemp("artifacts")))
        calibration = data.scale(dataset.train_images[data.training_split(dataset)[0][:1_000]])
        for make in (of_torch, of_keras):
            runs, exports = make(dataset, calibration, patch)
            given = (exports, runs, images, dataset.test_labels)
            everything.rows.update(
                {row["id"]: row for row in read_back.export_rows(*given, threads=1)}
            )
            everything.runs.update({run.id: run for run in runs})
            everything.files.update({export.id: export.file for export in exports})
    return everything


def test_every_file_passes_the_gate_or_tells_why_there_is_none(made):
    trained.check_rows("exports", list(made.rows.values()))
    gates = {name: row["gate"] for name, row in made.rows.items()}
    left_out = gates.pop("odd-pytorch-tflite-float32")
    assert left_out.startswith("left out: the weights of BatchNorm2d(4, ")
    assert left_out.endswith("are not carried over, only Linear's and Conv2d's")
    assert gates == dict.fromkeys(gates, "passed")
    assert len(gates) == 3 * 3 + 2 + 2 * 5
    assert {made.rows[name]["changed"] for name in gates if name.endswith("float32")} == {0}


def test_onnx_files_ask_little_of_their_reader(made):
    for file in made.files.values():
        if file.suffix == ".onnx":
            model = onnx.load(file)
            assert model.ir_version == 8
            assert [(opset.domain, opset.version) for opset in model.opset_import] == [("", 18)]
            for end in (*model.graph.input, *model.graph.output):
                assert end.type.tensor_type.shape.dim[0].dim_param == "batch"


def test_a_model_without_a_place_in_keras_is_left_out(run_folder, made):
    run = made.runs["cnn-pytorch"]
    other, unknown = (
        replace(
            run, plan=replace(run.plan, architecture=name), file=run.file.with_name(f"{name}.pt")
        )
        for name in ("mlp", "x")
    )
    first, second = tflite.from_torch([other, unknown], threads=1)
    assert "set_weights" in first.left_out
    assert second.left_out == "helpers/models/keras_models.py defines no x"


@pytest.mark.parametrize("kind", ["tflite", "onnx"])
def test_a_broken_file_is_refused(run_folder, made, dataset, images, kind):

    run, export = made.runs["mlp-pytorch"], Export("mlp-pytorch", kind, "float32")

    def gate_on(content):
        export.file.write_bytes(content)
        given = ([export], [run], images, dataset.test_labels)
        return read_back.export_rows(*given, threads=1)[0]["gate"]

    content = made.files[export.id].read_bytes()
    other = made.files[f"mlp-tensorflow-{kind}-float32"].read_bytes()
    weights = run.model.layers[3].weight.detach().numpy().tobytes()
    nan = np.float32(np.nan).tobytes() + weights[4:]
    assert weights in content
    assert gate_on(content) == "passed"
    assert gate_on(content[:-2_000]) != "passed"
    assert "bytes cannot hold 25,450 weights" in gate_on(b"")
    assert "of the classes agree" in gate_on(other)
    assert "logits are not finite" in gate_on(content.replace(weights, nan))


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="no such ONNX Runtime for this Python")
def test_a_reader_of_2023_opens_every_onnx_file_and_answers_alike(made, dataset, tmp_path):
    python = str(tmp_path / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))
    install = ("--python", python, "--disable-pip-version-check", "install")
    for words in (
        ("venv", "--without-pip", str(tmp_path)),
        ("pip", *install, "onnxruntime==1.16.3", "numpy<2"),
    ):
        subprocess.run([sys.executable, "-m", *words], check=True)
    files = [file for file in made.files.values() if file.suffix == ".onnx"]
    given = (files, dataset.test_images, tmp_path)
    same = (classes_elsewhere(*given, python) == classes_elsewhere(*given)).mean(axis=1)
    for file, share in zip(files, same, strict=True):
        assert share >= (1 if "float32" in file.name else 0.99), file.name
