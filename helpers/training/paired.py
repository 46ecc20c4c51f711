"""Paired trainings: one seed in both frameworks, so the same weights, batches and constants."""

import numpy as np

from helpers.core import artifacts, stages
from helpers.models import weights
from helpers.training import loop
from helpers.training.runs import Run


def keep(notebook: str, run: Run) -> dict:
    """Keep the epochs of a run and its weights after each, to lay beside the other framework's.

    Returns {history, file, bytes, sha256}.
    """
    path = stages.folder(notebook) / "trajectory.npz"
    weights.save(
        {
            f"{epoch}/{name}": array
            for epoch, arrays in enumerate(run.trajectory, start=1)
            for name, array in arrays.items()
        },
        path,
    )
    return {"history": loop.rows(run.history), **artifacts.describe(path)}


def compare(tensorflow: dict, pytorch: dict) -> list[dict]:
    """Return for each epoch both losses, their difference and the largest one of the weights.

    Each argument is what `keep` returned in one notebook.
    """
    kept = [weights.load(artifacts.root() / one["file"]) for one in (tensorflow, pytorch)]
    rows = []
    for first, second in zip(tensorflow["history"], pytorch["history"], strict=True):
        after = [_epoch(arrays, first["epoch"]) for arrays in kept]
        rows.append(
            {
                "epoch": first["epoch"],
                "tensorflow_loss": first["loss"],
                "pytorch_loss": second["loss"],
                "loss_difference": abs(first["loss"] - second["loss"]),
                "weight_difference": weights.largest_difference(*after),
                "largest_weight": max(float(np.abs(array).max()) for array in after[0].values()),
            }
        )
    return rows


def _epoch(arrays: weights.Weights, epoch: int) -> weights.Weights:
    start = f"{epoch}/"
    return {n.removeprefix(start): array for n, array in arrays.items() if n.startswith(start)}
