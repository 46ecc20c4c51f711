"""The order of the images, their learning rates and changes over the epochs."""

import numpy as np
import pytest

from helpers.core.console import LabError
from helpers.training import loop
from helpers.training.augmentation import Augmentation
from helpers.training.recipes import Recipe

IMAGES = np.random.default_rng(0).integers(0, 256, (24, 28, 28), np.uint8)
RECIPE = Recipe(3, 8, 0.1, one_cycle=True, augmentation=Augmentation(shift=0.2))


def test_batches_are_the_same_for_all_and_cover_each_image_once():
    first, second = (list(loop.batch_orders(100, 32, 2, seed=5)) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert np.shape(first) == (2, 3, 32)
    assert all(len(np.unique(order)) == 96 for order in first)
    assert not np.array_equal(first[0], first[1])
    assert not np.array_equal(first, list(loop.batch_orders(100, 32, 2, seed=6)))
    with pytest.raises(
        LabError, match="^batch size 101: allowed is 1 to 100, the training images$"
    ):
        list(loop.batch_orders(100, 101, 1, seed=5))


def test_every_epoch_changes_the_training_images_anew_and_no_other():
    held_out, labels = IMAGES[:10] / np.float32(255), np.arange(10)
    trained, answered = [], []

    def predict_logits(images):
        answered.append(images)
        return np.eye(10)[[0, 1, 2, *[9] * 7]]

    history = loop.run_epochs(
        lambda images, order, rates: trained.append(images) or 0.5,
        predict_logits,
        IMAGES,
        (held_out, labels),
        RECIPE,
        1,
        lambda epoch: None,
    )
    assert len(np.unique([images.tobytes() for images in trained])) == 3
    assert not any(np.array_equal(images, IMAGES) for images in trained)
    for images in answered:
        np.testing.assert_array_equal(images, held_out)
    assert [epoch.validation_accuracy for epoch in history] == [0.4] * 3
    other = [images for images, _, _ in loop.epochs(IMAGES, RECIPE, seed=2)]
    assert not np.array_equal(other[0], trained[0])
