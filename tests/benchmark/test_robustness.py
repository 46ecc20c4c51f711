import numpy as np
import pytest
from made_up import digits

from helpers import data
from helpers.benchmark import robustness


@pytest.mark.parametrize(("kind", "amount"), [("noise", 0.2), ("rotation", 90), ("shift", 2)])
def test_perturbations(kind, amount):
    images = data.scale(digits(20))
    images[:, 9:12, 9:19] = 0  # the upper edge is missing
    changed = robustness.perturb(images, kind, amount, seed=1)
    assert changed.dtype == np.float32
    assert changed.shape == images.shape
    assert (changed.min(), changed.max()) == (0, pytest.approx(1))
    if kind == "noise":
        middle = (changed - images)[:, :, :9]
        assert middle.std() == pytest.approx(0.2 * np.sqrt(0.5 - 0.5 / np.pi), rel=0.05)
    if kind == "shift":
        np.testing.assert_array_equal(changed[:, 2:, 2:], images[:, :-2, :-2])
        assert not changed[:, :2].any()
    if kind == "rotation":
        turned = np.rot90(images, axes=(1, 2))
        assert (
            min(np.abs(changed - turned).max(), np.abs(changed - turned[:, ::-1, ::-1]).max())
            < 1e-5
        )
