"""How accurate the files are on images that are noisy, turned or shifted."""

from pathlib import Path

import numpy as np

from helpers.benchmark import read_back
from helpers.benchmark.runtimes import READERS
from helpers.core import artifacts, console
from helpers.core.units import counted
from helpers.models import evaluation

# Standard deviation of the noise in shares of white; degrees; pixels along both axes.
AMOUNTS = {"noise": (0.2, 0.4), "rotation": (15, 30), "shift": (2, 4)}
UNITS = {"none": "", "noise": "of white", "rotation": "°", "shift": "pixels"}


def perturb(images: np.ndarray, kind: str, amount: float, seed: int) -> np.ndarray:
    """Return float32 images [N, 28, 28] in [0, 1], all perturbed by the same amount."""
    from scipy import ndimage

    if kind == "noise":
        noise = np.random.default_rng(seed).standard_normal(images.shape, np.float32)
        return np.clip(images + np.float32(amount) * noise, 0, 1)
    if kind == "rotation":
        turned = ndimage.rotate(images, amount, axes=(2, 1), reshape=False, order=1)
        return np.clip(turned, 0, 1)
    return ndimage.shift(images, (0, amount, amount), order=0)


def measure(
    files: dict[str, str], images: np.ndarray, labels: np.ndarray, *, seed: int, threads: int
) -> list[dict]:
    """Return {model, perturbation, amount, images, accuracy} of every file and perturbation.

    `files` is {model or export id: its file relative to the artifacts folder}; one fresh process a
    runtime reads everything. A file without logits is left out.
    """
    disturbed = {("none", 0.0): images} | {
        (kind, float(amount)): perturb(images, kind, amount, seed)
        for kind, amounts in AMOUNTS.items()
        for amount in amounts
    }
    rows = []
    for suffix, runtime in READERS.items():
        asked = [
            (name, disturbance, (artifacts.root() / file, given))
            for name, file in files.items()
            if Path(file).suffix == suffix
            for disturbance, given in disturbed.items()
        ]
        if not asked:
            continue
        found = read_back.read(runtime, [case for _, _, case in asked], threads=threads)
        rows += [
            {
                "model": name,
                "perturbation": kind,
                "amount": amount,
                "images": len(images),
                "accuracy": evaluation.accuracy(logits, labels),
            }
            for (name, (kind, amount), _), logits in zip(asked, found, strict=True)
            if not isinstance(logits, str)
        ]
        console.show(counted(len(rows), "accuracy"), stays=False)
    return rows
