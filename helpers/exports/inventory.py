"""The models and exports of a notebook: the files, their rows of the results."""

from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import numpy as np

from helpers.core import artifacts, stages
from helpers.exports import gate
from helpers.training.runs import Run


@dataclass(frozen=True)
class Export:
    """A file that was written from a trained model."""

    model: str  # the id of the model it comes from
    precision: str  # float32, float16, dynamic or int8
    file: Path

    @property
    def id(self) -> str:
        """Return its id in the results contract."""
        return f"{self.model}-{self.file.suffix[1:]}-{self.precision}"


def file_for(model: str, precision: str, suffix: str) -> Path:
    """Return where an export of a model stands."""
    return artifacts.model_file(f"{model}-{precision}{suffix}")


def rows(
    exports: list[Export],
    models: list[dict],
    read: dict[str, np.ndarray | str],
    logits: dict[str, np.ndarray],
    labels: np.ndarray,
) -> list[dict]:
    """Gate every file and return the rows of the contract.

    `read` is what a fresh process got from each file, by its id: logits, or why there are none.
    `models` are the rows of the sources and `logits` theirs, by id.
    """
    sources = {row["id"]: row for row in models}
    return [
        {
            "id": export.id,
            "source": export.model,
            "format": export.file.suffix[1:],
            "precision": export.precision,
            **artifacts.describe(export.file),
            **gate.compare(
                export.file,
                export.precision,
                sources[export.model]["parameters"],
                read[export.id],
                logits[export.model],
                labels,
            ).row(),
        }
        for export in exports
    ]


def save_models(
    notebook: str, networks: ModuleType, best: list[Run], *, train_images: int
) -> list[dict]:
    """Save trained networks and return their rows of the contract.

    `networks` is the module they come from, such as torch_networks. Beside each file its logits
    for the test images are written, which its exports must equal.
    """
    rows = []
    for run in best:
        logits_file = stages.folder(notebook) / f"{run.id}-logits.npy"
        with artifacts.replacing(logits_file) as temporary:
            np.save(temporary, run.logits)
        arrays = networks.get_weights(run.model).values()
        row = {
            "id": run.id,
            **run.row(),
            "parameters": sum(array.size for array in arrays),
            "train_images": train_images,
        }
        file = artifacts.model_file(run.id + networks.SUFFIX)
        networks.save(run.model, file)
        rows.append({**row, **artifacts.describe(file), "logits": artifacts.describe(logits_file)})
    return rows
