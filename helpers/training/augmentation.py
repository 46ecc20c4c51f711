"""New training images from old ones: small rotations, shears, shifts and smooth displacements."""

from dataclasses import dataclass
from functools import cache

import numpy as np

# The images lie below each other in one tall picture, so that one call of OpenCV moves them all; a
# row between them keeps the neighbours out. OpenCV takes pictures of up to 32,767 rows.
GAP, TOGETHER = 1, 1_000
# The displacement is drawn on a grid of so many points along each axis.
GRID = 7


@dataclass(frozen=True)
class Augmentation:
    """How far an image may change; every image draws its own values, uniform within the limits.

    `rotation_deg` in degrees; `scale` and `shear` in shares; `shift` in shares of the width, along
    each axis; `displacement` is the standard deviation of a smooth random field, in shares of half
    the width, drawn on a grid of `GRID` x `GRID` points (Simard et al. 2003).
    """

    rotation_deg: float = 0.0
    scale: float = 0.0
    shear: float = 0.0
    shift: float = 0.0
    displacement: float = 0.0


def augment(
    images: np.ndarray, augmentation: Augmentation, generator: np.random.Generator
) -> np.ndarray:
    """Return as many changed images, uint8 [N, 28, 28]; what comes in from outside is black."""
    import cv2  # here: only training needs it, and its import takes time

    changed = np.empty_like(images)
    for start in range(0, len(images), TOGETHER):
        some = images[start : start + TOGETHER]
        x, y = _sources(len(some), some.shape[1], augmentation, generator)
        count, size, _ = some.shape
        tall = np.zeros((count, size + GAP, size + 2 * GAP), np.uint8)
        tall[:, :size, GAP:-GAP] = some
        # A point outside its own image goes to the middle of the black row or column beside it.
        np.clip(x, -GAP, size, out=x)
        np.clip(y, -GAP, size, out=y)
        x += GAP
        y += np.arange(count, dtype=np.float32)[:, None, None] * (size + GAP)
        sources = x.reshape(count * size, size), y.reshape(count * size, size)
        moved = cv2.remap(tall.reshape(count * (size + GAP), -1), *sources, cv2.INTER_LINEAR)
        changed[start : start + count] = moved.reshape(some.shape)
    return changed


def _sources(
    count: int, size: int, limits: Augmentation, generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return where each pixel's value is read: columns and rows, float32 [count, size, size].

    Both are linear in the numbers that an image draws, so two matrix products give them all.
    """

    def drawn(limit: float) -> np.ndarray:
        return generator.uniform(-limit, limit, (count, 1)).astype(np.float32)

    angle, slant = np.deg2rad(drawn(limits.rotation_deg)), drawn(limits.shear)
    wide, high = 1 + drawn(limits.scale), 1 + drawn(limits.scale)
    cosine, sine = np.cos(angle), np.sin(angle)
    right, down = drawn(limits.shift * size), drawn(limits.shift * size)
    spread = np.float32(limits.displacement * size / 2)
    fields = generator.standard_normal((2, count, GRID * GRID), np.float32) * spread
    basis = _basis(size)
    x = np.hstack([wide * cosine, wide * (slant - sine), right, fields[0]]) @ basis
    y = np.hstack([high * sine, high * cosine, down, fields[1]]) @ basis
    middle = np.float32((size - 1) / 2)
    return (x + middle).reshape(-1, size, size), (y + middle).reshape(-1, size, size)


@cache
def _basis(size: int) -> np.ndarray:
    """Return what a drawn number does to the coordinate of each pixel, [3 + GRID ** 2, pixels].

    The first three rows are the column and the row, counted from the middle, and 1; the rest is a
    cubic spline surface for each point of the grid.
    """
    from scipy.interpolate import CubicSpline

    row, column = np.mgrid[:size, :size].reshape(2, -1) - (size - 1) / 2
    line = CubicSpline(np.arange(GRID), np.eye(GRID))(np.linspace(0, GRID - 1, size))
    surfaces = np.kron(line, line).T
    return np.vstack([column, row, np.ones(size * size), surfaces]).astype(np.float32)
