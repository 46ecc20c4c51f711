"""What begins and ends a notebook."""

import os

import numpy as np
import pytest
from made_up import LABELS, logits_for

from helpers.core import files, machine, process, results
from helpers.core.console import LabError
from helpers.data import Dataset, Source
from helpers.lab import start
from helpers.training.recipes import Recipe
from helpers.training.runs import Plan, Run

FIRST, SECOND = list(results.NOTEBOOKS)[:2]
IMAGES = np.zeros((200, 28, 28), np.uint8)
DATASET = Dataset(IMAGES, LABELS, IMAGES, LABELS, Source("made up", "here", 200, 200, 64 * "0"))


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    for name in process.THREAD_VARIABLES:
        monkeypatch.setenv(name, "unset")


def a_run(architecture, recipe, seed, file):
    plan = Plan(architecture, recipe, Recipe(2, 64, 0.1), seed)
    kept = ([0.5, 0.25], [0.8, 0.9], 3.0, logits_for(LABELS), 1.0)
    return Run(plan, "pytorch", None, file, 7_850, *kept)


def test_start_gives_every_library_the_threads_and_the_notebook_the_number():
    for given, threads in ((None, machine.cores()), (1, 1)):
        namespace = {"THREADS": given, "EPOCHS": 3, "MY_ANSWERS": "42"}
        start(FIRST, namespace)
        assert namespace["THREADS"] == threads
        assert {os.environ[name] for name in process.THREAD_VARIABLES} == {str(threads)}
    with pytest.raises(LabError, match="EPOCHS: '3' is not of type 'integer'"):
        start(FIRST, {"THREADS": 1, "EPOCHS": "3"})


def test_finish_records_the_trainings_and_what_stands_beside_a_saved_model(run_folder):
    lab = start(SECOND, {"THREADS": 1, "EPOCHS": 2, "MY_ANSWERS": "42"})
    assert lab.read(FIRST, needed=False) == {}
    with pytest.raises(LabError, match=f"^run {FIRST} first"):
        lab.read(FIRST)
    file = files.model_file("mlp-pytorch.pt")
    file.write_bytes(b"saved")
    runs = [a_run("mlp", "lab", 1, file), a_run("mlp", "lab", 2, file)]
    offered = {"challenge": "onnx_layout", "tried": "(1,)", "worked": False, "outcome": "no"}
    lab.finish(
        DATASET, seeds=runs, models=runs[:1], exports=[], sgd_losses=[], challenges=[offered]
    )
    record = results.read_record(SECOND)
    assert [row["seed"] for row in record["seeds"]] == [1, 2]
    assert [row["epoch"] for row in record["history"]] == [1, 2]  # of the first seed alone
    (model,) = record["models"]
    assert (model["id"], model["epochs"], model["test_accuracy"]) == ("mlp-pytorch", 2, 1.0)
    assert record["challenges"][0]["stack"] in ("today", "2025")
    assert record["parameters"] == {"EPOCHS": 2, "THREADS": 1}
    np.testing.assert_array_equal(lab.logits("mlp-pytorch"), logits_for(LABELS))
