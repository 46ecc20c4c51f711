import made_up
import pytest
from bs4 import BeautifulSoup

from helpers.findings import goals, verdicts
from helpers.report import tables
from helpers.training.recipes import STRONG

KINDS = (("mlp", "strong", 0.99, 100.0), ("cnn", "strong", 0.994, 130.0), ("mlp", "lab", 0.98, 7.0))


@pytest.fixture
def results():
    """Three runs of each kind in both frameworks, and an int8 file beside each float32 one."""
    made = made_up.results()
    made["run"]["parameters"]["01_tensorflow_tflite"]["TRAIN_IMAGES"] = None
    made["seeds"] = [
        {
            "framework": framework,
            "architecture": architecture,
            "recipe": recipe,
            "seed": seed,
            "epochs": STRONG[architecture].epochs if recipe == "strong" else 5,
            "train_seconds": seconds - seed,
            "test_accuracy": accuracy + (seed - 1) / 1_000,
        }
        for framework in ("tensorflow", "pytorch")
        for architecture, recipe, accuracy, seconds in KINDS
        for seed in range(3)
    ]
    for row in list(made["exports"]):
        small = {"precision": "int8", "bytes": 100_000, "id": row["id"].replace("float32", "int8")}
        lost = 0.0005 if row["format"] == "onnx" else 0.0015
        made["exports"].append({**row, **small, "test_accuracy": row["test_accuracy"] - lost})
    row = next(
        r
        for r in made["latency"]
        if (r["runtime"], r["scenario"], r["threads"]) == ("onnxruntime", "offline", 2)
    )
    made["latency"].append({**row, "precision": "int8", "main": False, "median_s": 0.0054})
    return made


def decided(results):
    return verdicts.decide(goals.GOALS, results, "goal")


def found(results):
    return {row["goal"]: (row["evidence"], row["verdict"]) for row in decided(results)}


def test_each_goal_is_decided_by_its_bound(results):
    assert found(results) == {
        "mlp, strong recipe, TensorFlow: mean test accuracy": ("99.00%", "reached"),
        "mlp, strong recipe, TensorFlow: longest training": ("100 s", "reached"),
        "mlp, strong recipe, PyTorch: mean test accuracy": ("99.00%", "reached"),
        "mlp, strong recipe, PyTorch: longest training": ("100 s", "reached"),
        "cnn, strong recipe, TensorFlow: mean test accuracy": ("99.40%", "missed"),
        "cnn, strong recipe, TensorFlow: longest training": ("130 s", "missed"),
        "cnn, strong recipe, PyTorch: mean test accuracy": ("99.40%", "missed"),
        "cnn, strong recipe, PyTorch: longest training": ("130 s", "missed"),
        "mlp, lab recipe, TensorFlow: mean test accuracy": ("98.00%", "reached"),
        "mlp, lab recipe, TensorFlow: longest training": ("7 s", "reached"),
        "mlp, lab recipe, PyTorch: mean test accuracy": ("98.00%", "reached"),
        "mlp, lab recipe, PyTorch: longest training": ("7 s", "reached"),
        "full int8: points lost to float32": ("0.15", "missed"),
        "full int8: bytes of float32's": ("0.244", "reached"),
        "best 8 bit file of the main network / NumPy float32, offline": ("0.45", "reached"),
        "float32 exports: images in another class than their source's": ("0", "reached"),
        "float32 exports: largest logit difference": ("1.0e-05", "reached"),
    }
    rows = decided(results)
    assert rows[0]["target"] == "at least 98.95%"
    assert rows[1]["target"] == "at most 120 s"
    words = goals.sentence(rows)
    assert words.startswith(
        "The chain's run reached 12 of 17 measured goals; missed: cnn, strong recipe"
    )
    assert "full int8: points lost to float32 (0.15)" in words


def test_one_image_in_another_class_misses_the_goal(results):
    results["exports"][0]["agreement"] = 0.9999
    goal = "float32 exports: images in another class than their source's"
    assert found(results)[goal] == ("1", "missed")


@pytest.mark.parametrize(
    "why", ["fewer runs", "fewer epochs", "fewer images", "the sample", "other images"]
)
def test_a_smaller_run_decides_nothing_about_trainings(results, why):
    if why == "fewer runs":
        results["seeds"] = [row for row in results["seeds"] if row["seed"] < 2]
    if why == "fewer epochs":
        for row in results["seeds"]:
            row["epochs"] = 1
    if why == "fewer images":
        results["run"]["parameters"]["01_tensorflow_tflite"]["TRAIN_IMAGES"] = 2_000
    if why == "the sample":
        results["run"]["dataset"]["name"] = "sample"
    if why == "other images":
        results["run"]["dataset"]["name"] = "fashion"
    decided = {goal: value for goal, value in found(results).items() if "recipe" in goal}
    assert len(decided) == 12
    for goal, value in decided.items():
        assert value[1] == "not testable" or (why == "fewer epochs" and "lab" in goal)
    if why == "other images":
        evidence = "The images are those of fashion, not the full MNIST."
        assert {value[0] for value in decided.values()} == {evidence}
        assert found(results)["full int8: points lost to float32"] == (evidence, "not testable")


def test_what_was_not_measured_is_said(results):
    results.update(seeds=[], exports=[], latency=[])
    rows = decided(results)
    assert {row["verdict"] for row in rows} == {"not testable"}
    assert goals.sentence(rows) == "None of the project's goals was measured."
    table = BeautifulSoup(tables.checks(rows, "goal"), "html.parser")
    assert [cell.get_text() for cell in table("tr")[1]("td")][1:] == [
        *("at least 98.95%", "not testable", "Fewer than 3 whole runs."),
    ]
