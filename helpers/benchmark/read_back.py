"""Reading back: a fresh process computes logits from model files, untimed.

What an export is gated on, and what a robustness table is made of.
"""

import tempfile
from itertools import groupby
from operator import itemgetter
from pathlib import Path

import numpy as np

from helpers.benchmark.runtimes import READERS, RUNTIMES
from helpers.core import console, files, process
from helpers.exports import gate
from helpers.exports.inventory import Export
from helpers.training.runs import Run

# All test images in one call of a cnn take twice as long and a gigabyte.
BATCH = 1_000

Case = tuple[Path, np.ndarray]  # a model file and the images it is to be given
Logits = np.ndarray | str  # float32 [N, 10], or why there are none


def read_all(cases: list[Case], *, threads: int) -> list[Logits]:
    """Return the logits of each case; of a runtime one fresh process reads all of its files."""
    asked, found = [], {}
    with tempfile.TemporaryDirectory() as folder:
        for place, (file, images) in enumerate(cases):
            # Images that several cases have in common are written once.
            given = Path(folder, f"images-{id(images)}.npy")
            if not given.exists():
                np.save(given, images)
            case = {"runtime": READERS[file.suffix], "file": str(file), "images": str(given)}
            asked.append({**case, "logits": str(Path(folder, f"logits-{place}.npy"))})
        for runtime in dict.fromkeys(case["runtime"] for case in asked):
            own = [case for case in asked if case["runtime"] == runtime]
            logits = _in_one_process(own, threads)
            found |= zip((case["logits"] for case in own), logits, strict=True)
    return [found[case["logits"]] for case in asked]


def _in_one_process(asked: list[dict[str, str]], threads: int) -> list[Logits]:
    given = {"cases": asked}
    try:
        record = process.run(__name__, given, threads=threads, without=process.NOT_NEEDED)
    except process.ProcessFailed as error:
        if len(asked) == 1:
            return [str(error)]
        return [_in_one_process([case], threads)[0] for case in asked]
    reasons = zip(record["reasons"], asked, strict=True)
    return [reason or np.load(case["logits"]) for reason, case in reasons]


def export_rows(
    exports: list[Export], saved: list[Run], images: np.ndarray, labels: np.ndarray, *, threads: int
) -> list[dict]:
    """Read every export back, gate it on its source's logits and return the rows of `exports`.

    `saved` are the sources. `images` are the test images, float32 [N, 28, 28] in [0, 1].
    """
    sources = {run.id: run for run in saved}
    made = [export.file for export in exports if not export.left_out]
    read = iter(read_all([(file, images) for file in made], threads=threads))
    rows = []
    for export in exports:
        source, file = sources[export.source], export.file
        row = {name: getattr(export, name) for name in ("id", "source", "format", "precision")}
        if export.left_out:
            row |= dict.fromkeys(("file", "bytes", "sha256", *gate.MEASURED))
            row["gate"] = f"left out: {export.left_out}"
        else:
            given = (source.parameters, next(read), source.logits, labels)
            row |= files.describe(file) | gate.compare(file, export.precision, *given)
        rows.append(row)
    return rows


def work(specification: dict) -> dict:
    """Write the logits of each case; return {"reasons": why there are none, or ""}."""
    reasons = []
    for (name, file), own in groupby(specification["cases"], itemgetter("runtime", "file")):
        cases, reason = list(own), ""
        try:
            runtime = RUNTIMES[name](specification["threads"])
            runtime.load(Path(file))
            for case in cases:
                images = np.load(case["images"])
                batches = [images[i : i + BATCH] for i in range(0, len(images), BATCH)]
                np.save(case["logits"], np.concatenate([runtime(batch) for batch in batches]))
        except Exception as error:  # whatever the runtime says of the file is the finding
            reason = console.reason(error)
        reasons += [reason] * len(cases)
    return {"reasons": reasons}
