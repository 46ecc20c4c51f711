"""A course on a real scheduler, whose workers are threads and whose notebooks only wait."""

import re
import threading
import time
from types import SimpleNamespace

import pytest
from bs4 import BeautifulSoup
from distributed import Client, Scheduler, SpecCluster, Worker
from made_up_course import FAILURE, PEOPLE

from helpers.core import artifacts, process, provenance
from helpers.core.console import LabError
from helpers.core.stages import NOTEBOOKS
from helpers.data import mnist
from helpers.pipeline import chain
from helpers.report import cover
from helpers.sweep import course, course_work

IMAGES = {person.id: mnist.Source("sample", "here", 1, 1, "0") for person in PEOPLE}


def workers(*resources):
    """A cluster of worker threads with these resources."""
    host = {"host": "127.0.0.1"}
    spec = {
        number: {"cls": Worker, "options": {**host, "nthreads": 1, "resources": own}}
        for number, own in enumerate(resources)
    }
    return SpecCluster(
        workers=spec,
        scheduler={"cls": Scheduler, "options": {**host, "dashboard_address": "127.0.0.1:0"}},
    )


@pytest.fixture(scope="module")
def client():
    with (
        workers({course.ALONE: 1}, {}, {}) as cluster,
        Client(cluster, set_as_default=False) as client,
    ):
        yield client


@pytest.fixture
def steps(run_folder, monkeypatch):
    """What each step was given and when it ran; one of m2's fails."""
    taken, lock = [], threading.Lock()

    def run(module, specification, *, threads, timeout_s):
        assert module == course_work.__name__
        start = time.perf_counter()
        time.sleep(0.05)
        case = (specification["folder"][-2:], specification["notebook"])
        with lock:
            taken.append((*case, start, time.perf_counter(), specification, threads))
        if case == ("m2", FAILURE["notebook"]):
            return {"failure": FAILURE}
        if case[1] == course_work.REPORT:
            artifacts.write_text(course.folder() / case[0] / "report.html", "the page")
        return {"failure": specification["failure"]}

    monkeypatch.setattr(process, "run", run)
    return taken


def test_trainings_run_side_by_side_and_each_measurement_alone(client, steps, capsys):
    assert course.run(PEOPLE, IMAGES, client) == 1
    spans = {(who, notebook): (start, end) for who, notebook, start, end, *_ in steps}

    def beside(case):
        start, end = spans[case]
        return {other for other, (a, b) in spans.items() if a < end and b > start} - {case}

    assert set(spans) == {
        *((who, name) for who in ("m1", "m3") for name in NOTEBOOKS),
        *(("m2", name) for name in (NOTEBOOKS[0], NOTEBOOKS[1], NOTEBOOKS[4])),
    }
    assert any(beside((who, NOTEBOOKS[0])) for who in ("m1", "m2", "m3"))
    for who in ("m1", "m3"):
        assert not beside((who, NOTEBOOKS[2]))
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("3 reports on 3 workers, http://")
    assert (
        said[1]
        == "m2 failed: 01_tensorflow_tflite failed in cell 18 (Plan): LabError: <batch> size"
    )
    assert sorted(said[2:4]) == ["m1 finished", "m3 finished"]
    assert said[4:] == [f"course: {course.folder() / 'index.html'}"]


def test_a_step_is_told_its_person_its_threads_and_what_failed(client, steps):
    course.run(PEOPLE, IMAGES, client)
    told = {(who, notebook): (given, threads) for who, notebook, _, _, given, threads in steps}
    given, threads = told["m3", NOTEBOOKS[0]]
    assert (given["profile"], given["settings"], threads) == ("quick", ["THREADS=2"], 2)
    assert given["failure"] is None
    assert course_work.request_of(given, NOTEBOOKS[0]).values == {"THREADS": 2}
    given, threads = told["m1", NOTEBOOKS[0]]
    assert threads == course.TRAINING_THREADS
    assert course_work.request_of(given, NOTEBOOKS[0]).values == {"THREADS": threads}
    assert course_work.request_of(given, NOTEBOOKS[2]).values == {}  # the whole machine
    assert told["m2", NOTEBOOKS[4]][0]["failure"] == FAILURE


def test_everybody_has_their_name_in_their_own_folder(client, steps, monkeypatch):
    course.run(PEOPLE, IMAGES, client)
    monkeypatch.setenv("LAB_ARTIFACTS", str(course.folder() / "m1"))
    assert cover.read_lab() == {
        "title": "Lab03: TensorFlow and PyTorch",
        "author": "Müller, Änne",
        "student_id": "m1",
        "course": "Advanced Programming",
        "instructor": "Prof. Tobias Schaffer",
    }


def test_the_index_leads_to_every_report_and_says_what_failed(client, steps):
    results = {
        "models": [
            {"framework": name, "architecture": "mlp", "test_accuracy": accuracy}
            for name, accuracy in (("tensorflow", 0.9), ("pytorch", 0.875))
        ],
        "goals": [{"verdict": each} for each in ("reached", "missed", "not testable", "reached")],
    }
    artifacts.write_json(course.folder() / "m1" / "old_results.json", results)
    course.run(PEOPLE, IMAGES, client)
    soup = BeautifulSoup((course.folder() / "index.html").read_text(), "html.parser")
    assert soup.h1.get_text() == "Lab03: TensorFlow and PyTorch: 3 reports"
    assert "Adham" not in soup.get_text()
    rows = [[cell.get_text() for cell in row("td")] for row in soup.tbody("tr")]
    assert rows == [
        ["Müller, Änne", "m1", "finished", "90.00%", "87.50%", "2 of 3", "profile=quick"],
        ["Bo <b>Bold</b>", "m2", "failed", "–", "–", "–", "profile=quick EPOCHS=2"],
        ["Chi", "m3", "finished", "–", "–", "–", "profile=quick THREADS=2"],
    ]
    assert [a["href"] for a in soup.tbody("a")] == [f"m{n}/report.html" for n in (1, 2, 3)]
    (item,) = soup.find(id="course-what-failed").find_next("ul")("li")
    assert item.get_text() == (
        "Bo <b>Bold</b>: 01_tensorflow_tflite failed in cell 18 (Plan): LabError: <batch> size"
    )
    assert item.a["href"] == "m2/report.html#01-cell-18"
    assert "default-src 'none'" in soup.find("meta", attrs={"http-equiv": True})["content"]


def test_what_is_done_and_unchanged_is_not_run_again(client, steps, monkeypatch):
    """04 of m1 has changed; 05 reads it."""
    monkeypatch.setattr(chain, "unchanged", lambda request, name: name != NOTEBOOKS[3])
    artifacts.write_text(course.folder() / "m3" / "report.html", "the page")
    people = [PEOPLE[0]]
    assert course.run(people, IMAGES, client) == 0
    assert [step[:2] for step in steps] == [("m1", NOTEBOOKS[3]), ("m1", NOTEBOOKS[4])]
    monkeypatch.setattr(chain, "unchanged", lambda request, name: True)
    steps.clear()
    (course.folder() / "m1" / "report.html").unlink()
    assert course.run([PEOPLE[0], PEOPLE[2]], IMAGES, client) == 0
    assert [step[:2] for step in steps] == [("m1", NOTEBOOKS[4])]  # its page is missing


def test_a_process_that_crashes_and_a_step_that_fails_are_a_persons_failure(client, steps, capsys):
    def crash(*_, **__):
        raise process.ProcessFailed("work was ended by signal 9\n(Killed)")

    process.run = crash  # the fixture puts it back
    assert course.run(PEOPLE[:1], IMAGES, client) == 1
    # 01 and 02 run side by side: either may be the first to crash.
    line = r"(?m)^m1 failed: 0[12]_\w+ stopped: work was ended by signal 9 \(Killed\)$"
    assert re.search(line, capsys.readouterr().out)
    process.run = None
    assert course.run(PEOPLE[:1], IMAGES, client) == 1
    assert "stopped: its worker failed: 'NoneType' object" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("resources", "message"),
    [
        (
            [{}, {}],
            "no worker offers the resource alone, so no time can be taken; start one worker",
        ),
        (
            [{course.ALONE: 1}, {course.ALONE: 1}],
            "several workers on 127.0.0.1 offer the resource alone, so times would be taken side ",
        ),
    ],
)
def test_workers_that_cannot_measure_alone_are_refused(run_folder, resources, message):
    with (
        workers(*resources) as cluster,
        Client(cluster, set_as_default=False) as client,
        pytest.raises(LabError) as error,
    ):
        course.run(PEOPLE, IMAGES, client)
    assert str(error.value).startswith(message)
    assert not run_folder.exists()


def test_a_scheduler_that_goes_away_ends_the_course_and_nobody_fails(steps, monkeypatch):
    running = course.Course(PEOPLE, IMAGES)
    submit = running._submit

    def submit_and_lose(client, phase):
        futures = submit(client, phase)
        client.cancel(list(futures), force=True)
        return futures

    monkeypatch.setattr(running, "_submit", submit_and_lose)
    # Workers of its own, which are gone before the steps would run for real.
    with (
        workers({course.ALONE: 1}, {}, {}) as cluster,
        Client(cluster, set_as_default=False) as client,
        pytest.raises(LabError, match=r"^the scheduler is gone; what is done is kept, and the "),
    ):
        running.run(client)
    assert running.failures == {}


def test_a_worker_with_another_runtime_is_named(client, run_folder, monkeypatch):
    def versions():
        here = threading.current_thread() is threading.main_thread()
        return {"onnxruntime": "1.31.1" if here else "1.16.3", "onnx": "1.23.2"}

    monkeypatch.setattr(provenance, "versions", versions)
    with pytest.raises(LabError, match=r"tcp://127\.0\.0\.1:\d+ has onnxruntime 1\.16\.3, other "):
        course.run(PEOPLE, IMAGES, client)
    assert not run_folder.exists()


def test_a_worker_that_does_not_see_the_folder_is_named(client, run_folder, monkeypatch):
    monkeypatch.setattr(course_work, "sees", lambda folder: False)
    with pytest.raises(LabError, match=r"^the worker tcp://127\.0\.0\.1:\d+ does not see .+course"):
        course.run(PEOPLE, IMAGES, client)


def test_another_run_in_somebodys_folder_is_told(client, steps, monkeypatch):
    with monkeypatch.context() as inside:
        inside.setenv("LAB_ARTIFACTS", str(course.folder() / "m3"))
        held = artifacts.alone()
        held.__enter__()
    try:
        with pytest.raises(LabError, match=r"is already running into .+m3"):
            course.run(PEOPLE, IMAGES, client)
    finally:
        held.__exit__(None, None, None)
    assert steps == []


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_of_two_notebooks_that_failed_side_by_side_the_first_of_the_chain_is_named(
    run_folder, monkeypatch, order
):
    monkeypatch.setattr(chain, "unchanged", lambda *_: False)
    running, person = course.Course(PEOPLE, IMAGES), PEOPLE[1]
    for place in order:
        failed = {**FAILURE, "notebook": NOTEBOOKS[place], "resume": NOTEBOOKS[place]}
        future = SimpleNamespace(status="finished", result=lambda failed=failed: failed)
        running._take(person, NOTEBOOKS[place], future)
    assert running.failures == {person.id: FAILURE}
