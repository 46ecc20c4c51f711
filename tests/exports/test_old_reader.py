"""The ONNX files of a run in an ONNX Runtime of 2023, in an environment of its own."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from helpers.data import mnist

PROGRAM = Path(__file__).parents[1] / "tools" / "old_reader.py"
OLD = "1.16.3"
# The last Python that has a wheel of it.
NEWEST_PYTHON = (3, 12)


@pytest.fixture(scope="module")
def old_python(tmp_path_factory):
    """The Python of an environment with the old ONNX Runtime; skip, or fail in CI, without it."""
    if sys.version_info[:2] > NEWEST_PYTHON:
        pytest.skip(f"ONNX Runtime {OLD} has no wheel for this Python")
    folder = tmp_path_factory.mktemp("old") / "venv"
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    install = [python, "-m", "pip", "install", "--quiet", f"onnxruntime=={OLD}", "numpy<2"]
    done = subprocess.run(install, capture_output=True, text=True)
    if done.returncode:
        missing = pytest.fail if os.environ.get("CI") else pytest.skip
        missing(f"pip cannot get ONNX Runtime {OLD}: {done.stderr.strip().splitlines()[-1]}")
    return python


def read(python, files, pixels, folder):
    """What the program says, and the logits of each file."""
    words = [python, PROGRAM, pixels, *files, folder / "logits.npz"]
    done = subprocess.run(words, capture_output=True, text=True, cwd=folder)
    assert done.returncode == 0, done.stderr
    with np.load(folder / "logits.npz") as found:
        return done.stdout.strip(), dict(found)


@pytest.mark.real
def test_an_old_reader_gives_every_file_the_same_logits(finished, old_python, tmp_path):
    files = sorted((finished[0] / "models").glob("*.onnx"))
    kinds = {file.stem.partition("-")[2] for file in files}
    assert {f"pytorch-{precision}" for precision in ("float32", "dynamic", "int8")} <= kinds
    pixels = tmp_path / "pixels.npy"
    np.save(pixels, mnist.load("sample").test_images)
    version, old = read(old_python, files, pixels, tmp_path)
    assert version == OLD
    _, now = read(sys.executable, files, pixels, tmp_path)
    assert set(old) == set(now) == {file.name for file in files}
    for name, logits in now.items():
        assert (old[name].argmax(axis=1) == logits.argmax(axis=1)).mean() > 0.999, name
        assert np.abs(old[name] - logits).max() < 1e-3 * np.abs(logits).max(), name
