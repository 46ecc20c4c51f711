"""The images from which a quantised export learns the range of its activations."""

import itertools

import numpy as np

from helpers.data.mnist import Dataset, scale

# A logit beyond the largest of theirs is cut off: with 500 of them by up to a sixth of it.
IMAGES = 2_000


def calibration_set(dataset: Dataset, train: np.ndarray) -> np.ndarray:
    """Return the first of the training images `train`, float32 [N, 28, 28] in [0, 1].

    Those that the test set holds too, as it may outside MNIST, are left out.
    """
    test = {image.tobytes() for image in dataset.test_images}
    images = (image for image in dataset.train_images[train] if image.tobytes() not in test)
    return scale(np.stack(list(itertools.islice(images, IMAGES))))
