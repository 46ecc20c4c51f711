"""The architectures in Keras, and what is done to a model: build, ask, save, load."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from helpers.core import files

with files.output_to_log("tensorflow.log"):
    import keras
    import tensorflow as tf
    from keras import layers
tf.get_logger().setLevel("ERROR")  # it tells where it writes each SavedModel

FRAMEWORK, SUFFIX = "tensorflow", ".keras"
SIGNATURE = [tf.TensorSpec([None, 28, 28], tf.float32, name="image")]


def mlp(hidden: int = 128) -> keras.Model:
    """Return an mlp with one hidden layer: images [N, 28, 28] in, logits [N, 10] out."""
    return keras.Sequential(
        [
            keras.Input((28, 28), name="image"),
            layers.Flatten(),
            layers.Dense(hidden, activation="relu"),
            layers.Dense(10, name="logits"),
        ]
    )


def cnn() -> keras.Model:
    """Return a cnn with two convolutions: images [N, 28, 28] in, logits [N, 10] out."""
    return keras.Sequential(
        [
            keras.Input((28, 28), name="image"),
            layers.Reshape((28, 28, 1)),
            layers.Conv2D(24, 5, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(256, activation="relu"),
            layers.Dense(10, name="logits"),
        ]
    )


# What is entered here can be trained and exported by its name; EVERYTHING times all of them.
ARCHITECTURES: dict[str, Callable[..., keras.Model]] = {"mlp": mlp, "cnn": cnn}


def build(architecture: str, seed: int, hidden: int = 128) -> keras.Model:
    """Return a new model; the mlp has `hidden` units."""
    keras.utils.clear_session()  # it counts up the names of layers, which stand in the files
    keras.utils.set_random_seed(seed)
    define = ARCHITECTURES[architecture]
    return define(hidden) if architecture == "mlp" else define()


def predict_logits(model: keras.Model, images: np.ndarray) -> np.ndarray:
    """Return the logits [N, 10] of float32 images [N, 28, 28]."""
    # Not `predict`, which takes longer to prepare than to compute.
    batches = [images[i : i + 1_000] for i in range(0, len(images), 1_000)]
    return np.concatenate([model.predict_on_batch(batch) for batch in batches])


def parameters(model: keras.Model) -> int:
    """Return how many weights are trained."""
    return sum(variable.numpy().size for variable in model.trainable_variables)


def save(model: keras.Model, path: Path) -> None:
    """Write architecture and weights to a `.keras` file, without the optimiser's state."""
    bare = type(model).from_config(model.get_config())  # never compiled: it has no optimiser
    bare.set_weights(model.get_weights())
    with files.replacing(path) as temporary:
        bare.save(temporary)


def load(path: Path) -> keras.Model:
    """Read a model that `save` wrote; `safe_mode` keeps it from running code."""
    return keras.saving.load_model(path, compile=False, safe_mode=True)
