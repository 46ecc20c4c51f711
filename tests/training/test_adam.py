"""PyTorch's training against Keras' rule for Adam, written down in NumPy with 64 bits."""

import numpy as np
import pytest
from scipy.special import softmax

from helpers.training import loop
from helpers.training.recipes import EPSILON, Recipe

RECIPE = Recipe(epochs=1, batch_size=8, learning_rate=4e-3)
CLASSES = 10


def by_keras_rule(images, labels, kernel):
    """The kernel [784, 10] of a network of one layer after the epoch."""
    (given, order, _), m, v = next(loop.epochs(images, RECIPE, 1)), 0.0, 0.0
    beta_1, beta_2 = RECIPE.float32_betas
    for step, batch in enumerate(order, start=1):
        pixels = given[batch].reshape(len(batch), -1) / 255
        wrong = softmax(pixels @ kernel, axis=1) - np.eye(CLASSES)[labels[batch]]
        gradient = pixels.T @ wrong / len(batch)
        m = beta_1 * m + (1 - beta_1) * gradient
        v = beta_2 * v + (1 - beta_2) * gradient**2
        rate = RECIPE.learning_rate * np.sqrt(1 - beta_2**step) / (1 - beta_1**step)
        kernel = kernel - rate * m / (np.sqrt(v) + EPSILON)
    return kernel


@pytest.mark.parametrize(("defaults", "least", "most"), [(False, 0, 1e-6), (True, 1e-4, 1)])
def test_an_epoch_in_pytorch_follows_keras_rule_and_its_defaults_do_not(defaults, least, most):
    import torch

    from helpers.training import torch_training

    generator = np.random.default_rng(0)
    # Among pixels that are almost black the gradients are as small as epsilon.
    images = generator.integers(0, 256, (64, 28, 28), np.uint8) * (generator.random(64) < 0.5)[
        :, None, None
    ].astype(np.uint8)
    images[:, :14] //= 255
    labels = np.arange(64) % CLASSES
    layer = torch.nn.Linear(784, CLASSES, bias=False)
    start = layer.weight.detach().numpy().T.astype(np.float64)
    model = torch.nn.Sequential(torch.nn.Flatten(), layer)
    few = (images[:8].astype(np.float32) / 255, labels[:8])
    torch_training.train(
        model, images, labels, few, RECIPE, 1, lambda epoch: None, defaults=defaults
    )
    found = layer.weight.detach().numpy().T
    assert least <= np.abs(found - by_keras_rule(images, labels, start)).max() <= most
