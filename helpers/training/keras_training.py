"""Train a Keras network: a whole epoch is one call of a compiled graph."""

from collections.abc import Callable

import numpy as np

from helpers.models import keras_networks as networks
from helpers.models.keras_networks import keras, tf
from helpers.training.loop import Epoch, run_epochs
from helpers.training.recipes import EPSILON, Recipe


def train(
    model: keras.Model,
    images: np.ndarray,
    labels: np.ndarray,
    validation: tuple[np.ndarray, np.ndarray],
    recipe: Recipe,
    seed: int,
    after_epoch: Callable[[Epoch], None] = print,
    *,
    defaults: bool = False,
) -> list[Epoch]:
    """Train with Adam on uint8 images [N, 28, 28] and return the epochs.

    A whole epoch is one call of a graph over tensors in memory: `fit` spends most of its time
    between the steps. `validation` is (images in [0, 1], labels);
    `after_epoch` gets each epoch when it is over. With `defaults` epsilon is Keras' own.
    """
    optimizer = keras.optimizers.Adam(
        recipe.learning_rate,
        *(recipe.betas if defaults else (*recipe.float32_betas, EPSILON)),
        weight_decay=recipe.weight_decay or None,
    )
    optimizer.build(model.trainable_variables)

    # XLA halves the time of a dense step and doubles that of a convolution.
    convolutional = any(isinstance(layer, keras.layers.Conv2D) for layer in model.layers)

    @tf.function(jit_compile=not convolutional)
    def step(pixels: tf.Tensor, label: tf.Tensor, rate: tf.Tensor) -> tf.Tensor:
        optimizer.learning_rate.assign(rate)
        with tf.GradientTape() as tape:
            logits = model(tf.cast(pixels, tf.float32) / 255, training=True)
            loss = tf.reduce_mean(
                tf.nn.sparse_softmax_cross_entropy_with_logits(labels=label, logits=logits)
            )
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
        return loss

    @tf.function
    def run_epoch(pixels: tf.Tensor, order: tf.Tensor, rates: tf.Tensor) -> tf.Tensor:
        total = 0.0
        for number in tf.range(tf.shape(order)[0]):
            batch = order[number]
            total += step(tf.gather(pixels, batch), tf.gather(all_labels, batch), rates[number])
        return total / tf.cast(tf.shape(order)[0], tf.float32)

    all_labels = tf.constant(labels)
    return run_epochs(
        lambda *epoch: float(run_epoch(*map(tf.constant, epoch))),
        lambda images: networks.predict_logits(model, images),
        images,
        validation,
        recipe,
        seed,
        after_epoch,
    )
