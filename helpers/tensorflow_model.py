"""The networks in Keras: definitions, training, evaluation, saving, TFLite export."""

import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from helpers import artifacts
from helpers.training import Epoch, batch_orders, run_epochs

with artifacts.output_to_log("tensorflow.log"):
    import keras
    import tensorflow as tf

SIGNATURE = [tf.TensorSpec([None, 28, 28], tf.float32, name="image")]


def mlp() -> keras.Model:
    """Return Flatten, Dense 128, ReLU, Dense 10: 101,770 parameters."""
    return keras.Sequential(
        [
            keras.Input((28, 28), name="image"),
            keras.layers.Flatten(),
            keras.layers.Dense(128, activation="relu"),
            keras.layers.Dense(10, name="logits"),
        ]
    )


ARCHITECTURES: dict[str, Callable[[], keras.Model]] = {"mlp": mlp}


def use_threads(threads: int) -> None:
    """Give TensorFlow `threads` threads; must come before its first operation."""
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)


def build(architecture: str, seed: int) -> keras.Model:
    """Return a new network with weights drawn from `seed`: images [N, 28, 28] in, logits out."""
    keras.utils.set_random_seed(seed)
    return ARCHITECTURES[architecture]()


def train(
    model: keras.Model,
    images: np.ndarray,
    labels: np.ndarray,
    validation: tuple[np.ndarray, np.ndarray],
    *,
    epochs: int,
    batch_size: int,
    learning_rate: float,
    seed: int,
) -> list[Epoch]:
    """Train with Adam on float32 images [N, 28, 28] in [0, 1]; print and return each epoch.

    A whole epoch is one call of a graph over tensors in memory: `fit` spends most of its time
    between the steps.
    """
    optimizer = keras.optimizers.Adam(learning_rate)
    optimizer.build(model.trainable_variables)

    @tf.function(jit_compile=True)
    def step(image: tf.Tensor, label: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            logits = model(image, training=True)
            loss = tf.reduce_mean(
                tf.nn.sparse_softmax_cross_entropy_with_logits(labels=label, logits=logits)
            )
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
        return loss

    @tf.function
    def run_epoch(order: tf.Tensor) -> tf.Tensor:
        total = 0.0
        for batch in order:
            total += step(tf.gather(all_images, batch), tf.gather(all_labels, batch))
        return total / tf.cast(tf.shape(order)[0], tf.float32)

    all_images, all_labels = tf.constant(images), tf.constant(labels)
    return run_epochs(
        lambda order: float(run_epoch(tf.constant(order))),
        lambda images: predict_logits(model, images),
        validation,
        batch_orders(len(images), batch_size, epochs, seed),
    )


def predict_logits(model: keras.Model, images: np.ndarray) -> np.ndarray:
    """Return the logits [N, 10] of float32 images [N, 28, 28]."""
    # Not `predict`, which takes longer to prepare than to answer.
    batches = [images[i : i + 1_000] for i in range(0, len(images), 1_000)]
    return np.concatenate([model.predict_on_batch(batch) for batch in batches])


def save(model: keras.Model, path: Path) -> None:
    """Write architecture and weights to a `.keras` file."""
    with artifacts.replacing(path) as temporary:
        model.save(temporary)


def load(path: Path) -> keras.Model:
    """Read a model that `save` wrote."""
    return keras.saving.load_model(path, compile=False)


def export_tflite(model: keras.Model, path: Path) -> None:
    """Write a float32 TFLite file with a free batch size, by way of a SavedModel.

    This is the documented route (keras#19108): `model.export` writes the serving signature into
    the SavedModel, so that the converter has no need to guess the input's shape.
    """
    with artifacts.output_to_log("tflite_export.log"), tempfile.TemporaryDirectory() as folder:
        model.export(folder, input_signature=SIGNATURE, verbose=False)
        content = tf.lite.TFLiteConverter.from_saved_model(folder).convert()
    with artifacts.replacing(path) as temporary:
        temporary.write_bytes(content)


def _from_concrete_function(model: keras.Model) -> bytes:
    function = tf.function(model, input_signature=SIGNATURE).get_concrete_function()
    return tf.lite.TFLiteConverter.from_concrete_functions([function], model).convert()


# The routes that guides offer beside the documented one, by the call that a reader would search.
DIRECT_ROUTES: dict[str, Callable[[keras.Model], object]] = {
    "model._get_save_spec()": lambda model: model._get_save_spec(),
    "from_keras_model(model)": lambda model: tf.lite.TFLiteConverter.from_keras_model(
        model
    ).convert(),
    "from_concrete_functions([f], model)": _from_concrete_function,
}


def try_direct_route(route: str, model: keras.Model, path: Path) -> str:
    """Try one of DIRECT_ROUTES, write what it makes to `path`, and return what happened."""
    try:
        with artifacts.output_to_log("tflite_export.log"):
            content = DIRECT_ROUTES[route](model)
    except Exception as error:  # whatever this version answers is the finding
        return f"{type(error).__name__}: {str(error).splitlines()[0]}"
    if not isinstance(content, bytes):
        return f"returned {content}"
    path.write_bytes(content)
    return f"wrote {len(content):,} bytes"
