"""What single runtimes make of a file, and that none phones home."""

import subprocess
import sys

import numpy as np
import pytest
import strangers
from changes import as_a_user
from drawn import RANDOM, WEIGHTS, forward, images_of, write_network

from helpers.benchmark.runtimes import RUNTIMES, LeftOut
from helpers.core import stack
from helpers.core.artifacts import PROJECT

IMAGES, _ = images_of(16)
SCALED = np.float32(IMAGES) / 255
OF_ONNX = [runtime.name for runtime in RUNTIMES.values() if runtime.suffix == ".onnx"]


def loaded(name, file):
    runtime = RUNTIMES[name](1)
    runtime.load(file)
    return runtime


def layers_of(*widths):
    """Dense layers of these widths, with a ReLU behind all but the last."""
    sides = zip((784, *widths), (*widths, 10), strict=True)
    return [
        (*(np.float32(RANDOM.normal(0, 0.1, size)) for size in (both, both[1])), both[1] != 10)
        for both in sides
    ]


@pytest.mark.parametrize("layers", [WEIGHTS, layers_of(), layers_of(256), layers_of(64, 32)])
def test_numpy_runs_any_chain_of_dense_layers(tmp_path, layers):
    write_network(tmp_path / "net.onnx", layers)
    runtime, expected = loaded("numpy", tmp_path / "net.onnx"), forward(IMAGES, layers)
    np.testing.assert_allclose(runtime(SCALED), expected, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(runtime(SCALED[:1]), expected[:1], rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("node", ["Softmax", "Sigmoid"])
def test_numpy_says_which_network_it_cannot_run(tmp_path, node):
    write_network(tmp_path / "net.onnx", last=[node])
    with pytest.raises(LeftOut, match=f"^NumPy runs .* this graph has {node}$"):
        loaded("numpy", tmp_path / "net.onnx")


@pytest.mark.skipif(stack.name() != stack.TODAY, reason="older versions do otherwise")
@pytest.mark.parametrize("how", strangers.BEYOND)
@pytest.mark.parametrize("name", OF_ONNX)
def test_weights_outside_the_folder_of_a_file_are_not_read(tmp_path, name, how):
    with pytest.raises(Exception, match="(?i)absolute|outside|escapes|symbolic"):
        loaded(name, strangers.onnx_beyond(tmp_path, how))


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
        env=as_a_user(**homes, ORT_DISABLE_TELEMETRY="0"),  # the user has opted in
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "['MainThread']"
    assert list(home.iterdir()) == []
