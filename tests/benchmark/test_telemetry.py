"""No runtime phones home, or leaves anything at the user's."""

import subprocess
import sys

import pytest
from changes import as_a_user
from drawn import write_network

from helpers.benchmark.runtimes import RUNTIMES
from helpers.core.artifacts import PROJECT

WRITE = """
import sys
from pathlib import Path
import helpers
framework, folder = sys.argv[1], Path(sys.argv[2])
if framework == "tensorflow":
    from helpers.models import keras_models
    model = keras_models.build("mlp", 0)
    keras_models.save(model, folder / "mlp-made.keras")
    model.export(folder / "mlp-made", verbose=False)
    converter = keras_models.tf.lite.TFLiteConverter.from_saved_model(str(folder / "mlp-made"))
    (folder / "mlp-made.tflite").write_bytes(converter.convert())
else:
    from helpers.models import torch_models
    torch_models.save(torch_models.build("mlp", 0), folder / "mlp-made.pt", "mlp")
"""
ANSWER = """
import socket, sys, threading
socket.socket.connect = lambda *given: sys.exit("somebody is called")
from pathlib import Path
from helpers.benchmark.runtimes import RUNTIMES
import numpy as np
runtime = RUNTIMES[sys.argv[1]](1)
runtime.load(Path(sys.argv[2]))
runtime(np.zeros((2, 28, 28), np.float32))
print([thread.name for thread in threading.enumerate()])
"""


def python(code, *words, **variables):
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, words)],
        cwd=PROJECT,
        env=as_a_user(**variables),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A function that returns the file of a network in a runtime's format."""
    folder = tmp_path_factory.mktemp("files")
    write_network(folder / "mlp-made.onnx")

    def file(suffix):
        path = (folder / "mlp-made").with_suffix(suffix)
        if not path.exists():
            python(WRITE, "pytorch" if suffix == ".pt" else "tensorflow", folder)
        return path

    return file


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=() if runtime.suffix == ".onnx" else pytest.mark.real)
        for name, runtime in RUNTIMES.items()
    ],
)
def test_a_runtime_calls_nobody_and_leaves_nothing_in_an_empty_home(name, files, tmp_path):
    home = str(tmp_path)
    homes = dict.fromkeys(("HOME", "USERPROFILE", "LOCALAPPDATA", "XDG_CACHE_HOME"), home)
    file = files(RUNTIMES[name].suffix)
    opted_in = {"ORT_DISABLE_TELEMETRY": "0"}
    assert python(ANSWER, name, file, **homes, **opted_in)[-1] == "['MainThread']"
    left = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [path for path in left if "matplotlib" not in path.parts] == []  # Keras imports it
