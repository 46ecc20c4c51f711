import numpy as np
import pytest
from made_up import logits_for

from helpers.models import metrics, weights


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


@pytest.mark.parametrize("full", [True, False])
def test_errors_in_common(full):
    labels = np.arange(1_000) % 10
    first, second = labels.copy(), labels.copy()
    first[[0, 1, 947]] = 9
    second[[0, 2, 947]] = 8
    given = {"a": logits_for(first), "b": logits_for(second)}
    predicted = {"a": 9, "b": 8}
    assert metrics.common_errors(given, labels, full_test_set=full) == [
        {"image": image, "label": label, "predicted": predicted, "label_error": known}
        for image, label, known in ((0, 0, False if full else None), (947, 7, full or None))
    ]
    assert metrics.accuracy(given["a"], labels) == 0.997
    assert metrics.confusion(given["a"], labels)[0].tolist() == [99, *[0] * 8, 1]


def test_a_drawn_start_is_uniform_within_glorots_limit_and_its_seeds_own():
    dense, window = weights.draw([(300, 200), (5, 5, 1, 24)], seed=1)
    assert (dense.shape, window.shape, dense.dtype) == ((300, 200), (5, 5, 1, 24), np.float32)
    limit = np.sqrt(6 / 500)
    assert dense.std() == pytest.approx(limit / np.sqrt(3), rel=0.01)
    assert np.abs(dense).max() <= limit
    assert 0.9 < np.abs(window).max() / np.sqrt(6 / (25 * 25)) <= 1
    np.testing.assert_array_equal(weights.draw([(300, 200)], seed=1)[0], dense)
    assert np.abs(weights.draw([(300, 200)], seed=2)[0] - dense).max() > limit
