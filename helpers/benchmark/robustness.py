"""How accurate the files are on images that are noisy, turned or shifted."""

import numpy as np

from helpers.benchmark import read_back
from helpers.core import files
from helpers.models import metrics

# Standard deviation of the noise in shares of white; degrees, against the clock where positive;
# pixels along both axes, to the right and down where positive.
AMOUNTS = {"noise": (0.2, 0.4), "rotation": (-30, -15, 15, 30), "shift": (-4, -2, 2, 4)}
UNITS = {"none": "", "noise": "of white", "rotation": "°", "shift": "pixels"}
NOISE_SEEDS = 3


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
    paths: dict[str, str], images: np.ndarray, labels: np.ndarray, *, seed: int, threads: int
) -> list[dict]:
    """Return {file, perturbation, amount, images, repeats, accuracy, range} of every file.

    `paths` is {model or export id: its file relative to the artifacts folder}. Noise is drawn from
    `NOISE_SEEDS` seeds, `seed` the first: `accuracy` is the mean over them and `range` its lowest
    and highest, None where nothing is drawn. A file without logits is left out.
    """
    disturbed = {("none", 0.0): [images]}
    for kind, amounts in AMOUNTS.items():
        seeds = range(seed, seed + (NOISE_SEEDS if kind == "noise" else 1))
        for amount in amounts:
            disturbed[kind, float(amount)] = [perturb(images, kind, amount, each) for each in seeds]
    asked = [(name, case) for name in paths for case in disturbed]
    cases = [(files.root() / paths[n], given) for n, case in asked for given in disturbed[case]]
    found, rows = iter(read_back.read_all(cases, threads=threads)), []
    for name, (kind, amount) in asked:
        logits = [next(found) for _ in disturbed[kind, amount]]
        if any(isinstance(each, str) for each in logits):
            continue
        accuracies = [metrics.accuracy(each, labels) for each in logits]
        row = {"file": name, "perturbation": kind, "amount": amount, "images": len(images)}
        row |= {"repeats": len(accuracies), "accuracy": float(np.mean(accuracies))}
        row["range"] = [min(accuracies), max(accuracies)] if kind == "noise" else None
        rows.append(row)
    return rows
