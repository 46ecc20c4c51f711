import importlib.metadata
import json
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from helpers.core import artifacts, provenance, results
from helpers.core.console import LabError
from helpers.core.results import NOTEBOOKS
from helpers.data.mnist import Source
from helpers.exports import inventory, model_card
from helpers.training import paired, runs
from helpers.training.loop import Epoch
from helpers.training.recipes import Recipe

HISTORY = [Epoch(1, 0.5, 0.9, 1.5), Epoch(2, 0.25, 0.95, 1.0)]


@pytest.fixture
def model(run_folder):
    plan = runs.Plan("mlp", "lab", Recipe(2, 10, 0.1), seed=7)
    run = runs.Run(plan, None, HISTORY, np.eye(3), 0.9, [{"a/kernel": np.ones(3)}] * 2)
    framework = SimpleNamespace(
        get_weights=lambda model: {"a": np.ones((2, 3)), "b": np.ones(3)},
        save=lambda model, path: path.write_bytes(b""),
    )
    made = {"train_images": 100, "source": Source("sample", "", 100, 10, "0"), "commit": "abc"}
    best = {"mlp-tensorflow": run}
    (row,) = inventory.save_models(NOTEBOOKS[0], framework, best, ".keras", **made)
    return row | {"twin": paired.twin(NOTEBOOKS[0], run)}


def write(notebook, dataset="a", **content):
    results.write_record(
        notebook,
        started="2026-01-02T03:04:05Z",
        dataset={"name": "sample", "sha256": dataset},
        parameters={"THREADS": 2},
        challenges={notebook: []},
        peak_rss_bytes=1,
        **content,
    )


def test_the_row_of_a_model(model, run_folder):
    assert (model["id"], model["framework"]) == ("mlp-tensorflow", "tensorflow")
    assert (model["epochs"], model["train_seconds"], model["seed"]) == (2, 2.5, 7)
    assert (model["validation_accuracy"], model["test_accuracy"]) == (0.95, 0.9)
    assert (model["file"], model["parameters"]) == ("models/mlp-tensorflow.keras", 9)
    np.testing.assert_array_equal(np.load(run_folder / model["logits"]["file"]), np.eye(3))
    said = model_card.read(run_folder / model["file"])
    assert said["training_data"] == "sample, 100 training images, SHA-256 0"
    assert (said["input_layout"], said["source_commit"]) == ("N,28,28", "abc")


def test_the_weights_after_each_epoch_are_kept(model, run_folder):
    with np.load(run_folder / model["twin"]["file"]) as kept:
        assert set(kept) == {"1/a/kernel", "2/a/kernel"}
    assert [row["loss"] for row in model["twin"]["history"]] == [0.5, 0.25]


def test_a_table_is_written_as_csv(run_folder):
    table = results.write_table(NOTEBOOKS[0], "history", [{"epoch": 1, "loss": 0.5}])
    path = run_folder / "01_tensorflow" / "history.csv"
    assert path.read_text() == "epoch,loss\n1,0.5\n"
    pd.testing.assert_frame_equal(table, pd.read_csv(path))


def test_records_are_gathered_into_the_contract(model):
    write(NOTEBOOKS[0], models=[model])
    write(NOTEBOOKS[1])
    write(NOTEBOOKS[2], latency=[{"runtime": "litert"}], measured_seconds=3.0)
    write(NOTEBOOKS[3], twins=[{"epoch": 1}])
    artifacts.write_json(results.stages_path(), {NOTEBOOKS[0]: {"seconds": 4.0}})
    gathered = results.gather("quick")
    assert gathered["models"] == [model]
    assert gathered["latency"] == [{"runtime": "litert"}]
    assert gathered["twins"] == [{"epoch": 1}]
    assert gathered["run"]["id"] == "quick-2026-01-02T03:04:05Z"
    assert gathered["run"]["stages"] == {NOTEBOOKS[0]: 4.0}
    assert gathered["run"]["measured_seconds"] == 3.0
    assert set(gathered["challenges"]) == set(NOTEBOOKS[:4])
    json.dumps(gathered, allow_nan=False)


def test_records_of_different_images_are_refused(model):
    write(NOTEBOOKS[0], models=[model])
    write(NOTEBOOKS[1], dataset="b")
    write(NOTEBOOKS[2], measured_seconds=3.0)
    write(NOTEBOOKS[3])
    with pytest.raises(LabError, match=f"^run {NOTEBOOKS[1]} again: it used sample"):
        results.gather("quick")


def test_results_that_are_not_there_name_the_notebook(run_folder):
    with pytest.raises(LabError, match="^run 05_lab_report first: results.json is missing$"):
        results.read()


def test_the_machine_and_its_packages():
    described = provenance.describe(2)
    assert described["cores"] >= 1
    assert described["threads"] == 2
    assert described["memory_bytes"] > 1e9
    assert described["cpu"]
    assert provenance.versions()["torch"] == importlib.metadata.version("torch")
    assert 20e6 < provenance.peak_rss_bytes() < 20e9


def test_an_installed_size_includes_what_is_required():
    assert provenance.install_bytes("pandas") > provenance.install_bytes("numpy") > 10e6
