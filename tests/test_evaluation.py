import numpy as np
import pytest

from helpers import evaluation

LABELS = np.arange(200) % 10


def logits_for(classes, margin=5.0):
    return margin * np.eye(10, dtype=np.float32)[classes]


def test_accuracy_counts_largest_logits():
    classes = LABELS.copy()
    classes[:10] = (classes[:10] + 1) % 10
    assert evaluation.accuracy(logits_for(classes), LABELS) == 0.95


@pytest.mark.parametrize(
    ("accuracy", "low", "high"), [(0.9714, 0.9680, 0.9745), (0.9739, 0.9706, 0.9769)]
)
def test_the_interval_is_wilsons(accuracy, low, high):
    assert evaluation.accuracy_ci95(accuracy, 10_000) == pytest.approx((low, high), abs=6e-5)


def test_mcnemar_is_the_exact_binomial_of_the_discordant_images():
    first, second = LABELS.copy(), LABELS.copy()
    second[:6] = (second[:6] + 1) % 10  # six images only the first gets right, none the other way
    p = evaluation.mcnemar_p(logits_for(first), logits_for(second), LABELS)
    assert p == pytest.approx(2 * 0.5**6)
    assert evaluation.mcnemar_p(logits_for(first), logits_for(first), LABELS) == 1


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "net.onnx"
    path.write_bytes(bytes(4_000))
    return path


def gate(file, logits, weights=1_000):
    return evaluation.compare_export(file, weights, logits, logits_for(LABELS), LABELS)


def test_an_export_like_its_source_passes(file):
    comparison = gate(file, logits_for(LABELS) + np.float32(5e-5))
    assert comparison.gate == "passed"
    assert comparison.agreement == comparison.test_accuracy == 1
    assert comparison.max_abs_logit_difference == pytest.approx(5e-5, rel=0.02)


def test_a_file_without_weights_fails(file):
    assert gate(file, logits_for(LABELS), weights=101_770).gate == (
        "4,000 bytes cannot hold 101,770 weights"
    )


def test_nan_fails_and_stays_out_of_the_record(file):
    comparison = gate(file, np.full((200, 10), np.nan, np.float32))
    assert "logits are not finite" in comparison.gate
    assert comparison.row()["max_abs_logit_difference"] is None


def test_a_network_no_better_than_guessing_fails_even_like_its_source(file):
    wrong = logits_for((LABELS + 1) % 10)
    comparison = evaluation.compare_export(file, 1_000, wrong, wrong, LABELS)
    assert comparison.gate == "accuracy 0.00% is hardly better than guessing"


def test_logits_of_another_shape_fail(file):
    comparison = gate(file, logits_for(LABELS)[:2])
    assert comparison.gate == "logits of shape (2, 10), expected (200, 10)"
    assert comparison.test_accuracy is None


def test_a_comparison_tells_itself_in_a_line(file):
    assert str(gate(file, logits_for(LABELS))) == (
        "gate: passed; the same class for 100.00% of the images, largest logit difference 0.0e+00"
    )
    assert str(evaluation.Comparison("no file")) == "gate: no file"


def test_shuffled_classes_fail(file):
    assert "10.00% of the classes agree" in gate(file, logits_for(np.zeros(200, int))).gate


def test_a_logit_too_far_fails_even_with_the_same_classes(file):
    assert gate(file, logits_for(LABELS) + np.float32(0.01)).gate == "logits differ by up to 0.01"
