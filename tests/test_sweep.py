"""A sweep: what its file may ask for, its rows, and trainings on workers that are disturbed."""

import gc
import os
import signal
import subprocess
import sys
import time

import dask
import numpy as np
import pandas as pd
import pytest
import yaml
from distributed import LocalCluster

from helpers import PROJECT, sweep
from helpers.core import process
from helpers.core.console import LabError
from helpers.training.recipes import STRONG

GRID = {
    "framework": ["tensorflow", "pytorch"],
    "architecture": ["mlp"],
    "recipe": ["lab"],
    "seeds": 3,
    "epochs": [2],
    "batch_size": [64, 128],
    "learning_rate": [0.004],
}
STRONG_ALONE = {"framework": ["pytorch"], "architecture": ["cnn"], "recipe": ["strong"], "seeds": 1}


@pytest.fixture(scope="module")
def images(dataset, tmp_path_factory):
    """A folder with the sample's images: the sample itself takes seconds to load."""
    folder = tmp_path_factory.mktemp("images")
    arrays = {"x_train": dataset.train_images, "y_train": dataset.train_labels}
    arrays |= {"x_test": dataset.test_images, "y_test": dataset.test_labels}
    np.savez(folder / "mnist.npz", **arrays)
    return str(folder)


def file_of(folder, images, *grids):
    file = folder / "sweep.yaml"
    file.write_text(yaml.safe_dump({"dataset": images, "grids": list(grids)}))
    return file


def test_a_grid_asks_for_every_combination_of_its_values_from_every_seed_once(tmp_path, images):
    tasks = sweep.tasks_of(file_of(tmp_path, images, GRID, GRID | {"seeds": 101}))
    assert len(tasks) == 2 * 2 * 101
    assert {task["seed"] for task in tasks} == set(range(1, 102))
    assert len({sweep.key_of(task) for task in tasks}) == len(tasks)


def test_the_strong_recipe_brings_its_own_numbers_which_a_grid_may_replace(tmp_path, images):
    (task,) = sweep.tasks_of(file_of(tmp_path, images, STRONG_ALONE))
    assert {name: getattr(STRONG["cnn"], name) for name in sweep.NUMBERS}.items() <= task.items()
    (short,) = sweep.tasks_of(file_of(tmp_path, images, STRONG_ALONE | {"epochs": [2]}))
    assert short == task | {"epochs": 2}


@pytest.mark.parametrize(
    ("grids", "said"),
    [
        ([GRID | {"batchsize": [3]}], "grid 1: .*batchsize' was unexpected"),
        ([GRID, GRID | {"batch_size": [64, 0]}], "grid 2: batch_size: 0 is less than .* 1"),
        ([GRID | {"learning_rate": ["1e-3"]}], "grid 1: learning_rate: '1e-3' is not .* 'number'"),
        ([GRID | {"framework": ["jax"]}], "framework: 'jax' is not one of .*'tensorflow'"),
        ([GRID | {"epochs": 2}], "grid 1: epochs: 2 is not of type 'array'"),
        ([GRID | {"batch_size": []}], r"batch_size: \[\] should be non-empty"),
        ([STRONG_ALONE | {"recipe": ["strong", "lab"]}], "'epochs' is a required property"),
        (["lab"], "grid 1: 'lab' is not of type 'object'"),
        ([], r"grids: \[\] should be non-empty"),
    ],
)
def test_what_is_not_allowed_is_told_in_one_line(tmp_path, grids, said):
    with pytest.raises(LabError, match=f"^sweep.yaml: .*{said}.*$"):
        sweep.tasks_of(file_of(tmp_path, "sample", *grids))


def test_a_failed_row_has_its_reason_and_makes_way_for_a_finished(run_folder, tmp_path, images):
    task = sweep.tasks_of(file_of(tmp_path, images, GRID))[0]
    assert sweep.rows().empty
    sweep.write(sweep.row_of(task, sweep.FAILED, "its loss is nan"))
    (row,) = sweep.rows().to_dict("records")
    assert (row["status"], row["reason"]) == ("failed", "its loss is nan")
    sweep.write(sweep.row_of(task, sweep.FINISHED) | dict.fromkeys(sweep.GIVEN, 0.5))
    (row,) = sweep.rows().to_dict("records")
    assert (row["status"], row["test_accuracy"], row["seed"]) == ("finished", 0.5, task["seed"])


def test_a_file_that_is_no_row_is_told_and_left(run_folder):
    sweep.folder().mkdir(parents=True)
    other = sweep.folder() / "0123456789abcdef.parquet"
    other.write_text("no row")
    with pytest.raises(LabError, match="0123456789abcdef.parquet.*move that file away"):
        sweep.rows()
    assert other.read_text() == "no row"


@pytest.mark.parametrize(
    ("address", "settings", "said"),
    [
        ("nonsense", {}, "the cluster at nonsense cannot be used: .*nonsense"),
        ("tcp://127.0.0.1:1", {}, "the cluster at .*:1 cannot be used: Timed out"),
        (
            None,
            {"distributed.worker.multiprocessing-method": "pigeon"},
            "a cluster on this machine cannot",
        ),
    ],
)
def test_a_cluster_that_cannot_be_used_is_told_in_one_line(address, settings, said):
    settings = {"distributed.comm.timeouts.connect": "1s", **settings}
    with dask.config.set(settings), pytest.raises(LabError, match=f"^{said}.*$"):
        sweep.connected(address)
    gc.collect()  # collected while another client starts, one waits for itself


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """A scheduler and two workers, processes of their own."""
    patient = {"distributed.deploy.lost-worker-timeout": "1 week"}  # as a sweep's own cluster is
    with pytest.MonkeyPatch.context() as patch, dask.config.set(patient):
        patch.setenv("LAB_ARTIFACTS", str(tmp_path_factory.mktemp("cluster")))
        with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as running:
            yield running


def begin(file, cluster, folder, **environment):
    """Start a sweep as a user does."""
    return subprocess.Popen(
        [
            sys.executable,
            "-m",
            "helpers.sweep",
            str(file),
            "--scheduler",
            cluster.scheduler_address,
        ],
        cwd=PROJECT,
        env={**os.environ, "LAB_ARTIFACTS": str(folder), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.mark.real
def test_a_sweep_with_a_killed_worker_and_a_killed_client_ends_as_an_undisturbed_one(
    cluster, run_folder, tmp_path, images, monkeypatch
):
    def wait_for(number):
        end = time.monotonic() + 240
        while len(list(sweep.folder().glob("[!.]*"))) < number:
            assert first.poll() is None, first.communicate()
            assert time.monotonic() < end, "waited in vain"
            time.sleep(0.05)

    small = GRID | {"framework": ["pytorch"], "seeds": 3, "epochs": [1], "batch_size": [64]}
    diverges = small | {"seeds": 1, "learning_rate": [1.0]}
    file = file_of(tmp_path, images, small, diverges)
    first = begin(file, cluster, run_folder)
    wait_for(1)
    os.kill(min(cluster.get_client().run(os.getpid).values()), signal.SIGKILL)
    wait_for(2)
    first.kill()
    first.communicate()
    again = begin(file, cluster, run_folder)
    said, _ = again.communicate(timeout=240)
    assert again.returncode == 1, said
    assert "3 finished, 1 failed" in said
    assert (run_folder / "sweep" / "many_seeds.html").stat().st_size > 50_000
    rows = pd.read_parquet(run_folder / "sweep" / "rows.parquet")
    rows = rows.drop(columns="train_seconds").sort_values("key", ignore_index=True)
    (failed,) = rows[rows["status"] == "failed"].to_dict("records")
    assert failed["learning_rate"] == 1
    assert "of the validation images are right" in failed["reason"]
    for name in process.THREAD_VARIABLES:  # of which a training sets its own
        monkeypatch.setenv(name, "1")
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    undisturbed = pd.DataFrame(map(sweep.train, sweep.tasks_of(file)))[rows.columns]
    torch.set_num_threads(threads)
    expected = undisturbed.sort_values("key", ignore_index=True)
    pd.testing.assert_frame_equal(rows, expected.astype(rows.dtypes))


@pytest.mark.real
def test_workers_with_other_versions_are_refused_and_nothing_is_trained(
    cluster, run_folder, tmp_path, images
):
    package = tmp_path / "torch-9.9.9.dist-info"
    package.mkdir()
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: torch\nVersion: 9.9.9\n")
    path = os.pathsep.join([str(tmp_path), os.environ["PYTHONPATH"]])
    sweeping = begin(file_of(tmp_path, images, GRID), cluster, run_folder, PYTHONPATH=path)
    said, _ = sweeping.communicate(timeout=240)
    assert sweeping.returncode == 2, said
    assert "9.9.9" in said
    assert not sweep.folder().exists()
