import gzip
import json
import os
import subprocess
import sys

import numpy as np
import pytest

from helpers import PROJECT
from helpers.core import files


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "results.json"
    files.write_json(path, {"old": np.float32(0.5), "list": np.arange(3)})
    with pytest.raises(ValueError, match="not JSON compliant"):
        files.write_json(path, {"new": float("nan")})
    with pytest.raises(RuntimeError), files.replacing(path) as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert json.loads(path.read_text()) == {"old": 0.5, "list": [0, 1, 2]}
    assert list(tmp_path.iterdir()) == [path]


def test_what_a_killed_process_left_is_removed_and_what_another_writes_is_not(run_folder):
    code = (
        "import os, signal\nfrom helpers.core import files\n"
        "with files.replacing(files.model_file('net-int8.onnx')) as temporary:\n"
        "    temporary.write_text('half')\n    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    killed = subprocess.run([sys.executable, "-c", code])
    assert killed.returncode == -9
    (left,) = (run_folder / "models").iterdir()
    assert left.read_text() == "half"
    with files.replacing(files.model_file("net.keras")) as own:
        own.write_text("half")
        with files.alone():
            pass
        assert list((run_folder / "models").iterdir()) == [own]


def test_output_goes_to_the_log_native_code_too(run_folder, capfd):
    with files.output_to_log("noise.log"):
        os.write(1, b"native out\n")
        os.write(2, b"native err\n")
        print("python out")
    print("after")
    log = (run_folder / "logs" / "noise.log").read_text()
    assert sorted(log.split("\n")) == ["", "native err", "native out", "python out"]
    assert capfd.readouterr() == ("after\n", "")


@pytest.mark.usefixtures("todays_stack")
def test_a_relative_artifacts_folder_starts_at_the_project(monkeypatch):
    monkeypatch.setenv("HOME", "/home/ann")
    for typed, meant in (("", "artifacts"), ("out", "out"), ("~/out", "/home/ann/out")):
        monkeypatch.setenv("LAB_ARTIFACTS", typed)
        assert files.root() == PROJECT / meant


def test_raw_times_are_kept_whole_one_process_a_line(run_folder):
    run_folder.mkdir()
    processes = [{"round": 1, "block_s": [0.1 + 0.2, 1e-7]}, {"round": 2, "block_s": []}]
    files.write_raw(processes)
    kept = gzip.decompress((run_folder / "raw.jsonl.gz").read_bytes()).splitlines()
    assert list(map(json.loads, kept)) == processes
