"""The contract: what results.json and the notebooks' records may hold, and what is refused."""

import copy

import numpy as np
import pytest
from jsonschema import Draft202012Validator

from helpers import PROJECT
from helpers.core import files, results
from helpers.core.console import LabError

SCHEMA = results.SCHEMA
FIXTURE = PROJECT / "tests" / "fixtures" / "results.json"
FIRST = next(iter(results.NOTEBOOKS))
STARTED = "2026-01-02T03:04:05Z"


@pytest.fixture(scope="module")
def content():
    return results.read(FIXTURE)


def objects(schema, place=""):
    """Every object with named fields in the schema, with where it stands."""
    if "properties" in schema:
        yield place, schema
    for key, value in schema.items():
        if isinstance(value, dict):
            yield from objects(value, f"{place}/{key}")


def test_the_schema_says_of_every_field_what_it_is_and_lets_none_be_left_out_or_added():
    Draft202012Validator.check_schema(SCHEMA)
    found = dict(objects(SCHEMA))
    assert len(found) > 20
    for place, each in found.items():
        assert each["additionalProperties"] is False, place
        assert set(each["required"]) == set(each["properties"]), place
        for name, field in each["properties"].items():
            assert len(field.get("description", "")) > 3, f"{place}/{name}"


def test_results_read_back_as_they_were_written(run_folder, content):
    results.write(content)
    assert results.path() == run_folder / "results.json"
    assert results.read() == content


@pytest.mark.parametrize(
    ("place", "wrong", "said"),
    [
        ("latency/0/median_s", "fast", "latency/0/median_s: 'fast' is not of type 'number'"),
        ("latency/0/rounds", [], r"latency/0/rounds: \[\] should be non-empty"),
        ("latency/0/verdict", "tied", "latency/0/verdict: 'tied' is not one of "),
        ("latency/0/colour", "red", "latency/0: Additional properties are not allowed"),
        ("models/0/test_accuracy", 99.06, "models/0/test_accuracy: 99.06 is greater than"),
        ("exports/0/file", "/tmp/a.onnx", "exports/0/file: '/tmp/a.onnx' is not valid"),
        ("run/started", "yesterday", "run/started: 'yesterday' does not match"),
        ("history/0/loss", float("nan"), "cannot be JSON: Out of range float values"),
    ],
)
def test_a_field_that_is_wrong_is_named_in_one_line_and_nothing_is_written(
    run_folder, content, place, wrong, said
):
    made = copy.deepcopy(content)
    *steps, last = (int(step) if step.isdecimal() else step for step in place.split("/"))
    where = made
    for step in steps:
        where = where[step]
    where[last] = wrong
    with pytest.raises(LabError, match=f"^results.json .*{said}") as refused:
        results.write(made)
    assert "\n" not in str(refused.value)
    assert not run_folder.exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "results.json is missing"),
        ('{"run": {', "results.json cannot be read: "),
        ("[]", "results.json holds a list instead of an object"),
        ('{"run": {"schema_version": 5}}', "results.json .*schema_version: 6 was expected"),
        ('{"run": 1}', "results.json is not what results.schema.json says: "),
    ],
)
def test_a_file_that_is_no_results_is_refused_in_one_line(run_folder, text, said):
    run_folder.mkdir()
    if text is not None:
        results.path().write_text(text)
    with pytest.raises(LabError, match=f"^{said}") as refused:
        results.read()
    assert "\n" not in str(refused.value)


@pytest.fixture
def model(run_folder, content):
    """A row of `models` whose file is there."""
    file = files.model_file("net.keras")
    files.write_text(file, "weights")
    return content["models"][0] | {"file": "models/net.keras", "sha256": files.sha256(file)}


def test_a_record_reads_back_numbers_of_numpy_and_an_export_without_a_file_too(model, content):
    model["test_accuracy"] = np.float64(0.5)
    export = content["exports"][0] | {"file": None, "bytes": None, "sha256": None}
    results.write_record(FIRST, started=STARTED, models=[model], exports=[export])
    record = results.read_record(FIRST)
    assert (record["models"], record["exports"]) == ([model], [export])
    assert record["made"]["started"] == STARTED


@pytest.mark.parametrize("altered", ["net.keras", "net-logits.npy"])
def test_a_file_that_was_altered_or_is_gone_is_refused_with_the_notebook_to_run(model, altered):
    logits = files.model_file("net-logits.npy")
    files.write_text(logits, "logits")
    own = {"models": [model], "logits": [files.describe(logits)]}
    results.write_record(FIRST, started=STARTED, **own)
    files.model_file(altered).write_text("others")
    said = f"^run {FIRST} first: models/{altered} is missing or is not the file it wrote"
    with pytest.raises(LabError, match=said):
        results.read_record(FIRST)
    files.model_file(altered).unlink()
    with pytest.raises(LabError, match=said):
        results.read_record(FIRST)


def test_a_record_with_a_field_that_nobody_declared_is_not_written(model):
    with pytest.raises(LabError, match=r"models/0: Additional properties .*'colour' was un"):
        results.write_record(FIRST, started=STARTED, models=[model | {"colour": "red"}])
    assert not results.record_path(FIRST).exists()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "is missing"),
        ('{"models": [', "cannot be read: "),
        ("[]", "holds a list instead of an object"),
        ('{"models": [1]}', "is not what results.schema.json says: "),
    ],
)
def test_a_damaged_record_is_refused_with_the_notebook_to_run(run_folder, content, why):
    if content is not None:
        files.write_text(results.record_path(FIRST), content)
    with pytest.raises(LabError, match=f"^run {FIRST} first: {FIRST}.json {why}"):
        results.read_record(FIRST)
