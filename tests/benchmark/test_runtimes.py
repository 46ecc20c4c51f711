"""What single runtimes make of a file, and that none phones home."""

import os
import subprocess
import sys

import numpy as np
import pytest
from drawn import forward, images_of, write_network

from helpers import PROJECT
from helpers.benchmark.runtimes import RUNTIMES
from helpers.core.console import LabError

IMAGES, _ = images_of(16)
SCALED = np.float32(IMAGES) / 255
OF_ONNX = [runtime.name for runtime in RUNTIMES.values() if runtime.suffix == ".onnx"]


def loaded(name, file):
    runtime = RUNTIMES[name](1)
    runtime.load(file)
    return runtime


def test_numpy_runs_dense_layers(tmp_path):
    write_network(tmp_path / "net.onnx")
    runtime, expected = loaded("numpy", tmp_path / "net.onnx"), forward(IMAGES)
    np.testing.assert_allclose(runtime(SCALED), expected, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(runtime(SCALED[:1]), expected[:1], rtol=1e-4, atol=1e-4)


def test_numpy_says_which_network_it_cannot_run(tmp_path):
    write_network(tmp_path / "net.onnx", last=["Softmax"])
    with pytest.raises(LabError, match=r"^NumPy runs dense layers .*, not \['Softmax'\]$"):
        loaded("numpy", tmp_path / "net.onnx")


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


@pytest.mark.parametrize("name", OF_ONNX)
def test_a_runtime_calls_nobody_and_leaves_nothing_in_an_empty_home(name, tmp_path):
    write_network(tmp_path / "net.onnx")
    home = tmp_path / "home"
    home.mkdir()
    homes = dict.fromkeys(("HOME", "USERPROFILE", "LOCALAPPDATA", "XDG_CACHE_HOME"), str(home))
    done = subprocess.run(
        [sys.executable, "-c", ANSWER, name, str(tmp_path / "net.onnx")],
        cwd=PROJECT,
        env={**os.environ, **homes, "ORT_DISABLE_TELEMETRY": "0"},  # the user has opted in
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "['MainThread']"
    assert list(home.iterdir()) == []
