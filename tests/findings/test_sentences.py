import made_up
import pytest
from made_up import cells

from helpers.findings import sentences
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
    results["seeds"][1]["test_accuracy"] = 0.98003
    assert "PyTorch's accuracy is less than 0.01 points from TensorFlow's" in (
        sentences.findings(results)
    )


def test_paired_seeds_say_whether_the_frameworks_differ(results):
    words = sentences.seed_difference(results["seeds"])
    assert words.endswith("over 1 paired seed, too few seeds to tell the frameworks apart")
    first, second = results["seeds"]
    results["seeds"] = [
        {**row, "seed": seed, "test_accuracy": 0.97 + gain}
        for seed, points in enumerate((0.1, 0.2, 0.3))
        for row, gain in ((first, 0), (second, points / 100))
    ]
    # The t interval of 0.1, 0.2, 0.3 is 0.2 -+ 4.303 x 0.1 / sqrt(3).
    assert sentences.seed_difference(results["seeds"]) == (
        "PyTorch is 0.20 points more accurate than TensorFlow over 3 paired seeds (95 % interval "
        "-0.05 to +0.45), which does not show an effect of the frameworks on the accuracy"
    )
    two = [row for row in results["seeds"] if row["seed"] < 2]
    assert sentences.seed_difference(two).endswith(
        "over 2 paired seeds, too few seeds to tell the frameworks apart"
    )
    (head, row), few = cells(tables.pairs(two)), cells(tables.trainings(two))
    assert dict(zip(head, row, strict=True))["95 % interval"] == "–"
    assert few[1][few[0].index("95 % interval of the mean")] == "–"
    head, row = cells(tables.pairs(results["seeds"]))
    found = dict(zip(head, row, strict=True))
    assert (found["Pairs"], found["Standard deviation"]) == ("3", "0.10 points")
    head, *rows = cells(tables.trainings(results["seeds"]))
    assert [row[4] for row in rows] == ["97.00%", "97.20%"]


def test_an_interval_of_a_mean_comes_from_the_seeds_and_wilsons_is_of_one_network(results):
    assert sentences.accuracy(results) == (
        "the mlp by the lab recipe reaches 97.14% in TensorFlow (one network, whose 95 % interval "
        "over the 10,000 test images is 96.79–97.45%) and 97.39% in PyTorch (one network, whose "
        "95 % interval over the 10,000 test images is 97.06–97.68%)"
    )
    results["seeds"] = [
        {**row, "seed": seed, "test_accuracy": 0.97 + seed / 1_000}
        for row in results["seeds"]
        for seed in (1, 2, 3)
    ]
    # The t interval of 97.1, 97.2, 97.3 is 97.2 -+ 4.303 x 0.1 / sqrt(3).
    assert sentences.accuracy(results).startswith(
        "the mlp by the lab recipe reaches 97.20% in TensorFlow (the mean of 3 seeds, 95 % "
        "interval 96.95–97.45%)"
    )
    results["seeds"] = [row for row in results["seeds"] if row["seed"] < 3]
    assert "(the mean of 2 seeds, and an interval takes 3)" in sentences.accuracy(results)


def test_the_defaults_arm_and_what_a_seed_alone_gives(results):
    assert sentences.defaults(results["seeds"]) == sentences.seed_alone(results["seeds"]) == ""
    results["seeds"] += [
        {**row, "recipe": "defaults", "seed": seed, "test_accuracy": 0.97 + (seed + more) / 1_000}
        for row, more in zip(results["seeds"], (0, 1.2), strict=True)
        for seed in (0, 1, 2, 3)
    ]
    assert sentences.defaults(results["seeds"]) == (
        "With each framework's own initial weights and epsilon (the defaults recipe) PyTorch is "
        "0.12 points more accurate than TensorFlow over 4 paired seeds (95 % interval +0.12 to "
        "+0.12), which shows an effect of their defaults on the accuracy."
    )
    # Of the six pairs one is 0.3 points apart; the deviation is 0.129, and 0.25 / (0.129 sqrt 2)
    # is 1.37 standard deviations of a difference.
    assert sentences.seed_alone(results["seeds"]) == (
        "A seed alone gives a difference of 0.25 points or more in 17% of the pairs of one "
        "framework's runs (the mlp by the defaults recipe). Normal distributions as wide as these "
        "runs expect 17%."
    )


def test_the_gap_of_paired_trainings_is_called_rounding_only_where_it_is_as_small():
    first = {"epoch": 1, "loss_difference": 6e-8, "weight_difference": 2e-5, "largest_weight": 0.5}
    last = first | {"epoch": 2, "weight_difference": 0.06}
    assert sentences.paired_trainings([first]).endswith(
        "So small a difference at first is rounding."
    )
    assert "Training amplifies it" in sentences.paired_trainings([first, last])
    old = first | {"weight_difference": 0.13}
    assert sentences.paired_trainings([old, last]).endswith(
        "Whether rounding alone makes so much of it is not shown here."
    )


def test_known_label_errors_are_told_apart_from_those_that_explain():
    common = [
        {"label_error": known, "explained": cause} for known, cause in ((1, 1), (1, 0), (0, 0))
    ]
    words = sentences.errors(common, [made_up.reliability("a", 0.01)])
    assert words.startswith(
        "Every model gets 3 test images wrong. The labels of 2 are known to be wrong. On 1 of them "
        "the models give the class that most readers chose, so there the label is the cause."
    )


def test_a_failed_gate_is_told(results):
    exports = results["exports"]
    assert sentences.gates(exports, 10_000) == (
        "The gate passed 2 exports, and refused none. In 2 of 2 files of 32 bits every test image "
        "keeps its class."
    )
    exports[0] |= {"precision": "int8", "agreement": 0.998}
    assert sentences.gates(exports, 10_000).endswith(
        "In 1 of 1 file of 32 bits every test image keeps its class. The smaller file that "
        "changes most is mlp-tensorflow-tflite-float32: the class of 20 images, of 10,000 in all."
    )
    exports[0]["gate"] = "logits are not finite"
    words = sentences.gates(exports, 10_000)
    assert "mlp-tensorflow-tflite-float32: logits are not finite" in words


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
    assert "<dd>R&amp;D from ~/R&amp;D</dd>" in cover.run_card(results)


def test_the_report_says_which_versions_it_has():
    found = made_up.results()
    assert "with today's versions. " in sentences.about(found)
    found["run"]["packages"] |= {"tensorflow": "2.16.2", "torch": "2.2.2+cpu"}
    assert "repeats the lab of 2025 with the versions of 2025. " in sentences.about(found)
    assert "repeats it with the versions of 2025. " in sentences.introduction(found)
