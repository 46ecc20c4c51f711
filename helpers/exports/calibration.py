"""The images from which a quantised export learns the range of its activations."""

import numpy as np

from helpers.core.console import LabError
from helpers.data.mnist import Dataset, scale

# A logit beyond the largest of theirs is cut off: with 500 of them by up to a sixth of it.
IMAGES = 2_000


def calibration_set(dataset: Dataset, train: np.ndarray) -> np.ndarray:
    """Return the first of the training images `train`, float32 [N, 28, 28] in [0, 1].

    Raises LabError when one of them is a test image.
    """
    chosen = dataset.train_images[train[:IMAGES]]
    refuse_test_images(chosen, dataset.test_images)
    return scale(chosen)


def refuse_test_images(images: np.ndarray, test_images: np.ndarray) -> None:
    """Raise LabError when one of `images` is a test image; uint8 [N, 28, 28] both."""
    test = {image.tobytes() for image in test_images}
    found = sum(image.tobytes() in test for image in images)
    if found:
        raise LabError(
            f"{found} of {len(images)} calibration images are test images; calibrate with "
            "training images only"
        )
