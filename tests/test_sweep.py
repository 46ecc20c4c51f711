"""A sweep: what its file may ask for, its rows, and trainings on workers that are disturbed."""

import os
import signal

import dask
import pandas as pd
import pytest
import yaml
from loopback import Cluster, wait_for

from helpers import sweep
from helpers.core.console import LabError
from helpers.training.recipes import STRONG

GRID = {
    "framework": ["tensorflow", "pytorch"],
    "architecture": "mlp",
    "recipe": "lab",
    "seeds": 3,
    "epochs": 2,
    "batch_size": [64, 128],
    "learning_rate": 0.004,
}
STRONG_ALONE = {"framework": "pytorch", "architecture": "cnn", "recipe": "strong", "seeds": 1}


def file_of(folder, *grids, **content):
    file = folder / "sweep.yaml"
    file.write_text(yaml.safe_dump({"dataset": "sample", "grids": list(grids), **content}))
    return file


def test_a_grid_asks_for_every_combination_of_its_values_from_every_seed_once(tmp_path):
    tasks = sweep.tasks_of(file_of(tmp_path, GRID, GRID | {"seeds": 4}))
    assert len(tasks) == 2 * 2 * 4
    assert {task["seed"] for task in tasks} == {1, 2, 3, 4}
    assert {task["train_images"] for task in tasks} == {3_667}
    assert len({sweep.key_of(task) for task in tasks}) == len(tasks)
    task = tasks[0]
    assert sweep.key_of({**task, "learning_rate": 4e-3}) == sweep.key_of(task)
    assert sweep.key_of({**task, "seed": 9}) != sweep.key_of(task)


def test_the_strong_recipe_brings_its_own_numbers(tmp_path):
    (task,) = sweep.tasks_of(file_of(tmp_path, STRONG_ALONE))
    own = {name: getattr(STRONG["cnn"], name) for name in ("epochs", *sweep.OWN)}
    assert own.items() <= task.items()
    (short,) = sweep.tasks_of(file_of(tmp_path, STRONG_ALONE | {"epochs": 2}))
    assert short["epochs"] == 2


@pytest.mark.parametrize(
    ("grids", "said"),
    [
        ([GRID | {"batchsize": 3}], "grid 1: batchsize is not a field (did you mean batch_size?)"),
        ([GRID, GRID | {"epochs": 0}], "grid 2: epochs is 0; allowed is a whole number from 1 to"),
        ([GRID | {"learning_rate": [0.1, 2]}], "learning_rate is 2; allowed is a number above 0"),
        (
            [GRID | {"framework": "jax"}],
            "framework is 'jax'; allowed is one of tensorflow,",
        ),
        ([GRID | {"seeds": 0}], "seeds is 0; allowed is a whole number from 1"),
        ([GRID | {"batch_size": []}], "batch_size is empty, so there is nothing to train"),
        ([GRID | {"batch_size": 5000}], "BATCH_SIZE=5000: allowed is 1 to 3667, the training"),
        ([GRID | {"recipe": ["lab", "strong"]}], "give it a grid of its own without them"),
        ([STRONG_ALONE | {"batch_size": 64}], "give it a grid of its own without them"),
        ([{"framework": "pytorch"}], "grid 1 has no architecture; allowed is"),
        (["lab"], "grid 1 is 'lab'; write lines of framework,"),
        ([], "asks for no training; write grids:"),
    ],
)
def test_what_is_not_allowed_is_told_in_one_line(tmp_path, grids, said):
    with pytest.raises(LabError) as told:
        sweep.tasks_of(file_of(tmp_path, *grids))
    assert said in str(told.value)
    assert "\n" not in str(told.value)


def test_a_failed_training_has_its_reason_and_makes_way_for_a_finished_one(run_folder, tmp_path):
    task = sweep.tasks_of(file_of(tmp_path, GRID))[0]
    assert sweep.rows().empty
    sweep.write(sweep.row_of(task, sweep.FAILED, "its loss is nan"))
    (row,) = sweep.rows().to_dict("records")
    assert (row["status"], row["reason"]) == ("failed", "its loss is nan")
    assert pd.isna(row["test_accuracy"])
    given = dict.fromkeys(sweep.GIVEN, 0.5)
    sweep.write(sweep.row_of(task, sweep.FINISHED) | given)
    (row,) = sweep.rows().to_dict("records")
    assert (row["status"], row["test_accuracy"], row["seed"]) == ("finished", 0.5, task["seed"])
    assert len(list(sweep.folder().iterdir())) == 1


def test_a_file_that_is_no_row_is_told_and_left(run_folder):
    sweep.folder().mkdir(parents=True)
    other = sweep.folder() / "0123456789abcdef.parquet"
    pd.DataFrame({"accuracy": [0.9]}).to_parquet(other)
    before = other.read_bytes()
    with pytest.raises(LabError, match="is no row of a sweep: .*move it away"):
        sweep.rows()
    assert other.read_bytes() == before


@pytest.mark.parametrize("address", ["nonsense", "tcp://127.0.0.1:1", "http://127.0.0.1:1"])
def test_an_address_without_a_scheduler_is_told_in_one_line(monkeypatch, address):
    monkeypatch.setattr(sweep, "ANSWER_S", 1)
    with pytest.raises(LabError) as told, sweep.connected(address, 1):
        pass
    assert f"the cluster at {address} cannot be used: " in str(told.value)
    assert "\n" not in str(told.value)


def test_settings_of_dask_that_stop_a_cluster_are_told_in_one_line():
    wrong = {"distributed.worker.multiprocessing-method": "pigeon"}
    said = "^a cluster on this machine cannot be used: .*"
    with dask.config.set(wrong), pytest.raises(LabError, match=said), sweep.connected(None, 1):
        pass


SMALL = {**GRID, "seeds": 2, "epochs": 1, "framework": "pytorch"}
# TensorFlow compiles for a second before it trains: fewer of these.
GRIDS, TOGETHER = (SMALL, SMALL | {"framework": "tensorflow", "batch_size": 64}), 6


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """A scheduler with two workers."""
    started = Cluster(tmp_path_factory.mktemp("cluster"))
    started.workers(2)
    yield started
    started.end()


def ended(process, code):
    said, wrong = process.communicate(timeout=300)
    assert process.returncode == code, said + wrong
    return said + wrong


@pytest.mark.real
def test_a_sweep_with_a_killed_worker_and_a_killed_client_ends_as_an_undisturbed_one(
    cluster, run_folder, tmp_path, monkeypatch
):
    def there():
        return len(list((run_folder / "sweep").glob("[!.]*.parquet")))

    file = file_of(tmp_path, *GRIDS)
    first = cluster.sweep(file, run_folder)
    wait_for(lambda: there() >= 1)
    cluster.kill_a_worker()
    wait_for(lambda: there() >= 3)
    first.send_signal(signal.SIGKILL)
    first.communicate()
    assert there() < TOGETHER
    kept = []
    for folder in (run_folder, tmp_path / "again"):
        said = ended(cluster.sweep(file, folder), 0)
        assert f"{TOGETHER} finished, 0 failed" in said
        assert (folder / "sweep" / "many_seeds.html").stat().st_size > 50_000
        monkeypatch.setenv("LAB_ARTIFACTS", str(folder))
        rows = sweep.rows().sort_values("key").drop(columns="train_seconds")
        kept.append(rows.reset_index(drop=True))
    pd.testing.assert_frame_equal(*kept)


@pytest.mark.real
def test_a_training_that_diverges_is_a_row_with_its_reason(cluster, run_folder, tmp_path):
    one = {"seeds": 1, "batch_size": 64, "learning_rate": [0.004, 1.0]}
    said = ended(cluster.sweep(file_of(tmp_path, SMALL | one), run_folder), 1)
    failed, finished = sweep.rows().sort_values("status").to_dict("records")
    assert (failed["status"], finished["status"]) == ("failed", "finished")
    assert failed["learning_rate"] == 1
    assert failed["reason"] in said
    assert "of the validation images are right" in failed["reason"]


@pytest.mark.real
def test_a_worker_with_another_version_is_refused_and_nothing_is_trained(
    cluster, run_folder, tmp_path
):
    package = tmp_path / "other" / "torch-9.9.9.dist-info"
    package.mkdir(parents=True)
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: torch\nVersion: 9.9.9\n")
    path = os.pathsep.join([str(package.parent), os.environ["PYTHONPATH"]])
    worker = cluster.workers(1, PYTHONPATH=path)
    try:
        said = ended(cluster.sweep(file_of(tmp_path, SMALL), run_folder), 2)
    finally:
        worker.terminate()
        worker.wait(20)
    assert "9.9.9" in said
    assert not (run_folder / "sweep").exists()
