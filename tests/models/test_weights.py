"""Weights as arrays: the common start, what an architecture is asked for."""

import numpy as np
import pytest

from helpers.models import weights


def test_a_drawn_start_is_uniform_within_glorots_limit_and_its_seeds_own():
    dense, window = weights.draw([(300, 200), (5, 5, 1, 24)], seed=1)
    assert (dense.shape, window.shape) == ((300, 200), (5, 5, 1, 24))
    assert dense.dtype == np.float32
    limit = np.sqrt(6 / 500)
    assert dense.std() == pytest.approx(limit / np.sqrt(3), rel=0.01)
    assert np.abs(dense).max() <= limit
    assert 0.9 < np.abs(window).max() / np.sqrt(6 / (25 * 25)) <= 1
    np.testing.assert_array_equal(weights.draw([(300, 200)], seed=1)[0], dense)
    assert np.abs(weights.draw([(300, 200)], seed=2)[0] - dense).max() > limit


def test_only_an_architecture_with_a_width_is_given_one():
    def wide(hidden=128):
        return hidden

    assert wide(**weights.options(wide, 256)) == 256
    assert wide(**weights.options(wide, None)) == 128
    assert weights.options(lambda: None, 256) == {}
