"""Reading back: a fresh process computes logits from model files, untimed.

What an export is gated on, and what a robustness table is made of.
"""

import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from helpers.benchmark.runtimes import READERS, RUNTIMES
from helpers.core import artifacts, console, process
from helpers.exports import gate
from helpers.exports.inventory import Export
from helpers.training.runs import Run

MODULE = "helpers.benchmark.read_back"
# All test images in one call of a cnn take twice as long and a gigabyte.
BATCH = 1_000

Case = tuple[Path, np.ndarray]  # a model file and the images it is to be given
Logits = np.ndarray | str  # float32 [N, 10], or why there are none


def read_all(cases: list[Case], *, threads: int) -> list[Logits]:
    """Return the logits of each case from the runtime that reads back the files of its format.

    Each package reads all of its files in one fresh process. As many of these run side by side as
    there are `threads`, which they share.
    """
    by_package: dict[str, list[int]] = {}
    for place, (file, _) in enumerate(cases):
        package = RUNTIMES[READERS[file.suffix]].package
        by_package.setdefault(package, []).append(place)
    at_once = min(threads, max(1, len(by_package)))
    with tempfile.TemporaryDirectory() as name, ThreadPoolExecutor(at_once) as pool:
        folder = Path(name)
        # Images that several cases have in common are written once.
        for number, images in {id(images): images for _, images in cases}.items():
            np.save(folder / f"images-{number}.npy", images)
        asked = [
            {
                "runtime": READERS[file.suffix],
                "file": str(file),
                "images": str(folder / f"images-{id(images)}.npy"),
                "logits": str(folder / f"logits-{place}.npy"),
            }
            for place, (file, images) in enumerate(cases)
        ]
        jobs = [[asked[place] for place in places] for places in by_package.values()]
        given = pool.map(lambda own: _in_one_process(own, threads // at_once), jobs)
        found = {
            case["logits"]: logits
            for own, several in zip(jobs, given, strict=True)
            for case, logits in zip(own, several, strict=True)
        }
    return [found[case["logits"]] for case in asked]


def _in_one_process(asked: list[dict[str, str]], threads: int) -> list[Logits]:
    given = {"cases": asked}
    try:
        record = process.run(MODULE, given, threads=threads, without=process.NOT_NEEDED)
    except process.ProcessFailed as error:
        if len(asked) == 1:
            return [str(error)]
        return [_in_one_process([case], threads)[0] for case in asked]
    reasons = zip(record["reasons"], asked, strict=True)
    return [reason or np.load(case["logits"]) for reason, case in reasons]


def export_rows(
    exports: Sequence[Export],
    saved: Sequence[Run],
    images: np.ndarray,
    labels: np.ndarray,
    *,
    threads: int,
) -> list[dict]:
    """Read every export back, gate it on its source's logits and return the rows of `exports`.

    `saved` are the sources. `images` are the test images, float32 [N, 28, 28] in [0, 1].
    """
    sources = {run.id: run for run in saved}
    files = [export.file for export in exports if not export.left_out]
    read = iter(read_all([(file, images) for file in files], threads=threads))
    rows = []
    for export in exports:
        source, file = sources[export.source], export.file
        row = {name: getattr(export, name) for name in ("id", "source", "format", "precision")}
        if export.left_out:
            row |= dict.fromkeys(("file", "bytes", "sha256", *gate.MEASURED))
            row["gate"] = f"left out: {export.left_out}"
        else:
            given = (source.parameters, next(read), source.logits, labels)
            row |= artifacts.describe(file) | gate.compare(file, export.precision, *given)
        rows.append(row)
    return rows


def work(specification: dict) -> dict:
    """Write the logits of each case; return {"reasons": why there are none, or ""}.

    A file that several cases in a row ask for is loaded once.
    """
    cases = specification["cases"]
    names = dict.fromkeys(case["runtime"] for case in cases)
    runtimes = {name: RUNTIMES[name](specification["threads"]) for name in names}
    reasons, loaded = [], None
    for case in cases:
        runtime = runtimes[case["runtime"]]
        try:
            if case["file"] != loaded:
                loaded = None
                runtime.load(Path(case["file"]))
                loaded = case["file"]
            images = np.load(case["images"])
            batches = [images[i : i + BATCH] for i in range(0, len(images), BATCH)]
            np.save(case["logits"], np.concatenate([runtime(batch) for batch in batches]))
            reasons.append("")
        except Exception as error:  # whatever the runtime says of the file is the finding
            reasons.append(console.reason(error))
    return {"reasons": reasons}
