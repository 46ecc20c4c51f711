"""What passes the gate and what does not, by logits alone."""

import numpy as np
import pytest
from made_up import LABELS, logits_for

from helpers.exports import gate

GOOD = logits_for(LABELS)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "net.onnx"
    path.write_bytes(bytes(4_000))
    return path


@pytest.mark.parametrize(
    ("precision", "weights", "logits", "verdict"),
    [
        ("float32", 1_000, GOOD + np.float32(5e-5), "passed"),
        ("float16", 1_000, GOOD + np.float32(0.02), "passed"),
        ("float16", 1_000, GOOD + np.float32(0.2), "logits differ by up to 0.2"),
        ("int8", 1_000, GOOD + np.float32(0.5), "passed"),
        ("dynamic", 1_000, GOOD + np.float32(1), "logits differ by up to 1"),
        ("float32", 1_000, GOOD[:2], "logits of shape (2, 10), expected (200, 10)"),
        ("float32", 101_770, GOOD, "4,000 bytes cannot hold 101,770 weights"),
        ("float32", 1_000, "was ended by signal 6", "was ended by signal 6"),
    ],
)
def test_the_verdict(file, precision, weights, logits, verdict):
    assert gate.compare(file, precision, weights, logits, GOOD, LABELS)["gate"] == verdict


def test_nan_fails_and_stays_out_of_the_record(file):
    row = gate.compare(file, "float32", 1_000, np.full_like(GOOD, np.nan), GOOD, LABELS)
    assert row["gate"].startswith("logits are not finite")
    assert row["max_abs_logit_difference"] is None


@pytest.mark.parametrize(
    ("largest", "shift", "passes"),
    [(5, 9e-5, True), (5, 1.1e-4, False), (60, 1.1e-4, False), (600, 9e-4, True), (600, 2e-3, 0)],
)
def test_what_rounding_may_do_to_a_float32_grows_with_its_largest_logit(largest, shift, passes):
    source = logits_for(LABELS, largest).astype(np.float64)
    assert (gate.refusal(source + shift, source, "float32") == "") == passes


@pytest.mark.parametrize("precision", ["dynamic", "int8"])
def test_8_bits_may_change_two_classes_in_a_hundred(precision):
    source = GOOD.copy()
    source[np.arange(200), (LABELS + 1) % 10] = 4.9  # near enough for 8 bits to turn
    for changed, reason in ((4, ""), (5, "97.50% of the classes agree")):
        logits = source.copy()
        logits[np.arange(changed), (LABELS[:changed] + 1) % 10] = 5.1
        assert gate.refusal(logits, source, precision) == reason


def test_only_a_tie_may_be_turned_by_rounding(file):
    logits = GOOD.copy()
    logits[0, (LABELS[0] + 1) % 10] = 5 - 1e-6  # the source's two largest are as good as equal
    turned = logits.copy()
    turned[0, (LABELS[0] + 1) % 10] = 5 + 1e-5
    found = gate.compare(file, "float32", 1_000, turned, logits, LABELS)
    assert (found["gate"], found["changed"]) == ("accuracy 99.50% against 100.00%", 1)
    assert gate.refusal(turned, logits, "float32") == ""
    clear = logits_for(LABELS, 1e-3)
    clear[0] = logits_for((LABELS + 1) % 10, 1e-3)[0]
    assert "99.50% of the classes agree" in gate.refusal(clear, logits_for(LABELS, 1e-3), "float32")
