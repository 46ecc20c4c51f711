import json

import made_up
import numpy as np
import pytest

from helpers.core import artifacts, provenance, stages
from helpers.core import old_results as results
from helpers.core.console import LabError
from helpers.core.stages import NOTEBOOKS, STAGES

RECORD = NOTEBOOKS[0]
STARTED = "2026-01-02T03:04:05Z"
ERRORS = {"confusion": [], "common_errors": [], "robustness": []}


def write(notebook, dataset="a", started=STARTED, **content):
    results.write_record(
        notebook,
        started=started,
        dataset={"name": "sample", "sha256": dataset},
        parameters={"THREADS": 2},
        **({"errors": ERRORS} if notebook == NOTEBOOKS[3] else {}),
        **content,
    )


@pytest.fixture
def model(run_folder):
    """A row of `models` whose file is there."""
    file = run_folder / "models" / "net.keras"
    artifacts.write_text(file, "weights")
    own = {"file": "models/net.keras", "sha256": artifacts.sha256(file)}
    return made_up.results()["models"][0] | own


@pytest.fixture
def recorded(model, run_folder):
    results.write_record(RECORD, started=STARTED, models=[model])
    return run_folder / model["file"]


def test_a_record_reads_back_with_the_sha256_of_its_files(recorded):
    (row,) = results.read_record(RECORD)["models"]
    assert row["file"] == "models/net.keras"
    assert row["sha256"] == artifacts.sha256(recorded)


def test_altered_logits_are_refused(model, run_folder):
    logits = run_folder / "models" / "net-logits.npy"
    artifacts.write_text(logits, "logits")
    write(RECORD, models=[model], logits=[artifacts.describe(logits)])
    artifacts.write_text(logits, "others")
    with pytest.raises(LabError, match=f"^run {RECORD} again: models/net-logits.npy has SHA-256"):
        results.read_record(RECORD)


def test_an_export_that_could_not_be_made_has_no_file_to_check(model):
    export = made_up.results()["exports"][0]
    export |= {"file": None, "bytes": None, "sha256": None, "gate": "left out: two frameworks"}
    write(RECORD, models=[model], exports=[export])
    assert results.read_record(RECORD)["exports"] == [export]


def test_an_altered_model_is_refused_with_the_notebook_to_run(recorded):
    recorded.write_bytes(b"other weights")
    with pytest.raises(LabError, match=rf"^run {RECORD} again: models/net.keras has SHA-256 \w+, "):
        results.read_record(RECORD)


def test_a_record_of_an_earlier_version_is_refused_with_the_notebook_to_run(recorded):
    path = STAGES[RECORD].record
    path.write_text(path.read_text().replace('"schema_version": 6', '"schema_version": 1'))
    with pytest.raises(LabError, match=f"^run {RECORD} again: its record was written by an earlie"):
        results.read_record(RECORD)


def test_a_missing_model_or_record_is_refused_with_the_notebook_to_run(recorded):
    recorded.unlink()
    with pytest.raises(LabError, match=f"^run {RECORD} first: models/net.keras is missing$"):
        results.read_record(RECORD)
    STAGES[RECORD].record.unlink()
    with pytest.raises(LabError, match=f"^run {RECORD} first: 01_tensorflow/record.json"):
        results.read_record(RECORD)


def test_a_record_with_a_field_that_nobody_declared_is_not_written(model):
    with pytest.raises(LabError, match=r"models/0: Additional properties .*'colour' was un"):
        results.write_record(RECORD, started=STARTED, models=[model | {"colour": "red"}])
    assert not STAGES[RECORD].record.exists()


def test_numbers_of_numpy_may_be_recorded(model):
    results.write_record(
        RECORD, started=STARTED, models=[model | {"test_accuracy": np.float64(0.5)}]
    )
    assert results.read_record(RECORD)["models"][0]["test_accuracy"] == 0.5


def test_records_are_gathered_into_the_contract(model):
    write(NOTEBOOKS[0], models=[model])
    write(NOTEBOOKS[1])
    latency = made_up.results()["latency"][:1]
    write(NOTEBOOKS[2], latency=latency, measured_seconds=3.0)
    write(NOTEBOOKS[3])
    note = {"seconds": 4.0, "output_sha256": artifacts.sha256(STAGES[NOTEBOOKS[0]].record)}
    artifacts.write_json(stages.notes_path(), {NOTEBOOKS[0]: note})
    gathered = results.gather("quick")
    assert gathered["models"] == [model]
    assert gathered["latency"] == latency
    assert gathered["errors"] == ERRORS
    assert (gathered["run"]["profile"], gathered["run"]["started"]) == ("quick", STARTED)
    assert gathered["run"]["stages"] == {NOTEBOOKS[0]: 4.0}
    assert gathered["run"]["measured_seconds"] == 3.0
    json.dumps(gathered, allow_nan=False)


def test_machine_packages_commit_and_time_are_those_of_each_notebook(model, monkeypatch):
    versions = {"torch": "1.0"}
    monkeypatch.setattr(provenance, "versions", lambda: dict(versions))
    for number, name in enumerate(NOTEBOOKS[:4]):
        monkeypatch.setattr(provenance, "_cpu_name", lambda number=number: f"CPU {number}")
        write(name, started=f"2026-01-02T03:04:0{number}Z", measured_seconds=3.0)
    versions["torch"] = "2.0"
    monkeypatch.setattr(provenance, "git_commit", lambda: "now")
    note = {"seconds": 4.0, "output_sha256": artifacts.sha256(STAGES[NOTEBOOKS[2]].record)}
    stale = {"seconds": 5.0, "output_sha256": "of a record that is there no more"}
    chain = {"started": "2026-01-02T03:04:02Z"}
    artifacts.write_json(
        stages.notes_path(), {NOTEBOOKS[1]: stale, NOTEBOOKS[2]: note, stages.CHAIN: chain}
    )
    run = results.gather("quick")["run"]
    assert list(run["made"]) == list(NOTEBOOKS)
    made = [run["made"][name] for name in NOTEBOOKS]
    assert [own["machine"]["cpu"] for own in made] == [f"CPU {n}" for n in (0, 1, 2, 3, 3)]
    assert [own["packages"]["torch"] for own in made] == [*(4 * ["1.0"]), "2.0"]
    assert made[4]["commit"] == "now"
    assert made[0]["commit"] != "now"
    assert run["stages"] == {NOTEBOOKS[2]: 4.0}
    assert run["started"] == chain["started"]
    assert [own["started"] < run["started"] for own in made] == [True, True, *(3 * [False])]


def test_records_of_different_images_are_refused(model):
    write(NOTEBOOKS[0], models=[model])
    write(NOTEBOOKS[1], dataset="b")
    write(NOTEBOOKS[2], measured_seconds=3.0)
    write(NOTEBOOKS[3])
    with pytest.raises(LabError, match=f"^run {NOTEBOOKS[1]} again: it used sample"):
        results.gather("quick")


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
        results.read_record(RECORD)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"01_tensorflow_tflite": 1}'])
def test_damaged_notes_are_none(run_folder, content):
    artifacts.write_text(stages.notes_path(), content)
    assert stages.notes() == {}
