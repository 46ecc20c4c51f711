import numpy as np
import pytest
from made_up import LABELS, logits_for

from helpers.models import metrics


def test_accuracy_counts_largest_logits():
    classes = LABELS.copy()
    classes[:10] = (classes[:10] + 1) % 10
    assert metrics.accuracy(logits_for(classes), LABELS) == 0.95


@pytest.mark.parametrize(
    ("accuracy", "low", "high"), [(0.9714, 0.9680, 0.9745), (0.9739, 0.9706, 0.9769)]
)
def test_the_interval_is_wilsons(accuracy, low, high):
    assert metrics.accuracy_ci95(accuracy, 10_000) == pytest.approx((low, high), abs=6e-5)


def test_the_interval_of_a_difference_of_means_needs_two_values_of_both():
    difference, (low, high) = metrics.difference_of_means([0.97, 0.98], [0.98, 0.99])
    assert difference == pytest.approx(0.01)
    assert low < 0 < 0.01 < high
    assert metrics.difference_of_means([0.97], [0.98, 0.99])[1] is None
    assert metrics.difference_of_means([0.5, 0.5], [0.5, 0.5]) == (0, [0, 0])


def test_errors_in_common():
    first, second = LABELS.copy(), LABELS.copy()
    first[[0, 1]] = 9
    second[[0, 2, 3]] = 8
    given = {"a": logits_for(first), "b": logits_for(second)}
    row = {"image": 0, "label": 0, "predicted": {"a": 9, "b": 8}}
    assert metrics.common_errors(given, LABELS, full_test_set=True) == [
        row | {"label_error": False}
    ]
    assert metrics.common_errors(given, LABELS, full_test_set=False) == [
        row | {"label_error": None}
    ]
    assert metrics.confusion(given["a"], LABELS)[0].tolist() == [19, *[0] * 8, 1]


def test_a_known_label_error_is_marked():
    labels = np.zeros(1_000, int)
    classes = labels.copy()
    classes[[7, 947]] = 1
    rows = metrics.common_errors({"a": logits_for(classes)}, labels, full_test_set=True)
    assert [(row["image"], row["label_error"]) for row in rows] == [(7, False), (947, True)]
