"""Let a fresh process answer images with model files, untimed: what their exports are gated on."""

import tempfile
from pathlib import Path

import numpy as np

from helpers.core import process
from helpers.runtimes import RUNTIMES

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
            reasons = process.run("helpers.answers", specification, threads=threads)["reasons"]
        except process.ProcessFailed as error:
            if len(questions) == 1:
                return [str(error)]
            return [ask(runtime, [question], threads=threads)[0] for question in questions]
        return [
            reason or np.load(question["logits"])
            for reason, question in zip(reasons, asked, strict=True)
        ]


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
