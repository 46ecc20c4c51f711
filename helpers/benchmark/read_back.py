"""Let a fresh process compute logits from model files, untimed: what their exports are gated on."""

import tempfile
from pathlib import Path

import numpy as np

from helpers.benchmark.runtimes import RUNTIMES
from helpers.core import process
from helpers.data import mnist
from helpers.exports import gate
from helpers.exports.inventory import Export

MODULE = "helpers.benchmark.read_back"
# All test images in one call of a cnn take twice as long and a gigabyte.
BATCH = 1_000

Question = tuple[Path, np.ndarray]  # a model file and the images it is to answer
Answer = np.ndarray | str  # the logits, or why there are none


def ask(runtime: str, questions: list[Question], *, threads: int) -> list[Answer]:
    """Return the answers to `questions` from one fresh process with one runtime.

    A file that crashes the process takes the others' answers with it, so then each gets its own.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        arrays = {id(images): images for _, images in questions}
        for number, images in arrays.items():
            np.save(folder / f"images-{number}.npy", images)
        asked = [
            {
                "file": str(file),
                "images": str(folder / f"images-{id(images)}.npy"),
                "logits": str(folder / f"logits-{place}.npy"),
            }
            for place, (file, images) in enumerate(questions)
        ]
        specification = {"runtime": runtime, "questions": asked}
        try:
            reasons = process.run(MODULE, specification, threads=threads)["reasons"]
        except process.ProcessFailed as error:
            if len(questions) == 1:
                return [str(error)]
            return [ask(runtime, [question], threads=threads)[0] for question in questions]
        return [
            reason or np.load(question["logits"])
            for reason, question in zip(reasons, asked, strict=True)
        ]


# Which runtime reads a file of a format back.
READERS = {".tflite": "litert", ".onnx": "onnxruntime", ".pt": "pytorch", ".keras": "tf-function"}


def read_back(exports: list[Export], dataset: mnist.Dataset, *, threads: int) -> dict[str, Answer]:
    """Return what each export answers to the test images, {id: logits or why there are none}.

    One fresh process a runtime reads all of its files.
    """
    scaled, found = mnist.scale(dataset.test_images), {}
    for suffix, runtime in READERS.items():
        own = [export for export in exports if export.file.suffix == suffix]
        questions = [(e.file, dataset.test_images if e.pixels else scaled) for e in own]
        if own:
            given = ask(runtime, questions, threads=threads)
            found |= {export.id: answer for export, answer in zip(own, given, strict=True)}
    return found


def gate_file(file: Path, source_logits: np.ndarray, dataset: mnist.Dataset, weights: int) -> str:
    """Return what the gate says of a float32 file that was written some other way."""
    if not file.exists():
        return "no file"
    questions = [(file, mnist.scale(dataset.test_images))]
    (answer,) = ask(READERS[file.suffix], questions, threads=1)
    labels = dataset.test_labels
    return gate.compare(file, "float32", weights, answer, source_logits, labels).gate


def work(specification: dict) -> dict:
    """Write the logits of each question; return {"reasons": why there are none, or ""}."""
    runtime = RUNTIMES[specification["runtime"]](specification["threads"])
    reasons = []
    for question in specification["questions"]:
        try:
            runtime.load(Path(question["file"]))
            images = np.load(question["images"])
            batches = [images[i : i + BATCH] for i in range(0, len(images), BATCH)]
            np.save(question["logits"], np.concatenate([runtime(batch) for batch in batches]))
            reasons.append("")
        except Exception as error:  # whatever the runtime says of the file is the answer
            reasons.append(f"{type(error).__name__}: {' '.join(str(error).split())}")
    return {"reasons": reasons}


if __name__ == "__main__":
    process.answer(work)
