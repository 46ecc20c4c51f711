"""What a fresh process is asked to read: the process itself is none here."""

from pathlib import Path

import numpy as np

from helpers.benchmark import read_back
from helpers.data import mnist
from helpers.exports.inventory import Export


def test_every_file_gets_the_images_that_it_takes(dataset, monkeypatch):
    exports = [
        Export("mlp-pytorch", "float32", Path("a.onnx")),
        Export("mlp-pytorch", "float32", Path("b.onnx"), pixels=True),
        Export("mlp-pytorch", "int8", Path("c.tflite")),
    ]
    asked = {}

    def read(runtime, cases, *, threads):
        asked[runtime] = dict(cases)
        return [file.name for file, _ in cases]

    monkeypatch.setattr(read_back, "read", read)
    found = read_back.read_exports(exports, dataset, threads=1)
    assert found == {export.id: export.file.name for export in exports}
    scaled = mnist.scale(dataset.test_images)
    np.testing.assert_array_equal(asked["onnxruntime"][Path("a.onnx")], scaled)
    np.testing.assert_array_equal(asked["onnxruntime"][Path("b.onnx")], dataset.test_images)
    assert asked["onnxruntime"][Path("b.onnx")].dtype == np.uint8
    np.testing.assert_array_equal(asked["litert"][Path("c.tflite")], scaled)
