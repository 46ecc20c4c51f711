"""The timers of 2025: one first run a process, their spread, and stages that are differences."""

import json
import subprocess
import sys

import numpy as np
import pytest

from helpers.benchmark import timers_2025
from helpers.benchmark.timers_2025 import FORWARD, REST
from helpers.core.artifacts import PROJECT

IMAGES, LABELS = np.zeros((4, 28, 28), np.uint8), np.arange(4)


def record(name, number):
    """What a process writes: the third is slow, the others differ a little."""
    total_s = 9.0 if number == 3 else 1 + number / 100
    run = {"total_s": total_s, "stages": {FORWARD: total_s / 10, REST: 0.9 * total_s}}
    return {**run, "spent_s": 2.0}


@pytest.fixture
def started(monkeypatch, run_folder):
    """The processes that were started, by name; none of them is real."""
    names = []

    def start(module, specification, *, threads):
        names.append(specification["name"])
        return record(names[-1], names.count(names[-1]))

    monkeypatch.setattr(timers_2025.process, "run", start)
    return names


def test_each_timer_is_the_first_thing_of_several_processes(started):
    files = {"pytorch": "a.pt", "onnxruntime": "a.onnx"}
    rows, failed = timers_2025.run(files, IMAGES, LABELS, threads=2, processes=5)
    assert started == 5 * ["pytorch", "onnxruntime"]  # in rounds
    assert failed == []
    row = rows[0]
    assert (row["runtime"], row["protocol"], row["processes"]) == ("pytorch", "report_2025", 5)
    assert row["total_s"] == 1.04
    assert row["stages"][FORWARD] == pytest.approx(0.104)  # of the same process
    assert row["range_s"] == [1.01, 9.0]
    assert row["process_totals_s"] == [1.01, 1.02, 9.0, 1.04, 1.05]
    assert row["ci95_s"] is None  # from five processes
    assert [each["spent_s"] for each in rows] == [10, 10]


def test_a_timer_that_fails_is_not_tried_again_and_keeps_what_was_measured(monkeypatch, run_folder):
    def start(module, specification, *, threads, done=[]):  # noqa: B006
        done.append(1)
        if len(done) > 1:
            raise timers_2025.process.ProcessFailed("no room")
        return record("pytorch", 1)

    monkeypatch.setattr(timers_2025.process, "run", start)
    rows, (failed,) = timers_2025.run({"pytorch": "a.pt"}, IMAGES, LABELS, threads=2, processes=5)
    assert (rows[0]["processes"], rows[0]["ci95_s"]) == (1, None)
    assert (failed["reason"], failed["processes_measured"]) == ("no room", 1)


@pytest.mark.parametrize(("asked", "processes"), [(1, 1), (2, 6), (3, 6), (12, 12)])
def test_there_are_enough_processes_for_an_interval_but_in_the_quickest_run(asked, processes):
    assert timers_2025.processes_of(asked) == processes


# TensorFlow takes its number of threads once, so this is a process of its own.
TIMED = """
import json, sys
import numpy as np
from helpers.benchmark import timers_2025
name = sys.argv[1]
runtime = timers_2025.RUNTIMES[timers_2025.FAIR[name]](1)
runtime.model = runtime.models.ARCHITECTURES["mlp"]()
images, labels = np.zeros((256, 28, 28), np.uint8), np.arange(256) % 10
print(json.dumps(timers_2025.TIMERS_2025[name](runtime, images, labels)["stages"]))
"""


@pytest.mark.real
@pytest.mark.parametrize("name", ["tensorflow", "pytorch"])
def test_a_stage_that_is_a_difference_is_called_the_rest(name):
    command = [sys.executable, "-c", TIMED, name]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    stages = json.loads(done.stdout.splitlines()[-1])
    clocks = {stage for stage in stages if not stage.startswith(REST)}
    own = {"data loading", "ToTensor", "collating batches", "argmax and counting"}
    assert clocks == {FORWARD} | (own if name == "pytorch" else set())
    assert len(stages) - len(clocks) == (3 if name == "tensorflow" else 2)
