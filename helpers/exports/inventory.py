"""The models and exports of a notebook: the files, their rows of the results."""

from dataclasses import asdict, dataclass
from pathlib import Path
from types import ModuleType

import numpy as np

from helpers.core import artifacts, stages
from helpers.data import mnist
from helpers.exports import gate, model_card, needs
from helpers.training.runs import Run

# The formats for deployment, whose files say what they take.
DEPLOYABLE = (".tflite", ".onnx")


@dataclass(frozen=True)
class Export:
    """A file that was written from a trained model."""

    model: str  # the id of the model it comes from
    precision: str  # float32, float16, dynamic or int8
    file: Path
    pixels: bool = False  # it takes raw uint8 pixels and has the scaling inside

    @property
    def id(self) -> str:
        """Return its id in the results contract."""
        form = self.file.suffix[1:]
        return f"{self.model}-{form}-{self.precision}" + ("-pixels" if self.pixels else "")


def file_for(model: str, precision: str, suffix: str, *, pixels: bool = False) -> Path:
    """Return where an export of a model stands."""
    return artifacts.model_file(f"{model}-{precision}{'-pixels' if pixels else ''}{suffix}")


def write_cards(
    exports: list[Export], models: list[dict], source: mnist.Source, commit: str | None
) -> None:
    """Put into every file what it says about itself; `models` are the rows of the sources."""
    sources = {row["id"]: row for row in models}
    for export in exports:
        described = model_card.describe(
            sources[export.model],
            source.record(),
            commit,
            export.file.suffix,
            pixels=export.pixels,
        )
        model_card.write(export.file, described)


def rows(
    exports: list[Export],
    models: list[dict],
    read: dict[str, np.ndarray | str],
    logits: dict[str, np.ndarray],
    labels: np.ndarray,
) -> list[dict]:
    """Gate every file and return the rows of the contract.

    `read` is what a fresh process got from each file, by its id: logits, or why there are none.
    `models` are the rows of the sources and `logits` theirs, by id. Raises LabError when what a
    file says about its input is not what it takes.
    """
    sources = {row["id"]: row for row in models}
    for export in exports:
        # A file whose runtime does not even start is told by its gate.
        if export.file.suffix in DEPLOYABLE and not isinstance(read[export.id], str):
            model_card.check(export.file)
    return [
        {
            "id": export.id,
            "source": export.model,
            "format": export.file.suffix[1:],
            "precision": export.precision,
            "input": "pixels" if export.pixels else "scaled",
            "input_layout": model_card.read(export.file)["input_layout"],
            "needs": asdict(needs.of(export.file)),
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
    notebook: str,
    networks: ModuleType,
    best: list[Run],
    *,
    train_images: int,
    source: mnist.Source,
    commit: str | None,
) -> list[dict]:
    """Save trained networks with their model cards and return their rows of the contract.

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
        model_card.write(file, model_card.describe(row, source.record(), commit, networks.SUFFIX))
        rows.append({**row, **artifacts.describe(file), "logits": artifacts.describe(logits_file)})
    return rows
