"""The files of a quick run: old readers open them, broken ones fail, the routes of 2025."""

import json
import os
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import onnx
import pytest

from helpers import data
from helpers.benchmark import read_back
from helpers.core import machine, results
from helpers.exports import challenges
from helpers.exports.inventory import Export

pytestmark = pytest.mark.real

# It knows nothing of this project.
READ = """
import json, sys
import numpy as np, onnxruntime
classes = []
for file in sys.argv[2:]:
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    shape = session.get_inputs()[0].shape[1:]
    images = np.load(sys.argv[1]).reshape(-1, *shape)
    classes.append(session.run(["logits"], {"image": images})[0].argmax(axis=1).tolist())
print(json.dumps(classes))
"""


@pytest.fixture
def run(finished):
    """The quick run: (its models/, its results)."""
    return finished[0] / "models", json.loads((finished[0] / "results.json").read_text())


def test_onnx_files_ask_little_of_their_reader(run):
    files = sorted(run[0].glob("*.onnx"))
    assert len(files) == 8
    for model in map(onnx.load, files):
        assert model.ir_version == 8
        assert [(opset.domain, opset.version) for opset in model.opset_import] == [("", 18)]
        assert b"/site-packages/" not in model.SerializeToString()
        for end in (*model.graph.input, *model.graph.output):
            assert end.type.tensor_type.shape.dim[0].dim_param == "batch"


@pytest.mark.parametrize("kind", ["tflite", "onnx"])
def test_a_broken_file_is_refused(run_folder, run, kind):
    models, found = run
    dataset = data.load_again(found["run"]["dataset"], "auto")
    own = results.first(found["models"], id="mlp-pytorch")
    logits = np.load(models / "mlp-pytorch-logits.npy")
    source = SimpleNamespace(id="mlp-pytorch", logits=logits, parameters=own["parameters"])
    export = Export("mlp-pytorch", kind, "float32")

    def gate_on(content):
        export.file.write_bytes(content)
        given = ([export], [source], data.scale(dataset.test_images), dataset.test_labels)
        return read_back.export_rows(*given, threads=1)[0]["gate"]

    content = (models / f"mlp-pytorch-float32.{kind}").read_bytes()
    other = (models / f"mlp-tensorflow-float32.{kind}").read_bytes()
    graph = onnx.load(models / "mlp-pytorch-float32.onnx").graph
    (last,) = (each for each in graph.initializer if list(each.dims) == [10, 128])
    weights = onnx.numpy_helper.to_array(last).tobytes()
    assert weights in content
    assert gate_on(content) == "passed"
    assert gate_on(content[:-2_000]) != "passed"
    assert "bytes cannot hold" in gate_on(b"")
    assert "of the classes agree" in gate_on(other)
    nan = np.float32(np.nan).tobytes() + weights[4:]
    assert "logits are not finite" in gate_on(content.replace(weights, nan))


def test_each_route_of_2025_did_what_it_does_with_the_version_that_is_installed(run):
    rows = results.where(run[1]["challenges"], challenge="tflite_route")
    assert [row["tried"] for row in rows] == list(challenges.ROUTES)
    worked = [row["worked"] for row in rows]
    asked, model, function = (row["outcome"] for row in rows)
    if machine.stack() == machine.OF_2025:
        assert worked == [False, False, False]
        assert asked.startswith("raised AttributeError: ")
        assert "LLVM ERROR" in model
    else:
        assert worked == [True, True, False]
        assert asked.startswith("returned [TensorSpec(shape=(None, 28, 28)")
        assert model.startswith("wrote ")
        assert "bytes cannot hold 101,770 weights" in function


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="no such ONNX Runtime for this Python")
def test_a_reader_of_2023_opens_every_onnx_file_and_answers_alike(run, images, tmp_path):
    python = str(tmp_path / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))
    pip = ("pip", "--python", python, "--disable-pip-version-check", "install", "--no-deps")
    for words in (
        ("venv", "--without-pip", str(tmp_path)),
        (*pip, "--no-compile", "onnxruntime==1.16.3", "numpy<2"),
    ):
        subprocess.run([sys.executable, "-m", *words], check=True)
    np.save(tmp_path / "images.npy", images)
    files = sorted(run[0].glob("*.onnx"))
    answers = []
    for reader in (python, sys.executable):
        words = [reader, "-c", READ, str(tmp_path / "images.npy"), *map(str, files)]
        answers.append(json.loads(subprocess.check_output(words, cwd=tmp_path)))
    same = np.equal(*answers).mean(axis=1)
    for file, share in zip(files, same, strict=True):
        assert share >= (1 if "float32" in file.name else 0.99), file.name
