"""The networks in PyTorch against the same layers in NumPy, in the layout both frameworks share."""

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view

from helpers.models import weights

IMAGES = np.random.default_rng(0).random((3, 28, 28), np.float32)


def dense(values, layer):
    return values.reshape(len(values), -1) @ layer["kernel"] + layer["bias"]


def convolved(images, layer):
    """Images [N, height, width, in] through a kernel [height, width, in, out]."""
    windows = sliding_window_view(images, layer["kernel"].shape[:2], axis=(1, 2))
    return np.einsum("nxyihw,hwio->nxyo", windows, layer["kernel"]) + layer["bias"]


def pooled(images):
    size, _, channels = images.shape[1:]
    half = size // 2
    squares = images[:, : 2 * half, : 2 * half].reshape(-1, half, 2, half, 2, channels)
    return squares.max((2, 4))


def by_hand(images, layers):
    """The logits of a network whose layers are these: convolutions, then dense ones."""
    values = images[..., None]
    for place, layer in enumerate(layers):
        if layer["kernel"].ndim == 4:
            values = pooled(np.maximum(convolved(values, layer), 0))
        else:
            values = dense(values, layer)
            if place < len(layers) - 1:
                values = np.maximum(values, 0)
    return values


@pytest.mark.parametrize(("architecture", "count"), [("mlp", 2), ("cnn", 4)])
def test_a_network_computes_what_its_weights_say(architecture, count):
    from helpers.models import torch_networks as networks

    model = networks.build(architecture, seed=1)
    drawn = networks.get_weights(model)
    random = np.random.default_rng(2)
    given = {  # initial biases are zero
        name: array + random.normal(0, 0.1, array.shape).astype(np.float32)
        for name, array in drawn.items()
    }
    networks.set_weights(model, given)
    assert weights.largest_difference(networks.get_weights(model), given) == 0
    layers = [
        {part: given[f"{number}/{part}"] for part in ("kernel", "bias")}
        for number in range(1, count + 1)
    ]
    found = networks.predict_logits(model, IMAGES)
    np.testing.assert_allclose(found, by_hand(IMAGES, layers), rtol=1e-4, atol=1e-4)
