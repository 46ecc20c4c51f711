"""results.json from the records: nothing is lost, and what is derived follows from the tables."""

import copy
import datetime
import json

import numpy as np
import pytest
from scipy import stats

from helpers import PROJECT
from helpers.core import files, machine, results
from helpers.core.console import LabError
from helpers.core.results import where
from helpers.report.gather import NAMES, TABLES, gather

FOUND = json.loads((PROJECT / "tests" / "fixtures" / "results.json").read_text())
TIMED = ("latency", "noise_floor", "start_up", "timers_2025", "failures")
SOURCE = {"name": "mnist", "origin": "here", "sha256": 64 * "0", "train": 60_000, "test": 10_000}
SOURCE |= {"classes": list("0123456789")}


def of_framework(table, framework):
    """The rows of a table that belong to the notebook of a framework."""
    if table == "challenges":
        route = framework == "tensorflow"
        return [r for r in FOUND[table] if (r["challenge"] == "tflite_route") == route]
    if table == "exports":
        return [{**r, "file": None} for r in FOUND[table] if framework in r["source"]]
    rows = where(FOUND[table], framework=framework)
    return [{**r, **made_up_file(r["file"])} for r in rows] if table == "models" else rows


def made_up_file(name):
    path = files.root() / name
    files.write_text(path, "weights")
    return {"file": name, "sha256": files.sha256(path)}


@pytest.fixture
def recorded(run_folder, todays_stack):
    """A function that writes the records of the notebooks 01 to 04 anew."""

    def write(sha256=SOURCE["sha256"], changed=NAMES[1]):
        for number, name in enumerate(NAMES):
            content = {table: FOUND[table] for table in TIMED if number == 2}
            if number < 2:
                framework = ("tensorflow", "pytorch")[number]
                tables = [table for table in TABLES if table not in TIMED]
                content = {table: of_framework(table, framework) for table in tables}
            if number == 3:
                content = {"errors": FOUND["errors"]}
            results.write_record(
                name,
                started=f"2026-01-02T03:04:0{number}Z",
                dataset=SOURCE | ({"sha256": sha256} if name == changed else {}),
                parameters={"THREADS": 2},
                **copy.deepcopy(content),
            )

    write()
    return write


def test_the_tables_are_those_of_the_records_and_the_schema_allows_them(recorded):
    found = gather("quick")
    results.write(found)
    for table in ("latency", "noise_floor", "start_up", "timers_2025", "errors", "sgd_losses"):
        assert found[table] == FOUND[table]
    assert len(found["seeds"]) == len(FOUND["seeds"])
    assert found["claims"]


@pytest.mark.filterwarnings("ignore:Precision loss")
def test_differences_are_welchs(recorded):
    rows = gather("quick")["differences"]
    assert len(rows) == len(FOUND["differences"]) > 1
    for row in rows:
        kind = {name: row[name] for name in ("architecture", "recipe")}
        tensorflow, pytorch = (
            [r["test_accuracy"] for r in where(FOUND["seeds"], framework=name, **kind)]
            for name in ("tensorflow", "pytorch")
        )
        test = stats.ttest_ind(pytorch, tensorflow, equal_var=False)
        assert row["difference"] == pytest.approx(np.mean(pytorch) - np.mean(tensorflow))
        assert row["ci95"] == pytest.approx(list(test.confidence_interval(0.95)))
        low, high = row["ci95"]
        assert (row["verdict"] == "no clear difference") == (low <= 0 <= high)


def test_the_run_is_told_by_its_notebooks(recorded, monkeypatch):
    for name, ended in zip(
        NAMES[:2], ("2026-01-02T03:05:00Z", "2026-01-01T03:05:00Z"), strict=True
    ):
        ran = {"duration": 4.0, "end_time": ended}
        files.write_json(results.executed(name), {"metadata": {"papermill": ran}})
    monkeypatch.setattr(machine, "git_commit", lambda: "now")
    run = gather("quick")["run"]
    assert run["seconds"] == {"01": 4.0}  # 02 ran by hand since
    assert run["git_commits"]["05"] == "now" != run["git_commits"]["01"]
    assert run["machine"]["threads"] == 2
    assert run["dataset"]["train_images"] == 60_000
    started = datetime.datetime.fromisoformat(run["started"])
    assert started == datetime.datetime.fromisoformat("2026-01-02T03:04:00+00:00")


def test_the_challenges_of_a_run_with_the_versions_of_2025_stand_beside_todays(recorded):
    made = gather("quick")
    of_2025 = copy.deepcopy(made)
    of_2025["challenges"] = [row | {"stack": "2025"} for row in made["challenges"][:3]]
    files.write_json(results.path_of_2025(), of_2025)
    both = gather("quick")
    assert both["challenges"] == made["challenges"] + of_2025["challenges"]
    assert both["failures"] == made["failures"]
    results.path_of_2025().write_text("{")
    found = gather("quick")
    assert found["challenges"] == made["challenges"]
    assert found["failures"][-1]["reason"].startswith("the challenges with the versions of 2025: ")
    results.write(found)


def test_records_of_different_images_are_refused(recorded):
    recorded("1" * 64)
    with pytest.raises(LabError, match=f"^run {NAMES[1]} again: it used mnist"):
        gather("quick")
