"""The exports of a notebook: the files, their metadata, their gate, their rows of the results."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from helpers import answers, gate, model_metadata
from helpers.core import artifacts
from helpers.data import mnist

# Which runtime reads an export back; whether those for deployment take what they say is checked.
READERS = {".tflite": "litert", ".onnx": "onnxruntime", ".pt": "pytorch", ".keras": "tf-function"}
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


def read_back(
    exports: list[Export], dataset: mnist.Dataset, *, threads: int
) -> dict[str, answers.Answer]:
    """Return what each export answers to the test images, {id: logits or why there are none}.

    One fresh process a runtime reads all of its files.
    """
    scaled, found = mnist.scale(dataset.test_images), {}
    for suffix, runtime in READERS.items():
        own = [export for export in exports if export.file.suffix == suffix]
        questions = [(e.file, dataset.test_images if e.pixels else scaled) for e in own]
        if own:
            given = answers.ask(runtime, questions, threads=threads)
            found |= {export.id: answer for export, answer in zip(own, given, strict=True)}
    return found


def rows(
    exports: list[Export],
    models: list[dict],
    logits: dict[str, np.ndarray],
    dataset: mnist.Dataset,
    commit: str | None,
    *,
    threads: int,
) -> list[dict]:
    """Put the metadata in, read every file back, gate it, and return the rows of the contract.

    `models` are the rows of the sources and `logits` theirs, by id. Raises LabError when a file's
    metadata contradict what it takes.
    """
    sources = {row["id"]: row for row in models}
    for export in exports:
        metadata = model_metadata.describe(
            sources[export.model],
            dataset.source.record(),
            commit,
            export.file.suffix,
            pixels=export.pixels,
        )
        model_metadata.write(export.file, metadata)
    found = read_back(exports, dataset, threads=threads)
    for export in exports:
        # A file whose runtime does not even start is told by its gate.
        if export.file.suffix in DEPLOYABLE and not isinstance(found[export.id], str):
            model_metadata.check(export.file)
    return [
        {
            "id": export.id,
            "source": export.model,
            "format": export.file.suffix[1:],
            "precision": export.precision,
            "input": "pixels" if export.pixels else "scaled",
            **artifacts.describe(export.file),
            **gate.compare(
                export.file,
                export.precision,
                sources[export.model]["parameters"],
                found[export.id],
                logits[export.model],
                dataset.test_labels,
            ).row(),
        }
        for export in exports
    ]


def gate_file(file: Path, source_logits: np.ndarray, dataset: mnist.Dataset, weights: int) -> str:
    """Return what the gate says of a float32 file that was written some other way."""
    if not file.exists():
        return "no file"
    questions = [(file, mnist.scale(dataset.test_images))]
    (answer,) = answers.ask(READERS[file.suffix], questions, threads=1)
    labels = dataset.test_labels
    return gate.compare(file, "float32", weights, answer, source_logits, labels).gate
