"""The contract: what results.json may hold, and what is refused."""

import copy
import json

import pytest
from jsonschema import Draft202012Validator

from helpers.core import results
from helpers.core.artifacts import PROJECT
from helpers.core.console import LabError

FIXTURE = PROJECT / "tests" / "fixtures" / "results.json"
SCHEMA = json.loads(results.SCHEMA.read_text(encoding="utf-8"))


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


def change(content, place, to):
    """Return the content with another value at a place such as "latency/0/median_s"."""
    made = copy.deepcopy(content)
    where, steps = made, place.split("/")
    for number, step in enumerate(steps, start=1):
        key = int(step) if isinstance(where, list) else step
        if number == len(steps):
            where[key] = to
        else:
            where = where[key]
    return made


@pytest.mark.parametrize(
    ("place", "wrong", "said"),
    [
        ("latency/0/median_s", "fast", "latency/0/median_s: 'fast' is not of type 'number'"),
        ("latency/0/median_s", -1, "latency/0/median_s: -1 is less than the minimum of 0"),
        ("latency/0/ratio", 0, "latency/0/ratio: 0 is not valid under any of the given schemas"),
        ("latency/0/rounds", [], r"latency/0/rounds: \[\] should be non-empty"),
        ("latency/0/verdict", "tied", "latency/0/verdict: 'tied' is not one of "),
        ("latency/0/colour", "red", "latency/0: Additional properties are not allowed"),
        ("models/0/test_accuracy", 99.06, "models/0/test_accuracy: 99.06 is greater than"),
        ("models/0/recipe", "defaults", "models/0/recipe: 'defaults' is not one of"),
        ("exports/0/file", "/tmp/a.onnx", "exports/0/file: '/tmp/a.onnx' is not valid"),
        ("errors/confusion/0/counts/0/0", 1.5, "counts/0/0: 1.5 is not of type 'integer'"),
        ("run/started", "yesterday", "run/started: 'yesterday' does not match"),
        ("run/lab/course", None, "run/lab/course: None is not of type 'string'"),
        ("run/seconds/05", 1.0, "run/seconds: '05' does not match"),
        ("history/0/loss", float("nan"), "cannot be JSON: Out of range float values"),
    ],
)
def test_a_field_that_is_wrong_is_named_in_one_line_and_nothing_is_written(
    run_folder, content, place, wrong, said
):
    results.write(content)
    before = results.path().read_bytes()
    with pytest.raises(LabError, match=f"^results.json .*{said}") as refused:
        results.write(change(content, place, wrong))
    assert "\n" not in str(refused.value)
    assert results.path().read_bytes() == before
    assert [file.name for file in run_folder.iterdir()] == ["results.json"]


@pytest.mark.parametrize("table", [*SCHEMA["required"]])
def test_no_table_may_be_missing(run_folder, content, table):
    without = {name: rows for name, rows in content.items() if name != table}
    with pytest.raises(LabError, match=f"'{table}' is a required property"):
        results.write(without)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "results.json is missing: make the report first"),
        ("", "make the report again: results.json cannot be read: Expecting value"),
        ('{"run": {', "make the report again: results.json cannot be read: "),
        ("[]", "make the report again: results.json holds a list instead of an object"),
        ("{}", "results.json has schema_version none, allowed is 6; make the report again"),
        ('{"run": 1}', "results.json has schema_version none, allowed is 6; "),
        ('{"run": {"schema_version": 5}}', "results.json has schema_version 5, allowed is 6; "),
        ('{"schema_version": 5}', "results.json has schema_version none, allowed is 6; "),
        ('{"run": {"schema_version": 6}}', "results.json is not what results.schema.json says: "),
    ],
)
def test_a_file_that_is_no_results_is_refused_in_one_line(run_folder, text, said):
    run_folder.mkdir()
    if text is not None:
        results.path().write_text(text)
    with pytest.raises(LabError, match=f"^{said}") as refused:
        results.read()
    assert "\n" not in str(refused.value)
