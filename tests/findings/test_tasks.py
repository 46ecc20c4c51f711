import made_up
import pytest
from bs4 import BeautifulSoup

from helpers.findings import tasks, verdicts
from helpers.report import tables

# What the lab of 2025 asked for, in its order.
ASKED = [
    "Build the network",
    "Train it",
    "Evaluate it",
    "Export it",
    "Test with TensorFlow Lite",
    "Test with ONNX Runtime",
    "Compare accuracy and inference time",
    "Challenges faced",
    "Error analysis",
    "Limitations",
]


@pytest.fixture
def results():
    made = made_up.results()
    cnns = [{**row, "id": "cnn", "architecture": "cnn"} for row in made["models"]]
    return {**made, "models": made["models"] + cnns, "common_errors": [{}, {}]}


def decided(results):
    return verdicts.decide(tasks.TASKS, results, "task")


def by_task(results):
    return {row["task"]: row for row in decided(results)}


def test_every_task_of_2025_is_met_with_its_evidence(results):
    found = by_task(results)
    assert list(found) == ASKED
    assert {row["verdict"] for row in found.values()} == {"met"}
    assert found["Train it"]["evidence"] == (
        "2 trainings from the same starts: 1 in TensorFlow and 1 in PyTorch."
    )
    assert found["Export it"]["evidence"] == (
        "1 TFLite file, 1 ONNX file and 0 files of the other framework; all pass the gate."
    )
    assert found["Test with ONNX Runtime"]["evidence"] == (
        "ONNX Runtime read 1 file in fresh processes; the mlp reaches 97.39% there."
    )
    assert found["Challenges faced"]["evidence"] == (
        "Each was tried again: `_get_save_spec()` wrote a file; 1 direct TFLite route of 3 writes "
        "a broken file without an error; PyTorch's ONNX file refuses 1 of 2 layouts."
    )
    assert (
        tasks.sentence(list(found.values())) == "This report meets 10 of 10 tasks of the 2025 lab."
    )


def test_a_task_that_is_not_met_says_why(results):
    results["latency"] = [row for row in results["latency"] if row["runtime"] == "litert"]
    results["exports"][1]["gate"] = "logits are not finite"
    results["models"] = results["models"][:2]
    found = by_task(results)
    missed = {name: row["evidence"] for name, row in found.items() if row["verdict"] == "not met"}
    assert missed == {
        "Export it": "The gate refused mlp-pytorch-onnx-float32.",
        "Test with ONNX Runtime": "ONNX Runtime read no float32 file of the mlp that passes the "
        "gate.",
        "Compare accuracy and inference time": "1 runtime timed, and a comparison needs two.",
        "Limitations": "No convolutional network was trained.",
    }
    assert tasks.sentence(list(found.values())) == (
        "This report meets 6 of 10 tasks of the 2025 lab; not met: Export it, Test with ONNX "
        "Runtime, Compare accuracy and inference time, Limitations."
    )


def test_the_table_links_to_where_a_task_is_met(results):
    results["exports"][0]["gate"] = "<broken>"
    soup = BeautifulSoup(tables.checks(decided(results), "task"), "html.parser")
    rows = {row.td.get_text(): row for row in soup.tbody("tr")}
    links = {a.get_text(): a["href"] for a in rows["Train it"]("a")}
    assert links == {
        "TensorFlow": "01_tensorflow_tflite.ipynb#Train",
        "PyTorch": "02_pytorch_onnx.ipynb#Train",
    }
    assert rows["Train it"].span.get_text() == "met"
    assert rows["Export it"].span.get_text() == "not met"
