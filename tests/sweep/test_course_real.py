"""A course by its command line: worker processes, the chain's notebooks, everybody's page."""

import csv
import json
import os
import signal
import subprocess
import sys
import time

import psutil
import pytest
from bs4 import BeautifulSoup
from changes import as_a_user

from helpers.core.artifacts import PROJECT
from helpers.core.stages import NOTEBOOKS

pytestmark = pytest.mark.real

SMALL = {"profile": "quick", "DATASET": "sample", "TRAININGS": "mlp:lab:1"}
ONE_RUNTIME = {"RUNTIMES": "onnxruntime", "BASELINE": "onnxruntime"}
# Only the notebook knows how many images there are.
WRONG = "01_tensorflow_tflite failed in cell 18 "
WRONG += "(Plan the trainings, and take what the first epoch gets): "
WRONG += "LabError: batch size 3000: allowed is 1 to 2000, the training images"


def write_roster(folder, *people):
    """A roster of the people, whose parameters are `SMALL` and their own."""
    file = folder / "roster.csv"
    columns = ["name", "id", *SMALL, *dict.fromkeys(key for own in people for key in own)]
    with file.open("w", newline="") as text:
        writer = csv.DictWriter(text, list(dict.fromkeys(columns)), restval="")
        writer.writeheader()
        writer.writerows(SMALL | own for own in people)
    return file


def start(file, folder):
    return subprocess.Popen(
        [sys.executable, "-m", "helpers.sweep", "--course", str(file)],
        cwd=PROJECT,
        # Cores of its own: no test waits for what else trains on this machine.
        env=as_a_user(LAB_ARTIFACTS=str(folder), TMPDIR=str(file.parent)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def soup_of(page):
    return BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")


def statuses(folder):
    rows = soup_of(folder / "course" / "index.html").tbody("tr")
    return {row("td")[1].get_text(): row("td")[2].get_text() for row in rows}


def test_a_wrong_roster_writes_nothing_and_ends_with_exit_code_2(tmp_path):
    file = write_roster(tmp_path, {"name": "Ann", "id": "../a"})
    done = start(file, tmp_path / "artifacts")
    out, err = done.communicate(timeout=60)
    assert (done.returncode, out) == (2, "")
    assert err.startswith("error: roster.csv, line 2: id '../a': allowed are 1 to 64 letters")
    assert err.count("\n") == 1
    assert not (tmp_path / "artifacts").exists()


def test_who_fails_has_a_page_with_their_name_and_a_banner(tmp_path):
    person = {"name": "Bo <b>Bold</b>", "id": "m2", "BATCH_SIZE": 3000}
    done = start(write_roster(tmp_path, person), tmp_path)
    out, err = done.communicate(timeout=500)
    assert (done.returncode, err) == (1, ""), out
    assert f"m2 failed: {WRONG}\n" in out
    assert statuses(tmp_path) == {"m2": "failed"}
    page = soup_of(tmp_path / "course" / "m2" / "report.html")
    facts = {div.dt.get_text(): div.dd.get_text() for div in page.find(class_="facts")("div")}
    assert (facts["Author"], facts["Student ID"]) == ("Bo <b>Bold</b>", "m2")
    banner = page.find(class_="failure")
    assert WRONG in banner.get_text()
    assert page.find(id=banner.a["href"].removeprefix("#")) is not None
    facts = {div.dt.get_text(): div.dd.get_text() for div in banner("div")}
    assert facts["Not run"] == ", ".join(NOTEBOOKS[2:])  # 02 ran beside 01
    assert facts["Resume with"].startswith("make report FROM=01 PROFILE=quick DATASET=sample ")
    assert facts["Resume with"].endswith(f"LAB_ARTIFACTS={tmp_path / 'course' / 'm2'}")


@pytest.mark.campaign
def test_a_course_of_three_loses_a_worker_and_goes_on(tmp_path):
    people = (
        {"name": "Müller, Änne", "id": "m1", **ONE_RUNTIME},
        {"name": "Bo", "id": "m2", **ONE_RUNTIME, "BATCH_SIZE": 3000},
        {"name": "Chi", "id": "m3", **ONE_RUNTIME, "EPOCHS": 2},
    )
    file = write_roster(tmp_path, *people)
    course = start(file, tmp_path)
    own = psutil.Process(course.pid)
    step = wait_for_a_step(own)
    step.parent().send_signal(signal.SIGKILL)  # its worker
    out, err = course.communicate(timeout=1500)
    assert (course.returncode, err) == (1, ""), out
    assert not step.is_running()
    assert statuses(tmp_path) == {"m1": "finished", "m2": "failed", "m3": "finished"}
    names = {}
    for who in ("m1", "m3"):
        folder = tmp_path / "course" / who
        facts = soup_of(folder / "report.html").find(class_="facts")("dd")
        names[who] = [each.get_text() for each in facts[:2]]
        results = json.loads((folder / "old_results.json").read_text())
        assert set(results["run"]["stages"]) == set(NOTEBOOKS)
        spans = {name: made["started"] for name, made in results["run"]["made"].items()}
        assert max(spans[name] for name in NOTEBOOKS[:2]) <= spans[NOTEBOOKS[2]]
    assert names == {"m1": ["Müller, Änne", "m1"], "m3": ["Chi", "m3"]}
    command = [sys.executable, "-m", "helpers.pipeline.verify", str(tmp_path / "course" / "m1")]
    verified = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True)
    assert verified.returncode == 0, verified.stdout

    before = contents(tmp_path, "m1"), contents(tmp_path, "m3")
    again = start(file, tmp_path)
    out, err = again.communicate(timeout=600)
    assert (again.returncode, err) == (1, "")
    assert "finished" not in out
    assert statuses(tmp_path) == {"m1": "finished", "m2": "failed", "m3": "finished"}
    assert (contents(tmp_path, "m1"), contents(tmp_path, "m3")) == before


def wait_for_a_step(course):
    """The process of the first notebook that runs, once its kernel does."""
    for _ in range(600):
        for process in course.children(recursive=True):
            words = " ".join(process.cmdline()) if process.is_running() else ""
            if "helpers.sweep.course_work" in words and process.children():
                return process
        time.sleep(0.1)
    raise AssertionError("no notebook began")


def contents(folder, who):
    names = ("report.html", "old_results.json", "stages.json", "lab.yaml")
    return [(folder / "course" / who / name).read_bytes() for name in names]


@pytest.mark.skipif(os.name != "posix", reason="signals")
@pytest.mark.campaign
def test_ctrl_c_keeps_what_is_done_and_leaves_no_process(tmp_path):
    file = write_roster(tmp_path, {"name": "Ann", "id": "m1", **ONE_RUNTIME})
    course = start(file, tmp_path)
    step = wait_for_a_step(psutil.Process(course.pid))
    family = [step, *step.children(recursive=True), step.parent()]
    os.killpg(course.pid, signal.SIGINT)  # as a terminal does
    out, err = course.communicate(timeout=120)
    assert course.returncode == 130, out + err
    assert err == "error: interrupted; what is done is kept, and the same command goes on\n"
    gone, alive = psutil.wait_procs(family, timeout=20)
    assert alive == []
    assert statuses(tmp_path) == {"m1": "waiting"}
