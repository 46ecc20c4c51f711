"""Rows of the results contract that a notebook writes."""

from types import ModuleType

import numpy as np

from helpers import model_metadata
from helpers.core import artifacts, results
from helpers.data import mnist
from helpers.training.runs import Run


def save_models(
    notebook: str,
    networks: ModuleType,
    best: dict[str, Run],
    suffix: str,
    *,
    train_images: int,
    source: mnist.Source,
    commit: str | None,
) -> list[dict]:
    """Save trained models with metadata and return them as rows of `models` in the contract.

    `best` is {model id: its run}; the files have its names and the suffix. Beside them their logits
    for the test images are written, which their exports must equal.
    """
    rows = []
    for name, run in best.items():
        logits_file = results.folder(notebook) / f"{name}-logits.npy"
        with artifacts.replacing(logits_file) as temporary:
            np.save(temporary, run.logits)
        arrays = networks.get_weights(run.model).values()
        row = {
            "id": name,
            "framework": name.rpartition("-")[2],
            **run.row(),
            "parameters": sum(array.size for array in arrays),
            "train_images": train_images,
        }
        file = artifacts.model_file(name + suffix)
        networks.save(run.model, file)
        model_metadata.write(file, model_metadata.describe(row, source.record(), commit, suffix))
        rows.append({**row, **artifacts.describe(file), "logits": artifacts.describe(logits_file)})
    return rows
