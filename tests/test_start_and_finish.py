"""What begins and ends a notebook."""

import os

import numpy as np
import pytest
from made_up import LABELS, logits_for

from helpers.core import artifacts, process, provenance, records
from helpers.core.console import LabError
from helpers.core.stages import NOTEBOOKS
from helpers.data import Dataset, Source
from helpers.lab import start
from helpers.training.recipes import Recipe
from helpers.training.runs import Plan, Run

IMAGES = np.zeros((200, 28, 28), np.uint8)
DATASET = Dataset(IMAGES, LABELS, IMAGES, LABELS, Source("made up", "here", 200, 200, 64 * "0"))


@pytest.fixture
def environment(monkeypatch):
    for name in process.THREAD_VARIABLES:
        monkeypatch.setenv(name, "unset")
    return os.environ.__getitem__


def a_run(architecture, recipe, seed, file):
    plan = Plan(architecture, recipe, Recipe(2, 64, 0.1), seed)
    kept = ([0.5, 0.25], [0.8, 0.9], 3.0, logits_for(LABELS), 1.0)
    return Run(plan, "pytorch", None, file, 7_850, *kept)


def test_start_gives_every_library_the_threads_and_the_notebook_the_number(environment):
    namespace = {"THREADS": None, "EPOCHS": 3, "MY_ANSWERS": "42"}
    start(NOTEBOOKS[0], namespace)
    assert namespace["THREADS"] == provenance.cores()
    assert {environment(name) for name in process.THREAD_VARIABLES} == {str(provenance.cores())}
    namespace["THREADS"] = 1
    start(NOTEBOOKS[0], namespace)
    assert environment("OMP_NUM_THREADS") == "1"


@pytest.mark.parametrize("wrong", [{"EPOCH": 3}, {"EPOCHS": "3"}, {"BATCH_SIZE": 0}])
def test_start_refuses_what_is_misspelt_or_not_allowed(environment, wrong):
    with pytest.raises(LabError, match=next(iter(wrong))):
        start(NOTEBOOKS[0], {"THREADS": 1} | wrong)


def test_finish_records_the_trainings_and_what_stands_beside_a_saved_model(environment, run_folder):
    lab = start(NOTEBOOKS[1], {"THREADS": 1, "EPOCHS": 2})
    file = artifacts.model_file("mlp-pytorch.pt")
    file.write_bytes(b"saved")
    runs = [a_run("mlp", "lab", 1, file), a_run("mlp", "lab", 2, file)]
    offered = {"challenge": "onnx_layout", "tried": "(1,)", "worked": False, "outcome": "no"}
    lab.finish(
        DATASET, seeds=runs, models=runs[:1], exports=[], sgd_losses=[], challenges=[offered]
    )
    record = records.read(NOTEBOOKS[1])
    assert [row["seed"] for row in record["seeds"]] == [1, 2]
    assert [row["epoch"] for row in record["history"]] == [1, 2]  # of the first seed alone
    (model,) = record["models"]
    assert (model["id"], model["epochs"], model["test_accuracy"]) == ("mlp-pytorch", 2, 1.0)
    assert record["challenges"][0]["stack"] in ("today", "2025")
    assert record["parameters"] == {"EPOCHS": 2, "THREADS": 1}
    np.testing.assert_array_equal(lab.logits("mlp-pytorch"), logits_for(LABELS))


def test_an_earlier_notebooks_record_may_be_missing_where_it_is_not_needed(environment, run_folder):
    lab = start(NOTEBOOKS[1], {"THREADS": 1})
    assert lab.read(NOTEBOOKS[0], needed=False) == {}
    with pytest.raises(LabError, match=f"^run {NOTEBOOKS[0]} first"):
        lab.read(NOTEBOOKS[0])
