import json
from dataclasses import asdict

import made_up
import pytest
from bs4 import BeautifulSoup

from helpers.core import artifacts
from helpers.findings import goals, sentences, verdicts
from helpers.report import tables
from helpers.training import tuning
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
        "best 8 bit mlp / NumPy float32, offline": ("0.45", "reached"),
        "float32 exports: images in another class than their source's": ("0", "reached"),
        "float32 exports: largest logit difference": ("1.0e-05", "reached"),
    }
    rows = decided(results)
    assert rows[0]["target"] == "at least 98.95%"
    assert rows[1]["target"] == "at most 120 s"
    words = goals.sentence(rows)
    assert words.startswith("12 of the 17 goals measured were reached; missed: cnn, strong recipe")
    assert "full int8: points lost to float32 (0.15)" in words


def test_one_image_in_another_class_misses_the_goal(results):
    results["exports"][0]["agreement"] = 0.9999
    goal = "float32 exports: images in another class than their source's"
    assert found(results)[goal] == ("1", "missed")


@pytest.mark.parametrize("why", ["fewer runs", "fewer epochs", "fewer images", "the sample"])
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
    decided = {goal: value for goal, value in found(results).items() if "recipe" in goal}
    assert len(decided) == 12
    for goal, value in decided.items():
        assert value[1] == "not testable" or (why == "fewer epochs" and "lab" in goal)


def test_what_was_not_measured_is_said(results):
    results.update(seeds=[], exports=[], latency=[])
    rows = decided(results)
    assert {row["verdict"] for row in rows} == {"not testable"}
    assert goals.sentence(rows) == "None of the project's goals was measured."
    table = BeautifulSoup(tables.checks(rows, "goal"), "html.parser")
    assert [cell.get_text() for cell in table("tr")[1]("td")][1:] == [
        *("at least 98.95%", "not testable", "Fewer than 3 whole runs."),
    ]


@pytest.mark.parametrize("architecture", STRONG)
def test_a_variant_is_one_change_of_the_chosen_recipe(architecture):
    made = tuning.variants(architecture)
    chosen = asdict(made.pop(tuning.CHOSEN))
    assert chosen == asdict(STRONG[architecture])
    for name, recipe in made.items():
        changed = [field for field, value in asdict(recipe).items() if value != chosen[field]]
        assert len(changed) == 1, name


def test_tries_of_an_earlier_recipe_do_not_count(run_folder):
    assert tuning.results() == []
    first, second, *_ = tuning.trials()
    kept = {**first, "validation_accuracy": 0.99}
    stale = {**second, "recipe": {**second["recipe"], "epochs": 7}}
    artifacts.write_json(run_folder / "tuning.json", [kept, stale])
    assert tuning.results() == [kept]


def test_the_tries_in_a_table_and_a_sentence():
    gained = {"as chosen": 0.99, "60 epochs": 0.985, "weight decay 0.05": 0.991}
    tried = [
        {
            "architecture": "mlp",
            "variant": variant,
            "seed": seed,
            "recipe": {},
            "validation_accuracy": accuracy + (seed - 1.5) / 1_000,
        }
        for variant, accuracy in gained.items()
        for seed in (1, 2)
    ]
    rows = BeautifulSoup(tables.tuning(tried), "html.parser")("tr")
    assert [cell.get_text() for cell in rows[2]("td")] == [
        *("mlp", "60 epochs", "2", "98.50%", "-0.50 points")
    ]
    assert sentences.tuning(tried) == (
        "On the validation images, over paired seeds, the best of 2 changes of the mlp's recipe "
        "(weight decay 0.05) gives +0.10 points beside the chosen one."
    )
    assert tables.tuning([]) == ""
    assert "make tuning" in sentences.tuning([])


def test_the_reference_holds_every_try():
    path = artifacts.PROJECT / "artifacts" / "reference" / "tuning.json"
    done = json.loads(path.read_text(encoding="utf-8"))
    for trial in tuning.trials():
        assert any(trial.items() <= row.items() for row in done), trial


def test_what_raw_pixels_cost(results):
    exports = results["exports"]
    exports += [{**row, "id": row["id"] + "-pixels", "input": "pixels"} for row in exports]
    words = "4 of the 4 are exactly as accurate when they take raw pixels"
    assert sentences.raw_pixels(exports) == f"{words}."
    exports[-1]["test_accuracy"] += 0.0002
    assert sentences.raw_pixels(exports) == (
        "3 of the 4 are exactly as accurate when they take raw pixels, and "
        "mlp-pytorch-onnx-int8 differs most, by 0.02 points."
    )


def test_recalls_have_a_row_for_each_digit_and_a_column_for_each_model():
    recalls = [
        {"model": model, "label": label, "images": 980, "recall": 0.98, "ci95": [0.97, 0.99]}
        for model in ("mlp-tensorflow", "mlp-pytorch")
        for label in range(10)
    ]
    rows = BeautifulSoup(tables.recalls(recalls), "html.parser")("tr")
    head, first, *rest = ([cell.get_text() for cell in row(["th", "td"])] for row in rows)
    assert head == ["Digit", "Images", "mlp-tensorflow", "mlp-pytorch"]
    assert first == ["0", "980", "98.0% (97.0–99.0)", "98.0% (97.0–99.0)"]
    assert len(rest) == 9
