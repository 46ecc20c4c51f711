"""What a notebook records, and what is refused when a later one reads it."""

import json

import numpy as np
import pytest

from helpers.core import artifacts, records, results, stages
from helpers.core.artifacts import PROJECT
from helpers.core.console import LabError
from helpers.core.stages import NOTEBOOKS, STAGES

RECORD = NOTEBOOKS[0]
STARTED = "2026-01-02T03:04:05Z"
FOUND = json.loads((PROJECT / "tests" / "fixtures" / "results.json").read_text())


@pytest.fixture
def model(run_folder):
    """A row of `models` whose file is there."""
    file = run_folder / "models" / "net.keras"
    artifacts.write_text(file, "weights")
    own = {"file": "models/net.keras", "sha256": artifacts.sha256(file)}
    return FOUND["models"][0] | own


@pytest.fixture
def recorded(model, run_folder):
    records.write(RECORD, started=STARTED, models=[model])
    return run_folder / model["file"]


def test_a_record_reads_back_with_the_sha256_of_its_files(recorded):
    (row,) = records.read(RECORD)["models"]
    assert row["file"] == "models/net.keras"
    assert row["sha256"] == artifacts.sha256(recorded)


def test_altered_logits_are_refused(model, run_folder):
    logits = run_folder / "models" / "net-logits.npy"
    artifacts.write_text(logits, "logits")
    records.write(RECORD, started=STARTED, models=[model], logits=[artifacts.describe(logits)])
    artifacts.write_text(logits, "others")
    with pytest.raises(LabError, match=f"^run {RECORD} again: models/net-logits.npy has SHA-256"):
        records.read(RECORD)


def test_an_export_that_could_not_be_made_has_no_file_to_check(model):
    export = FOUND["exports"][0] | {"file": None, "bytes": None, "sha256": None}
    records.write(RECORD, started=STARTED, models=[model], exports=[export])
    assert records.read(RECORD)["exports"] == [export]


def test_an_altered_model_is_refused_with_the_notebook_to_run(recorded):
    recorded.write_bytes(b"other weights")
    with pytest.raises(LabError, match=rf"^run {RECORD} again: models/net.keras has SHA-256 \w+, "):
        records.read(RECORD)


def test_a_record_of_an_earlier_version_is_refused_with_the_notebook_to_run(recorded):
    path = STAGES[RECORD].record
    now = f'"schema_version": {results.version()}'
    path.write_text(path.read_text().replace(now, '"schema_version": 1'))
    with pytest.raises(LabError, match=f"^run {RECORD} again: its record was written by an earlie"):
        records.read(RECORD)


def test_a_missing_model_or_record_is_refused_with_the_notebook_to_run(recorded):
    recorded.unlink()
    with pytest.raises(LabError, match=f"^run {RECORD} first: models/net.keras is missing$"):
        records.read(RECORD)
    STAGES[RECORD].record.unlink()
    with pytest.raises(LabError, match=f"^run {RECORD} first: 01_tensorflow/record.json"):
        records.read(RECORD)


def test_a_record_with_a_field_that_nobody_declared_is_not_written(model):
    with pytest.raises(LabError, match=r"models/0: Additional properties .*'colour' was un"):
        records.write(RECORD, started=STARTED, models=[model | {"colour": "red"}])
    assert not STAGES[RECORD].record.exists()


def test_numbers_of_numpy_may_be_recorded(model):
    records.write(RECORD, started=STARTED, models=[model | {"test_accuracy": np.float64(0.5)}])
    assert records.read(RECORD)["models"][0]["test_accuracy"] == 0.5


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("", "record.json cannot be read: Expecting value"),
        ('{"models": [', "record.json cannot be read: "),
        ("[]", "record.json holds a list instead of an object"),
        ("[" * 10_000, "record.json cannot be read: "),
        ('{"schema_version": 6, "models": [{"file": "x"}]}', "its record is "),
        ('{"schema_version": 6, "models": 1}', "its record is "),
        ('{"schema_version": 6, "models": [1]}', "its record is "),
    ],
)
def test_a_damaged_record_is_refused_with_the_notebook_to_run(recorded, content, why):
    STAGES[RECORD].record.write_text(content)
    with pytest.raises(LabError, match=f"^run {RECORD} again: {why}"):
        records.read(RECORD)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"01_tensorflow_tflite": 1}'])
def test_damaged_notes_are_none(run_folder, content):
    artifacts.write_text(stages.notes_path(), content)
    assert stages.notes() == {}
