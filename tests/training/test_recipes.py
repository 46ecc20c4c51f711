"""Learning rates and augmentation: what both frameworks are given."""

import numpy as np
import pytest
from made_up import digits

from helpers.training.augmentation import Augmentation, augment
from helpers.training.recipes import Recipe

IMAGES = np.random.default_rng(0).integers(0, 256, (24, 28, 28), np.uint8)


def test_one_cycle_rises_to_its_peak_and_falls_to_almost_nothing():
    rates = Recipe(10, 32, 0.01, one_cycle=True).learning_rates(3_190)
    assert len(rates) == 1_000
    assert rates[0] == pytest.approx(0.01 / 25)
    assert rates.argmax() == pytest.approx(300, abs=1)
    assert rates.max() == pytest.approx(0.01)
    assert rates[-1] < 1e-7
    assert (np.diff(rates[:299]) > 0).all()
    assert (np.diff(rates[301:]) < 0).all()
    assert set(Recipe(1, 1, 0.5).learning_rates(7)) == {0.5}
    assert len(Recipe(1, 1, 0.5, one_cycle=True).learning_rates(1)) == 1


def test_every_epoch_changes_the_images_anew_and_the_same_for_a_seed():
    recipe = Recipe(3, 8, 0.1, augmentation=Augmentation(shift=0.2))
    epochs = [*recipe.epochs_of(IMAGES, seed=1), IMAGES]
    assert len(np.unique([images.tobytes() for images in epochs])) == 4
    np.testing.assert_array_equal(list(recipe.epochs_of(IMAGES, seed=1)), epochs[:3])
    other = next(recipe.epochs_of(IMAGES, seed=2))
    assert not np.array_equal(other, epochs[0])
    for images in Recipe(2, 8, 0.1).epochs_of(IMAGES, seed=1):
        np.testing.assert_array_equal(images, IMAGES)


def centres(images):
    mass = images.astype(float).sum(axis=(1, 2))
    rows = (images.sum(axis=2) * np.arange(28)).sum(axis=1) / mass
    columns = (images.sum(axis=1) * np.arange(28)).sum(axis=1) / mass
    return rows, columns


def test_shifts_stay_within_their_limit_and_leave_no_trace_of_the_neighbours():
    moved = augment(digits(), Augmentation(shift=0.2), np.random.default_rng(1))
    for centre in centres(moved):
        assert np.abs(centre - 13.5).max() <= 0.2 * 28 + 0.05
        assert centre.std() == pytest.approx(0.2 * 28 / np.sqrt(3), rel=0.1)
    full = np.full((1_001, 28, 28), 255, np.uint8)
    full[1::2] = 0  # every other image is black and must stay so
    moved = augment(full, Augmentation(shift=0.3, rotation_deg=20), np.random.default_rng(1))
    assert not moved[1::2].any()
    assert moved[::2].mean() < 255
