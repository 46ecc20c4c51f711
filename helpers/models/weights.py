"""Weights as plain arrays: a common start for both frameworks, PyTorch's in Keras' layout."""

from collections.abc import Iterable

import numpy as np


def draw(shapes: Iterable[tuple[int, ...]], seed: int) -> list[np.ndarray]:
    """Return initial kernels of these shapes, uniform as Keras draws them (Glorot & Bengio 2010).

    A shape is Keras': [inputs, outputs], or [height, width, inputs, outputs].
    """
    generator = np.random.default_rng(seed)
    kernels = []
    for shape in shapes:
        *window, inputs, outputs = shape
        limit = np.sqrt(6 / (np.prod(window) * (inputs + outputs)))
        kernels.append(generator.uniform(-limit, limit, shape).astype(np.float32))
    return kernels


def torch_to_keras(arrays: Iterable[np.ndarray]) -> list[np.ndarray]:
    """Return kernels and biases of PyTorch's Linear and Conv2d layers in Keras' layout.

    The layers come in the order in which an image passes them. The inputs of the first Linear
    behind a convolution stand channel by channel in PyTorch, pixel by pixel in Keras.
    """
    carried, channels = [], 1
    for array in arrays:
        if array.ndim == 4:
            channels = len(array)
            array = array.transpose(2, 3, 1, 0)
        elif array.ndim == 2:
            outputs, inputs = array.shape
            array = array.reshape(outputs, channels, -1).transpose(2, 1, 0).reshape(inputs, outputs)
            channels = 1
        carried.append(array)
    return carried
