"""Verifying a run: nothing differs in an honest one, and what was changed is told."""

import json
import os
import shutil
import subprocess
import sys

import numpy as np
import pytest

from helpers import PROJECT, verify
from helpers.core import console, results
from helpers.data import Dataset, Source
from helpers.models import metrics
from helpers.report import claims

FIXTURE = PROJECT / "tests" / "fixtures" / "results.json"


def command(*folders):
    return subprocess.run(
        [sys.executable, "-m", "helpers.verify", *map(str, folders)],
        cwd=PROJECT,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        timeout=600,
    )


def change(file, *place, to):
    """Put another value into a JSON file, at the keys that lead there."""
    content = json.loads(file.read_text(encoding="utf-8"))
    inside = content
    for key in place[:-1]:
        inside = inside[key]
    inside[place[-1]] = to(inside[place[-1]]) if callable(to) else to
    file.write_text(json.dumps(content), encoding="utf-8")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "results.json is missing"),
        ("{", "cannot be read"),
        ('{"run": {"schema_version": 5}}', "schema_version: 6 was expected"),
        ('{"run": {"schema_version": 6}}', "is not what results.schema.json says"),
    ],
)
def test_what_is_no_run_of_this_version_is_told_in_one_line(content, said, tmp_path, capsys):
    folder = tmp_path / "group 3"
    folder.mkdir()
    if content:
        (folder / "results.json").write_text(content)
    assert console.exit_code(lambda: verify.tell(folder, alone=True)) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith(f"error: {folder}: ")
    assert said in told.err
    assert told.err.count("\n") == 1


@pytest.fixture
def run(tmp_path):
    found = results.read(FIXTURE)
    found["claims"] = claims.judge(found)
    return verify.Run(tmp_path, found)


def differing(check, run):
    tally = verify.Tally()
    for each in check(run):
        tally.compare(*each)
    assert tally.checked > 20
    return [place.partition(":")[0] for place in tally.differ]


def test_the_numbers_of_an_honest_run_follow_from_its_rounds_and_seeds(run):
    assert differing(verify.times, run) == []
    assert differing(verify.seeds, run) == []


@pytest.mark.parametrize(
    ("check", "table", "field", "value", "places"),
    [
        (verify.times, "latency", "median_s", 1.0, ["latency/0/median_s"]),
        (verify.times, "latency", "verdict", "slower", ["latency/0/verdict"]),
        (verify.times, "noise_floor", "ratio", 2.0, ["noise_floor/0/ratio"]),
        (verify.times, "timers_2025", "ci95_s", [1.0, 2.0], None),
        (verify.seeds, "differences", "difference", 0.0025, ["differences/0/difference"]),
        (verify.seeds, "differences", "verdict", "higher", ["differences/0/verdict"]),
        (verify.seeds, "claims", "verdict", "confirmed", ["claims/0/verdict"]),
    ],
)
def test_a_number_that_was_changed_is_told(run, check, table, field, value, places):
    run.found[table][0][field] = value
    found = differing(check, run)
    assert found[:1] == places if places else found


def test_a_file_outside_the_folder_is_none_of_the_run(run, tmp_path):
    run.folder = tmp_path / "run"
    run.folder.mkdir()
    (tmp_path / "elsewhere.onnx").write_bytes(b"")
    run.found["exports"][0]["file"] = "../elsewhere.onnx"
    files = {row["file"]: file for row, file in run.files()}
    assert files["../elsewhere.onnx"] is None


def test_ties_may_turn_elsewhere_and_without_a_network_its_exports_are_told(run, monkeypatch):
    labels = np.arange(10_000) % 10
    logits = np.eye(10, dtype=np.float32)[labels]
    lost = run.found["models"][0]
    confusion = {"model": lost["id"], "counts": metrics.confusion(logits, labels).tolist()}
    run.found["errors"] = {"common_errors": [], "confusion": [confusion]}
    for row in (*run.found["models"], *run.found["exports"]):
        (run.folder / row["file"]).parent.mkdir(exist_ok=True)
        (run.folder / row["file"]).touch()
    mnist = Dataset(labels, labels, labels, labels, Source("mnist", "", 0, 0, ""))
    monkeypatch.setattr(verify.data, "load_again", lambda *_: mnist)
    monkeypatch.setattr(verify.read_back, "read_all", lambda cases, **_: [logits] * len(cases))
    for image, differ in enumerate((False, False, True)):
        logits[image] = np.roll(logits[image], 1)
        tally = verify.Tally()
        for place, *values in list(verify.answers(run))[-2:]:
            tally.compare(place, *values)
        assert bool(tally.differ) == differ
    (run.folder / lost["file"]).unlink()
    told = [each for each in verify.answers(run) if isinstance(each, str)]
    exports = [row["id"] for row in run.found["exports"] if row["source"] == lost["id"]]
    assert told == [f"{id}, its model gave no logits" for id in exports]


# --- a whole run


@pytest.fixture
def copied(finished, tmp_path):
    ignored = shutil.ignore_patterns("logs", "notebooks")
    return shutil.copytree(finished[0], tmp_path / "a run", ignore=ignored)


@pytest.mark.real
def test_a_digit_of_the_page_a_time_and_an_exchanged_file_are_told_and_own_words_are_not(copied):
    page, content = copied / "report.html", results.read(copied / "results.json")
    html = page.read_text(encoding="utf-8")
    for id, old, new in (("discussion", "A time says", "I say"), ("claims", "115", "114")):
        before, mark, after = html.partition(f'id="05-cell-{id}"')
        assert old in after
        html = before + mark + after.replace(old, new, 1)
    page.write_text(html, encoding="utf-8")
    change(copied / "results.json", "latency", 0, "median_s", to=lambda s: 2 * s)
    first, second, *_ = (row["file"] for row in content["exports"] if row["format"] == "onnx")
    shutil.copyfile(copied / second, copied / first)
    done = command(copied)
    assert done.returncode == 1, done.stdout + done.stderr
    for told in (f"  {first}: ", "  latency/0/median_s: ", "  report.html, claims: "):
        assert told in done.stdout, done.stdout
    assert "report.html, discussion" not in done.stdout


@pytest.mark.real
def test_a_class_is_a_line_a_report_and_of_an_honest_run_nothing_differs(finished, tmp_path):
    folder = finished[0]
    before = {file: file.stat().st_mtime_ns for file in folder.rglob("*")}
    done = command(folder, tmp_path)
    (honest,) = done.stdout.splitlines()
    assert honest.startswith(f"{folder}: ")
    assert "mlp-pytorch" in honest
    assert "none differ; not checked: the writer's own cells discussion, conclusion" in honest
    assert done.stderr == f"error: {tmp_path}: results.json is missing\n"
    assert done.returncode == 2
    assert before == {file: file.stat().st_mtime_ns for file in folder.rglob("*")}
