import made_up
import pytest
from made_up import cells

from helpers.findings import sentences, verdicts
from helpers.report import cover, tables


@pytest.fixture
def results():
    return made_up.with_claims()


def test_a_sentence_says_the_opposite_when_the_sign_changes(results):
    assert "PyTorch is 0.25 points more accurate" in sentences.findings(results)
    for row, accuracy in zip(results["seeds"], (0.98, 0.97), strict=True):
        row["test_accuracy"] = accuracy
    assert "PyTorch is 1.00 points less accurate" in sentences.findings(results)
    results["seeds"][1]["test_accuracy"] = 0.98
    assert "PyTorch is exactly as accurate as TensorFlow" in sentences.findings(results)


def test_paired_seeds_say_whether_the_frameworks_differ(results):
    words = sentences.seed_difference(results["seeds"])
    assert words.endswith("from one seed each, which says nothing about the frameworks")
    first, second = results["seeds"]
    results["seeds"] = [
        {**row, "seed": seed, "test_accuracy": 0.97 + gain}
        for seed, points in enumerate((0.1, 0.2, 0.3))
        for row, gain in ((first, 0), (second, points / 100))
    ]
    # The t interval of 0.1, 0.2, 0.3 is 0.2 -+ 4.303 x 0.1 / sqrt(3).
    assert sentences.seed_difference(results["seeds"]) == (
        "PyTorch is 0.20 points more accurate than TensorFlow over 3 paired seeds (95 % interval "
        "-0.05 to +0.45), which shows no difference between the frameworks"
    )
    head, row = cells(tables.pairs(results["seeds"]))
    found = dict(zip(head, row, strict=True))
    assert (found["Pairs"], found["Standard deviation"]) == ("3", "0.10 points")
    head, *rows = cells(tables.trainings(results["seeds"]))
    assert [row[4] for row in rows] == ["97.00%", "97.20%"]


def test_a_failed_gate_is_told(results):
    exports = results["exports"]
    assert sentences.gates(exports) == (
        "2 of 2 exports passed the gate, and 2 of 2 float32 files gave every test image its "
        "source's class."
    )
    exports[0] |= {"precision": "int8", "agreement": 0.998}
    assert sentences.gates(exports).endswith(
        "and 1 of 1 float32 file gave every test image its source's class; of the smaller files "
        "mlp-tensorflow-tflite-float32 differs most from its source, in 0.20% of the test images."
    )
    exports[0]["gate"] = "logits are not finite"
    assert "mlp-tensorflow-tflite-float32: logits are not finite" in sentences.gates(exports)


def test_the_sample_is_told(results):
    assert "the full MNIST" not in sentences.dataset(results)
    results["run"]["dataset"] |= {"name": "sample", "train": 4_000, "test": 1_000}
    assert "4,000 training and 1,000 test images, not the full MNIST" in sentences.dataset(results)
    assert "a sample of MNIST from MNIST_DIR" in cover.run_card(results)


def test_other_images_are_told(results):
    own = {"name": "R&D", "origin": "~/R&D", "train": 3_000, "test": 500}
    results["run"]["dataset"] |= own
    assert sentences.dataset(results) == (
        "The images are the 3,000 training and 500 test images of R&D, not MNIST: what the 2025 "
        "report claims of accuracies and times cannot be tested on them."
    )
    assert f"R&amp;D from ~/R&amp;D, SHA-256 {64 * '0'}" in cover.run_card(results)


def test_a_verdict_is_told_with_a_link():
    claim = {"claim": "A beats B.", "verdict": verdicts.UNDECIDED, "evidence": "0 to 1."}
    assert sentences.judged(claim) == (
        'On the claim of 2025 "A beats B" the [verdict](#Verdicts) is: undecided.'
    )


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
    rows = cells(tables.tuning(tried))
    assert rows[2] == [*("mlp", "60 epochs", "2", "98.50%", "-0.50 points")]
    made = {"date": "2026-01-02", "machine": {"cpu": "Test CPU"}, "commit": f"{40 * 'a'}-dirty"}
    words = sentences.tuning({"made": made, "trials": tried})
    assert words == (
        "On the validation images, over paired seeds, the best of 2 changes of the mlp's recipe "
        "(weight decay 0.05) gives +0.10 points beside the chosen one. These trainings are a run "
        "of their own: on 2026-01-02, on Test CPU, with commit aaaaaaaaaaaa-dirty."
    )
    made |= {"machine": None, "commit": None}
    words = sentences.tuning({"made": made, "trials": tried[::2]})
    assert words.endswith(
        "on 2026-01-02, on a machine that is not known, with a commit that is not known."
    )
    assert tables.tuning([]) == ""
    assert "make tuning" in sentences.tuning({"made": None, "trials": []})


def test_what_raw_pixels_cost(results):
    exports = results["exports"]
    exports += [
        {**row, "id": row["id"].replace("float32", "int8"), "precision": "int8"} for row in exports
    ]
    exports += [{**row, "id": row["id"] + "-pixels", "input": "pixels"} for row in exports]
    words = "With raw pixels {} of 4 files answered as many test images rightly as without"
    assert sentences.raw_pixels(exports) == f"{words.format(4)}."
    exports[-1]["test_accuracy"] += 0.0002
    assert sentences.raw_pixels(exports) == (
        f"{words.format(3)}; mlp-pytorch-onnx-int8 differs most, by 0.02 points."
    )


def test_one_of_anything_is_singular(results):
    exports = results["exports"][:1]
    exports.append({**exports[0], "id": f"{exports[0]['id']}-pixels"})
    assert sentences.raw_pixels(exports) == (
        "With raw pixels 1 of 1 file answered as many test images rightly as without."
    )
    results["run"]["parameters"]["01_tensorflow_tflite"]["BATCH_SIZE"] = 1
    for row in results["models"]:
        row["train_images"] = 1
    for row in results["seeds"]:
        row["epochs"] = 1
    assert "and 1 image a batch;" in sentences.recipes(results)
    assert "the mlp for 1 epoch from 1 seed." in sentences.recipes(results)
    assert "They train on 1 image." in sentences.networks(results)
    results["run"]["parameters"]["03_runtime_comparison"]["THREADS"] = 1
    assert "with at most 1 thread," in sentences.software(results["run"])


def test_the_images_are_told_by_framework_where_they_differ(results):
    results["models"][0]["train_images"] = 2_000
    assert sentences.training_images(results["models"]) == (
        "2,000 images in TensorFlow and 55,000 images in PyTorch"
    )


def test_the_recipe_that_stands_for_that_of_2025_is_called_so(results):
    words = sentences.recipes(results)
    assert "it stands for that of 2025, whose report names none" in words
    assert "as in 2025" not in words
    assert words.endswith("A seed gives both frameworks the same initial weights and batches.")
    results["seeds"] += [{**row, "recipe": "defaults"} for row in results["seeds"]]
    assert sentences.recipes(results).endswith(
        "By the defaults recipe it gives them the same batches alone."
    )


def test_the_software_is_that_of_the_timing_and_others_are_told(results):
    run = results["run"]
    assert sentences.software(run) == (
        "The times were measured with Python 3.11.7, TensorFlow 2.21.0 and PyTorch 2.13.0 on Test "
        "CPU with at most 2 threads, on the CPU alone."
    )
    run["made"]["02_pytorch_onnx"]["machine"]["memory_bytes"] += 1  # after another boot
    assert "Not every notebook" not in sentences.software(run)
    run["made"]["01_tensorflow_tflite"]["packages"]["tensorflow"] = "2.16.2"
    run["parameters"]["01_tensorflow_tflite"]["DEVICE"] = "gpu"
    words = sentences.software(run)
    assert "TensorFlow 2.21.0" in words
    assert "were trained on a GPU. Not every notebook ran with the same" in words
