import numpy as np
import pytest
from made_up import LABELS, logits_for

from helpers.exports import gate


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "net.onnx"
    path.write_bytes(bytes(4_000))
    return path


def compare(file, logits, weights=1_000, precision="float32"):
    return gate.compare(file, precision, weights, logits, logits_for(LABELS), LABELS)


def test_an_export_like_its_source_passes(file):
    comparison = compare(file, logits_for(LABELS) + np.float32(5e-5))
    assert comparison.gate == "passed"
    assert comparison.agreement == comparison.test_accuracy == 1
    assert comparison.max_abs_logit_difference == pytest.approx(5e-5, rel=0.02)


def test_a_file_without_weights_fails(file):
    assert compare(file, logits_for(LABELS), weights=101_770).gate == (
        "4,000 bytes cannot hold 101,770 weights"
    )


def test_nan_fails_and_stays_out_of_the_record(file):
    comparison = compare(file, np.full((200, 10), np.nan, np.float32))
    assert "logits are not finite" in comparison.gate
    assert comparison.row()["max_abs_logit_difference"] is None


def test_a_network_no_better_than_guessing_fails_even_like_its_source(file):
    wrong = logits_for((LABELS + 1) % 10)
    comparison = gate.compare(file, "float32", 1_000, wrong, wrong, LABELS)
    assert comparison.gate == "accuracy 0.00% is hardly better than guessing"


def test_logits_of_another_shape_fail(file):
    comparison = compare(file, logits_for(LABELS)[:2])
    assert comparison.gate == "logits of shape (2, 10), expected (200, 10)"
    assert comparison.test_accuracy is None


@pytest.mark.parametrize(
    ("precision", "shift", "verdict"),
    [
        ("float32", 5e-5, "passed"),
        ("float16", 0.02, "passed"),
        ("float16", 0.2, "logits differ by up to 0.2"),
        ("int8", 0.5, "passed"),
        ("dynamic", 1.0, "logits differ by up to 1"),
    ],
)
def test_smaller_formats_may_be_further_from_their_source(file, precision, shift, verdict):
    logits = logits_for(LABELS) + np.float32(shift)
    assert compare(file, logits, precision=precision).gate == verdict


@pytest.mark.parametrize(
    ("largest", "shift", "passes"),
    [
        (5, 0.9e-4, True),
        (5, 1.1e-4, False),
        (60, 1.1e-4, False),
        (600, 9e-4, True),
        (600, 2e-3, False),
    ],
)
def test_what_rounding_may_do_to_a_float32_grows_with_its_largest_logit(largest, shift, passes):
    source = logits_for(LABELS, largest).astype(np.float64)
    assert (gate.refusal(source + shift, source, "float32") == "") == passes


@pytest.mark.parametrize("precision", ["dynamic", "int8"])
def test_8_bits_may_change_two_classes_in_a_hundred(precision):
    source = logits_for(LABELS)
    source[np.arange(200), (LABELS + 1) % 10] = 4.9  # near enough for 8 bits to turn
    for changed, reason in ((4, ""), (5, "97.50% of the classes agree")):
        logits = source.copy()
        logits[np.arange(changed), (LABELS[:changed] + 1) % 10] = 5.1
        assert gate.refusal(logits, source, precision) == reason


def test_only_a_tie_may_be_turned_by_rounding(file):
    logits = logits_for(LABELS)
    logits[0, (LABELS[0] + 1) % 10] = 5 - 1e-6  # the source's two largest are as good as equal
    turned = logits.copy()
    turned[0, (LABELS[0] + 1) % 10] = 5 + 1e-5
    found = gate.compare(file, "float32", 1_000, turned, logits, LABELS)
    assert (found.gate, found.agreement) == ("accuracy 99.50% against 100.00%", 0.995)
    assert gate.refusal(turned, logits, "float32") == ""
    clear = logits_for(LABELS, 1e-3)
    clear[0] = logits_for((LABELS + 1) % 10, 1e-3)[0]
    assert "99.50% of the classes agree" in gate.refusal(clear, logits_for(LABELS, 1e-3), "float32")
