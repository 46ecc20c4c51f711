"""Sweeps on a real scheduler and real workers, which the tests disturb."""

import json
import os
import signal

import pytest
from loopback import Cluster, wait_for

from helpers.core import sweeps

pytestmark = pytest.mark.real

GRID = {
    "framework": "pytorch",
    "architecture": "mlp",
    "recipe": "lab",
    "seeds": 6,
    "epochs": 1,
    "batch_size": [64, 128, 256],
    "learning_rate": 0.004,
}
# TensorFlow compiles for a second before it trains: fewer of these.
GRIDS, TOGETHER = (GRID, GRID | {"framework": "tensorflow", "batch_size": 64}), 24
# What is the same wherever and whenever a training ran.
SAME = [
    *("key", "schema_version", *sweeps.DECIDING, "dataset", "status", "reason", "attempts"),
    *("test_accuracy", "validation_accuracy", "loss"),
]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """A scheduler with two workers."""
    started = Cluster(tmp_path_factory.mktemp("cluster"))
    started.workers(2)
    yield started
    started.end()


def file_of(folder, *grids):
    file = folder / "sweep.yaml"
    file.write_text(json.dumps({"dataset": "sample", "grids": grids}))  # JSON is YAML
    return file


def rows(folder):
    return list((folder / "sweep").glob("*.parquet"))


def ended(sweep, code):
    said, wrong = sweep.communicate(timeout=200)
    assert sweep.returncode == code, said + wrong
    return said + wrong


def test_a_sweep_with_a_killed_worker_and_a_killed_client_ends_as_an_undisturbed_one(
    cluster, run_folder, tmp_path, monkeypatch
):
    file = file_of(tmp_path, *GRIDS)
    first = cluster.sweep(file, run_folder)
    wait_for(lambda: len(rows(run_folder)) >= 8)
    cluster.kill_a_worker()
    wait_for(lambda: len(rows(run_folder)) >= 12)
    first.send_signal(signal.SIGKILL)
    first.communicate()
    assert len(rows(run_folder)) < TOGETHER

    second = cluster.sweep(file, run_folder)
    wait_for(lambda: len(rows(run_folder)) >= 17)
    second.send_signal(signal.SIGINT)
    assert "what is done is kept, and the same command goes on" in ended(second, 130)
    assert 17 <= len(rows(run_folder)) < TOGETHER

    disturbed = finished_rows(cluster, file, run_folder, monkeypatch)
    assert len(disturbed) == TOGETHER
    assert disturbed == finished_rows(cluster, file, tmp_path / "again", monkeypatch)


def finished_rows(cluster, file, folder, monkeypatch):
    """The rows of a sweep once all its trainings have finished, without where and when."""
    assert f"{TOGETHER} finished, 0 failed" in ended(cluster.sweep(file, folder), 0)
    monkeypatch.setenv("LAB_ARTIFACTS", str(folder))
    return [{name: row[name] for name in SAME} for row in sweeps.read()]


def test_two_sweeps_at_once_lose_none_of_each_others_rows(cluster, run_folder, tmp_path):
    file = file_of(tmp_path, GRID | {"batch_size": 64})
    both = [cluster.sweep(file, run_folder) for _ in range(2)]
    for sweep in both:
        assert "6 finished, 0 failed" in ended(sweep, 0)
    assert len(sweeps.read()) == len(rows(run_folder)) == 6
    assert {row["status"] for row in sweeps.read()} == {sweeps.FINISHED}


def test_a_training_that_diverges_is_a_row_with_its_reason(cluster, run_folder, tmp_path):
    one = {"seeds": 1, "batch_size": 64, "learning_rate": [0.004, 1.0]}
    file = file_of(tmp_path, GRID | one)
    said = ended(cluster.sweep(file, run_folder), 1)
    failed, finished = sorted(sweeps.read(), key=lambda row: row["status"])
    assert (failed["status"], finished["status"]) == ("failed", "finished")
    assert failed["learning_rate"] == 1
    assert failed["test_accuracy"] is None
    assert failed["reason"] in said
    assert "of the validation images are right" in failed["reason"]


def test_a_worker_with_another_version_is_named_and_nothing_is_trained(
    cluster, run_folder, tmp_path
):
    package = tmp_path / "other" / "torch-9.9.9.dist-info"
    package.mkdir(parents=True)
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: torch\nVersion: 9.9.9\n")
    path = os.pathsep.join([str(package.parent), os.environ["PYTHONPATH"]])
    worker = cluster.workers(1, PYTHONPATH=path)
    try:
        said = ended(cluster.sweep(file_of(tmp_path, GRID), run_folder), 2)
    finally:
        worker.terminate()
        worker.wait(20)
    assert "torch 9.9.9 instead of " in said
    assert "error: the worker tcp://127.0.0.1:" in said
    assert rows(run_folder) == []
