"""Weights as plain arrays, in one layout for both frameworks: drawn, kept, carried over.

The layout is Keras': dense kernels [in, out], convolution kernels [height, width, in, out], and
flattened images with the channel last. The names are `layer/kernel` and `layer/bias`.
"""

import hashlib
from pathlib import Path

import numpy as np

from helpers.core import artifacts
from helpers.core.console import LabError

Weights = dict[str, np.ndarray]
Shapes = dict[str, tuple[int, ...]]


def draw(shapes: Shapes, seed: int) -> Weights:
    """Return initial weights drawn from `seed`: uniform kernels, biases of zero.

    These are Keras' defaults (Glorot & Bengio 2010), drawn here so that both frameworks start from
    the same ones.
    """
    generator = np.random.default_rng(seed)
    weights = {}
    for name, shape in shapes.items():
        if len(shape) == 1:
            weights[name] = np.zeros(shape, np.float32)
            continue
        *window, fan_in, fan_out = shape
        limit = np.sqrt(6 / (np.prod(window) * (fan_in + fan_out)))
        weights[name] = generator.uniform(-limit, limit, shape).astype(np.float32)
    return weights


def shapes(weights: Weights) -> Shapes:
    """Return the shape of each array."""
    return {name: array.shape for name, array in weights.items()}


def check(weights: Weights, expected: Shapes) -> None:
    """Raise LabError when weights are those of another architecture."""
    found = shapes(weights)
    if found != expected:
        raise LabError(f"weights of another network: found {found}, expected {expected}")


def largest_difference(first: Weights, second: Weights) -> float:
    """Return the largest absolute difference between the same weights of two networks."""
    check(first, shapes(second))
    return max(float(np.abs(first[name] - second[name]).max()) for name in first)


def sha256(weights: Weights) -> str:
    """Return one SHA-256 over names, shapes and values, in hexadecimal."""
    digest = hashlib.sha256()
    for name, array in weights.items():
        digest.update(f"{name} {array.shape}".encode() + array.tobytes())
    return digest.hexdigest()


def save(weights: Weights, path: Path) -> None:
    """Write weights to an `.npz` file."""
    with artifacts.replacing(path) as temporary:
        np.savez(temporary, **weights)


def load(path: Path) -> Weights:
    """Read weights that `save` wrote."""
    with np.load(path) as file:
        return dict(file)
