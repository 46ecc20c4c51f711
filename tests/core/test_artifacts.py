import json
import os
import subprocess
import sys

import numpy as np
import pytest

from helpers.core import artifacts
from helpers.core.console import LabError


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "results.json"
    artifacts.write_json(path, {"old": 1})
    with pytest.raises(ValueError, match="not JSON compliant"):
        artifacts.write_json(path, {"new": float("nan")})
    with pytest.raises(RuntimeError), artifacts.replacing(path) as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert json.loads(path.read_text()) == {"old": 1}
    assert list(tmp_path.iterdir()) == [path]


def test_what_a_killed_process_left_is_removed_and_what_another_writes_is_not(run_folder):
    code = (
        "import os, signal\nfrom helpers.core import artifacts\n"
        "with artifacts.replacing(artifacts.model_file('net-int8.onnx')) as temporary:\n"
        "    temporary.write_text('half')\n    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    killed = subprocess.run([sys.executable, "-c", code])
    assert killed.returncode == -9
    (left,) = (run_folder / "models").iterdir()
    assert left.read_text() == "half"
    with artifacts.replacing(artifacts.model_file("net.keras")) as own:
        own.write_text("half")
        artifacts.remove_leftovers()
        assert list((run_folder / "models").iterdir()) == [own]


def test_numpy_values_become_json(tmp_path):
    artifacts.write_json(tmp_path / "x.json", {"a": np.float32(0.5), "b": np.arange(3)})
    assert json.loads((tmp_path / "x.json").read_text()) == {"a": 0.5, "b": [0, 1, 2]}


def test_output_goes_to_the_log_native_code_too(run_folder, capfd):
    with artifacts.output_to_log("noise.log"):
        os.write(1, b"native out\n")
        os.write(2, b"native err\n")
        print("python out")
    print("after")
    log = (run_folder / "logs" / "noise.log").read_text()
    assert sorted(log.split("\n")) == ["", "native err", "native out", "python out"]
    assert capfd.readouterr() == ("after\n", "")


def test_a_lab_error_is_one_line_in_a_notebook():
    assert LabError("EPOCHS=0")._render_traceback_() == ["LabError: EPOCHS=0"]


def test_one_process_at_a_time_is_in_the_artifacts_folder(run_folder):
    code = "from helpers.core import artifacts\nwith artifacts.alone(): print('alone')"
    command = [sys.executable, "-c", code]
    with artifacts.alone():
        done = subprocess.run(command, capture_output=True, text=True)
        assert f"LabError: process {os.getpid()} is already running into {run_folder}; wait" in (
            done.stderr
        )
    assert [path.name for path in run_folder.iterdir()] == [".lock"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("alone\n", "")


def test_a_folder_that_cannot_be_made_is_told(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    for name, why in (("file", "it is a file"), ("file/below", ".*Not a directory.*")):
        monkeypatch.setenv("LAB_ARTIFACTS", str(tmp_path / name))
        said = f"^cannot write into {tmp_path}/{name}: {why}; set LAB_ARTIFACTS to a folder"
        with pytest.raises(LabError, match=said), artifacts.alone():
            pass


@pytest.mark.usefixtures("todays_stack")
def test_a_relative_artifacts_folder_starts_at_the_project(monkeypatch):
    monkeypatch.setenv("HOME", "/home/ann")
    for typed, meant in (("", "artifacts"), ("out", "out"), ("~/out", "/home/ann/out")):
        monkeypatch.setenv("LAB_ARTIFACTS", typed)
        assert artifacts.root() == artifacts.PROJECT / meant
