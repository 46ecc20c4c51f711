"""The networks in Keras: definitions, weights, logits, saving."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from helpers.core import artifacts, environment
from helpers.core.console import LabError

# Keras takes the kind of its numbers and the order of their axes from a file of the user's.
with artifacts.output_to_log("tensorflow.log"), environment.instead("KERAS_HOME", os.devnull):
    import keras
    import tensorflow as tf

FRAMEWORK, SUFFIX = "tensorflow", ".keras"
SIGNATURE = [tf.TensorSpec([None, 28, 28], tf.float32, name="image")]
# The layers whose weights PyTorch has too.
WITH_WEIGHTS = (keras.layers.Dense, keras.layers.Conv2D)


ARCHITECTURES: dict[str, Callable[[], keras.Model]] = {}


def architecture(define: Callable[[], keras.Model]) -> Callable[[], keras.Model]:
    """Enter a network into ARCHITECTURES under the name of its function."""
    ARCHITECTURES[define.__name__.lower()] = define
    return define


@architecture
def mlp() -> keras.Model:
    """Return Flatten, Dense 128, ReLU, Dense 10."""
    return keras.Sequential(
        [
            keras.Input((28, 28), name="image"),
            keras.layers.Flatten(),
            keras.layers.Dense(128, activation="relu", name="hidden"),
            keras.layers.Dense(10, name="logits"),
        ]
    )


@architecture
def cnn() -> keras.Model:
    """Return two convolutions with pooling, Dense 256, Dense 10."""
    return keras.Sequential(
        [
            keras.Input((28, 28), name="image"),
            keras.layers.Reshape((28, 28, 1)),
            keras.layers.Conv2D(24, 5, activation="relu", name="convolution_1"),
            keras.layers.MaxPooling2D(),
            keras.layers.Conv2D(32, 3, activation="relu", name="convolution_2"),
            keras.layers.MaxPooling2D(),
            keras.layers.Flatten(),
            keras.layers.Dense(256, activation="relu", name="hidden"),
            keras.layers.Dense(10, name="logits"),
        ]
    )


def use_threads(threads: int) -> None:
    """Give TensorFlow `threads` threads; must come before its first operation."""
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)


def build(architecture: str, seed: int, *, defaults: bool = False) -> keras.Model:
    """Return a new network with weights drawn from `seed`: images [N, 28, 28] in, logits out.

    With `defaults` Keras' own initialisation draws them, else `helpers.models.weights`.
    """
    from helpers.models import weights  # a measuring process needs none of it

    if defaults:
        keras.utils.set_random_seed(seed)
    model = ARCHITECTURES[architecture]()
    if defaults:
        return model
    set_weights(model, weights.draw(weights.shapes(get_weights(model)), seed))
    return model


def get_weights(model: keras.Model) -> dict[str, np.ndarray]:
    """Return the weights by layer, in the layout of helpers.models.weights."""
    return {name: variable.numpy() for name, variable in _variables(model).items()}


def set_weights(model: keras.Model, given: dict[str, np.ndarray]) -> None:
    """Give the network these weights. Raises LabError when they are another architecture's."""
    from helpers.models import weights

    weights.check(given, weights.shapes(get_weights(model)))
    for name, variable in _variables(model).items():
        variable.assign(given[name])


def _variables(model: keras.Model) -> dict[str, keras.Variable]:
    """Return {layer/kernel, layer/bias: its variable}; layers are numbered as images pass them."""
    layers = [layer for layer in _layers(model) if layer.weights]
    for layer in layers:
        if type(layer) not in WITH_WEIGHTS:
            raise LabError(
                f"{model.name}: the weights of {layer.name} ({type(layer).__name__}) cannot be "
                "given to PyTorch; allowed are those of Dense and Conv2D"
            )
    return {f"{n}/{v.name}": v for n, layer in enumerate(layers, start=1) for v in layer.weights}


def _layers(model: keras.Model) -> Iterator[keras.Layer]:
    for layer in model.layers:
        yield from _layers(layer) if isinstance(layer, keras.Model) else [layer]


def predict_logits(model: keras.Model, images: np.ndarray) -> np.ndarray:
    """Return the logits [N, 10] of float32 images [N, 28, 28]."""
    # Not `predict`, which takes longer to prepare than to compute.
    batches = [images[i : i + 1_000] for i in range(0, len(images), 1_000)]
    return np.concatenate([model.predict_on_batch(batch) for batch in batches])


def save(model: keras.Model, path: Path) -> None:
    """Write architecture and weights to a `.keras` file."""
    with artifacts.replacing(path) as temporary:
        model.save(temporary)


def load(path: Path) -> keras.Model:
    """Read a model that `save` wrote; `safe_mode` keeps it from running code."""
    return keras.saving.load_model(path, compile=False, safe_mode=True)
