"""Weights as plain arrays: a common start for both frameworks, PyTorch's in Keras' layout."""

import inspect
from collections.abc import Callable, Iterable

import numpy as np


def options(define: Callable, hidden: int | None) -> dict[str, int]:
    """Return what an architecture's definition is called with: `hidden` units where it takes any.

    With None it takes its own number of them.
    """
    takes = hidden is not None and "hidden" in inspect.signature(define).parameters
    return {"hidden": hidden} if takes else {}


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
