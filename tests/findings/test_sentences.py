import made_up
import pytest
from made_up import cells

from helpers.core.results import timed
from helpers.findings import report_2025, sentences, verdicts
from helpers.report import cover, tables


@pytest.fixture
def results():
    return made_up.with_claims()


def test_the_noise_floor_is_printed(results):
    rows = cells(tables.noise(results["noise_floor"]))[1:]
    assert rows == [
        ["offline", "2", "1.01 (0.98–1.04), tied", "3"],
        ["single-stream", "2", "1.01 (0.98–1.04), tied", "3"],
    ]
    assert "offline 1.010 (0.980 to 1.040, which contains 1)" in sentences.noise_floor(results)
    results["noise_floor"][0]["ratio_ci95"] = [1.005, 1.04]
    assert "does not contain 1: read ratios with care" in sentences.noise_floor(results)


def test_the_report_goes_on_without_a_runtime_that_failed(results):
    results["latency"] = [row for row in results["latency"] if row["runtime"] != "onnxruntime"]
    assert len(cells(tables.overview(results))) == 1 + 7
    missing = "on the same array (not measured here: no row with runtime onnxruntime"
    assert missing in sentences.headline(results)
    assert missing in sentences.findings(results)
    assert len(cells(tables.table_2025(results))) == 1 + 2


def test_the_factor_is_taken_apart_step_by_step(results):
    steps = dict(report_2025.steps(results))
    assert list(steps.values()) == pytest.approx([5.19 / 0.045, 100, 10, 2])
    assert steps["without other"] == pytest.approx(10)
    rows = cells(tables.factor(results))
    assert rows[1] == ["as the 2025 report gives it, on its machine", "115 times"]
    assert sentences.headline(results) == (
        "90% of PyTorch's time behind the factor of 115 is not inference: the timers of 2025 "
        "differ by 100 times here, without what stood beside PyTorch's forward pass by 10 times, "
        "and on the same array ONNX Runtime is 2 times as fast as PyTorch."
    )


def test_the_fastest_is_named_with_what_meets_its_interval(results):
    words = sentences.fastest(results)
    assert words.startswith(
        "ONNX Runtime, no spinning is fastest on the whole test set (its interval meets that of "
        "ONNX Runtime), "
    )
    timed(results, "onnxruntime", "offline")["ci95_s"] = [0.0105, 0.011]
    assert sentences.fastest(results).startswith(
        "ONNX Runtime, no spinning is fastest on the whole test set, "
    )


def test_threads_and_flags_are_counted(results):
    assert sentences.threads(results) == (
        "With 2 threads instead of one PyTorch is 2 times as fast on the whole test set and "
        "2 times on a single image."
    )
    assert sentences.flags(results) == "Of 40 rows, these carry a flag: iqr > 10 %: 5."


@pytest.mark.parametrize(
    ("ratio", "low", "high", "words"),
    [
        (0.5, 0.4, 0.6, "2 times as fast as"),
        (2.0, 1.9, 2.1, "2 times as slow as"),
        (1.01, 0.9, 1.1, "tied with"),
    ],
)
def test_words_follow_the_ratio(ratio, low, high, words):
    assert sentences.faster(ratio, low, high) == words


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


def test_the_cross_table_tells_frameworks_from_runtimes(results):
    other = {"framework": "tensorflow", "model": "mlp-tensorflow-onnx-float32", "main": False}
    row = timed(results, "onnxruntime", "offline")
    results["latency"].append({**row, **other, "median_s": row["median_s"] * 1.1})
    head, *rows = cells(tables.cross(results))
    offline = dict(zip(head, rows[0], strict=True))
    assert (offline["Scenario"], offline["Weights from"]) == ("offline", "TensorFlow")
    assert (offline["ONNX Runtime"], offline["TFLite (LiteRT)"]) == ("11 ms", "25 ms")
    assert sentences.cross_sentence(results) == (
        "With the mlp offline, other weights change a runtime's time by a factor of at most 1.10, "
        "another runtime by up to 2.86."
    )
    assert timed(results, "onnxruntime", "offline") == row  # the main comparison has its own file


def test_a_failed_gate_is_told(results):
    exports = results["exports"]
    assert sentences.gates(exports) == (
        "All 2 exports passed the gate; 2 of the 2 in float32 give every test image its source's "
        "class."
    )
    exports[0] |= {"precision": "int8", "agreement": 0.998}
    assert sentences.gates(exports).endswith(
        "of the smaller ones mlp-tensorflow-tflite-float32 differs most, in 0.20%."
    )
    exports[0]["gate"] = "logits are not finite"
    assert "mlp-tensorflow-tflite-float32: logits are not finite" in sentences.gates(exports)


def test_the_sample_is_told(results):
    assert "the full MNIST" not in sentences.dataset(results)
    results["run"]["dataset"] |= {"name": "sample", "train": 4_000, "test": 1_000}
    assert "4,000 training and 1,000 test images, not the full MNIST" in sentences.dataset(results)
    assert "a sample of MNIST: 4,000 training" in cover.run_card(results["run"])


def test_other_images_are_told(results):
    own = {"name": "R&D", "origin": "~/R&D", "train": 3_000, "test": 500}
    results["run"]["dataset"] |= own
    assert sentences.dataset(results) == (
        "The images are the 3,000 training and 500 test images of R&D, not MNIST: what the 2025 "
        "report claims of accuracies and times cannot be tested on them."
    )
    card = cover.run_card(results["run"])
    assert f"R&amp;D: 3,000 training, 500 test, from ~/R&amp;D, SHA-256 {64 * '0'}" in card


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        (verdicts.CONFIRMED, "survives"),
        (verdicts.EXPLAINED, "does not survive"),
        (verdicts.REFUTED, "does not survive"),
        (verdicts.NOT_TESTABLE, "cannot be tested here"),
    ],
)
def test_whether_a_claim_survives(verdict, words):
    claim = {"claim": "A beats B.", "verdict": verdict, "evidence": "0 to 1."}
    assert sentences.survives(claim) == f'The 2025 claim "A beats B" {words}: 0 to 1.'


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
    assert sentences.tuning(tried) == (
        "On the validation images, over paired seeds, the best of 2 changes of the mlp's recipe "
        "(weight decay 0.05) gives +0.10 points beside the chosen one."
    )
    assert tables.tuning([]) == ""
    assert "make tuning" in sentences.tuning([])


def test_what_raw_pixels_cost(results):
    exports = results["exports"]
    exports += [
        {**row, "id": row["id"].replace("float32", "int8"), "precision": "int8"} for row in exports
    ]
    exports += [{**row, "id": row["id"] + "-pixels", "input": "pixels"} for row in exports]
    words = "4 of the 4 are exactly as accurate when they take raw pixels"
    assert sentences.raw_pixels(exports) == f"{words}."
    exports[-1]["test_accuracy"] += 0.0002
    assert sentences.raw_pixels(exports) == (
        "3 of the 4 are exactly as accurate when they take raw pixels, and "
        "mlp-pytorch-onnx-int8 differs most, by 0.02 points."
    )
