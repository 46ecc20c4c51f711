"""Networks that are not ours: carried from one framework to the other, or refused in one line."""

import numpy as np
import pytest

from helpers.core.console import LabError
from helpers.models import architectures, weights

pytestmark = pytest.mark.real


@pytest.fixture
def both(monkeypatch):
    """The networks of both frameworks, free to be changed."""
    from helpers.models import keras_networks, torch_networks

    for networks in (keras_networks, torch_networks):
        monkeypatch.setattr(networks, "ARCHITECTURES", dict(networks.ARCHITECTURES))
    return keras_networks, torch_networks


def keras_layers(both, *layers):
    keras = both[0].keras
    both[0].ARCHITECTURES["other"] = lambda: keras.Sequential([keras.Input((28, 28)), *layers])


def two_hidden_layers(both):
    keras, torch = both[0].keras, both[1].torch

    @both[0].architecture
    def two_layers():
        layers = [keras.layers.Dense(size, activation="relu") for size in (64, 32)]
        return keras.Sequential(
            [keras.Input((28, 28)), keras.layers.Flatten(), *layers, keras.layers.Dense(10)]
        )

    @both[1].architecture
    class TwoLayers(torch.nn.Module):
        def __init__(self):
            super().__init__()  # in another order than they are used
            self.last, self.drop = torch.nn.Linear(32, 10), torch.nn.Dropout(0.2)
            self.second, self.first = torch.nn.Linear(64, 32), torch.nn.Linear(784, 64)

        def forward(self, image):
            hidden = torch.relu(self.first(image.flatten(1)))
            return self.last(self.drop(torch.relu(self.second(hidden))))


def test_a_network_that_is_not_ours_is_the_same_in_both(both, images):
    two_hidden_layers(both)
    made = [networks.build("two_layers", 7) for networks in both]
    given = [n.get_weights(model) for n, model in zip(both, made, strict=True)]
    assert weights.largest_difference(*given) == 0
    logits = [n.predict_logits(model, images) for n, model in zip(both, made, strict=True)]
    np.testing.assert_allclose(*logits, atol=3e-6)
    assert np.ptp(logits[0]) > 0.1
    other = both[0].build("two_layers", 8)
    both[1].set_weights(made[1], both[0].get_weights(other))
    np.testing.assert_allclose(
        both[1].predict_logits(made[1], images),
        both[0].predict_logits(other, images),
        atol=3e-6,
    )


def check(networks, *names):
    other = architectures.of_other(networks.FRAMEWORK, [*names], threads=1)
    architectures.check(networks, [*names], other)


def test_networks_of_the_same_shapes_pass(both):
    for networks in both:
        check(networks, "mlp", "cnn")


def refusal(networks, *names):
    with pytest.raises(LabError) as error:
        check(networks, *names)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_different_shapes_are_named_in_both(both):
    torch = both[1].torch
    layers = (torch.nn.Linear(784, 256), torch.nn.ReLU(), torch.nn.Linear(256, 10))
    both[1].ARCHITECTURES["mlp"] = lambda: torch.nn.Sequential(torch.nn.Flatten(), *layers)
    assert refusal(both[1], "cnn", "mlp") == (
        "mlp has weights 784 x 256, 256, 256 x 10, 10 in torch_networks.py and 784 x 128, 128, "
        "128 x 10, 10 in keras_networks.py; give it the same layers in both"
    )


def test_an_output_that_is_not_ten_logits_is_named(both):
    layers = both[0].keras.layers
    keras_layers(both, layers.Flatten(), layers.Dense(5))
    assert refusal(both[0], "other") == (
        "other gives logits of shape (3, 5) for 3 images in keras_networks.py; allowed is (3, 10), "
        "one logit a class"
    )
    keras_layers(both, layers.Flatten(), layers.Dense(10, activation="softmax"))
    assert refusal(both[0], "other").startswith(
        "other gives probabilities in keras_networks.py; leave the softmax out"
    )


def test_weights_that_the_other_framework_has_not_are_named(both):
    keras, torch = both[0].keras, both[1].torch
    keras_layers(
        both, keras.layers.Flatten(), keras.layers.BatchNormalization(), keras.layers.Dense(10)
    )
    assert "(BatchNormalization) cannot be given to PyTorch; allowed are" in refusal(
        both[0], "other"
    )
    both[1].ARCHITECTURES["other"] = lambda: torch.nn.Sequential(
        torch.nn.Flatten(), torch.nn.BatchNorm1d(784), torch.nn.Linear(784, 10)
    )
    assert refusal(both[1], "other").startswith(
        "Sequential: the weights 1.weight cannot be given to Keras; allowed are those of Linear"
    )
