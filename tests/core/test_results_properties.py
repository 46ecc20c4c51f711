"""The contract, whatever the values: what is written reads back, what is altered is refused."""

import copy
import json
import tempfile

import made_up
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.core import artifacts
from helpers.core import old_results as results
from helpers.core.console import LabError

# A row of each table: what is allowed does not depend on how many there are.
WHOLE = json.loads(artifacts.to_json(made_up.whole("mlp")))
SMALL = {name: value[:1] if isinstance(value, list) else value for name, value in WHOLE.items()}
TIMES = ("median_s", "p90_s", "images_per_s", "timed_logit_difference", "others_cores")


@pytest.fixture(scope="module", autouse=True)
def folder():
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patched:
        patched.setenv("LAB_ARTIFACTS", name)
        yield


def leaves(value, path=()):
    """Every number, text and truth value in the results with where it stands."""
    if isinstance(value, dict | list):
        for key, each in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(each, (*path, key))
    elif value is not None:
        yield path


def objects(value, path=()):
    """Every object in the results."""
    if isinstance(value, dict):
        yield path
    if isinstance(value, dict | list):
        for key, each in value.items() if isinstance(value, dict) else enumerate(value):
            yield from objects(each, (*path, key))


def at(content, path):
    for key in path:
        content = content[key]
    return content


def changed(path, change):
    """The results with `change` called with the object or list, and the key, at a path."""
    content = copy.deepcopy(SMALL)
    change(at(content, path[:-1]), path[-1])
    return content


def refuses(content):
    """Both ways: it is not written, and not read when somebody else wrote it."""
    results.path().unlink(missing_ok=True)
    with pytest.raises(LabError) as error:
        results.write(content)
    assert "\n" not in str(error.value)
    assert not results.path().exists()
    artifacts.write_json(results.path(), content)
    with pytest.raises(LabError):
        results.read()


LEAVES = [
    path for path in leaves(SMALL) if path[0] != "challenges" and path[1:2] != ("parameters",)
]
# Free objects: any name may be a key of theirs.
FIXED = [path for path in objects(SMALL) if path and isinstance(path[-1], int)]


@given(st.fixed_dictionaries({name: st.floats(0, 1e300) for name in TIMES}), st.text())
def test_what_is_written_reads_back(values, reason):
    row = SMALL["latency"][0] | values
    failure = {
        **dict.fromkeys(("model", "threads")),
        "runtime": "litert",
        "what": "failed",
        "reason": reason,
        "attempts": 1,
        "processes_measured": 0,
    }
    content = {**SMALL, "latency": [row], "failures": [failure]}
    results.write(content)
    assert results.read() == content


@given(st.sampled_from(LEAVES), st.sampled_from([[], {}, float("nan"), float("inf")]))
def test_a_value_of_another_kind_is_refused(path, value):
    content = changed(path, lambda place, key: place.__setitem__(key, value))
    if value in ([], {}):
        refuses(content)
    else:
        with pytest.raises(LabError, match="^old_results.json cannot be JSON: "):
            results.write(content)


@given(st.sampled_from(FIXED), st.data())
def test_a_row_without_a_field_or_with_another_one_is_refused(path, data):
    row = at(SMALL, path)
    key = data.draw(st.sampled_from(sorted(row)))
    refuses(changed((*path, key), lambda place, key: place.pop(key)))
    refuses(changed((*path, "colour"), lambda place, key: place.__setitem__(key, "red")))


@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode) | st.just(b"[" * 100_000))
def test_any_other_content_is_refused_in_one_line(content):
    results.path().write_bytes(content)
    with pytest.raises(LabError) as error:
        results.read()
    assert "\n" not in str(error.value)


@given(st.data())
def test_a_damaged_file_is_refused_or_reads_as_what_the_contract_allows(data):
    content = bytearray(artifacts.to_json(SMALL).encode())
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    results.path().write_bytes(content)
    try:
        found = results.read()
    except LabError as error:
        assert "\n" not in str(error)
    else:
        results.write(found)  # allowed: another digit, another letter
