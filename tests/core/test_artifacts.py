import json
import os

import numpy as np
import pytest

from helpers.core import artifacts, results
from helpers.core.console import LabError

RECORD = "01_tensorflow_tflite"


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


def test_a_temporary_file_keeps_its_ending(tmp_path):
    with artifacts.replacing(tmp_path / "model.keras") as temporary:
        assert temporary.suffix == ".keras"
        assert temporary.parent == tmp_path
        temporary.write_text("x")


def test_numpy_values_become_json(tmp_path):
    artifacts.write_json(tmp_path / "x.json", {"a": np.float32(0.5), "b": np.arange(3)})
    assert json.loads((tmp_path / "x.json").read_text()) == {"a": 0.5, "b": [0, 1, 2]}


@pytest.fixture
def recorded(run_folder):
    file = artifacts.model_file("net.keras")
    file.write_bytes(b"weights")
    described = artifacts.describe(file)
    model = {"id": "net", **described, "logits": described, "validation_accuracy": 0.9}
    results.write_record(RECORD, models=[model])
    return file


def test_a_record_reads_back_with_bytes_and_sha256(recorded):
    row = results.read_record(RECORD)["models"][0]
    assert (row["file"], row["bytes"]) == ("models/net.keras", 7)
    assert len(row["sha256"]) == 64
    assert row["sha256"] == artifacts.sha256(recorded)


def test_an_altered_model_is_refused_with_the_notebook_to_run(recorded):
    recorded.write_bytes(b"other weights")
    with pytest.raises(LabError, match=rf"^run {RECORD} again: models/net.keras has SHA-256 \w+, "):
        results.read_record(RECORD)


def test_a_record_of_an_earlier_version_is_refused_with_the_notebook_to_run(run_folder):
    results.write_record(RECORD, models=[{"id": "net", "file": "net.keras", "sha256": "0"}])
    with pytest.raises(LabError, match=f"^run {RECORD} again: its record was written by an earlie"):
        results.read_record(RECORD)


def test_a_missing_model_or_record_is_refused_with_the_notebook_to_run(recorded, run_folder):
    recorded.unlink()
    with pytest.raises(LabError, match=f"^run {RECORD} first: models/net.keras is missing$"):
        results.read_record(RECORD)
    results.record_path(RECORD).unlink()
    with pytest.raises(LabError, match=f"^run {RECORD} first: 01_tensorflow/record.json"):
        results.read_record(RECORD)


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
