"""The plan of the measurement: which file in which runtime, in rounds, and what may go wrong.

What happens inside a process is `worker`; what a runtime is, `runtimes`; what becomes of the raw
values, `statistics`.
"""

import math
import random
import tempfile
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from helpers.benchmark import timing
from helpers.benchmark.runtimes import READERS, RUNTIMES, missing
from helpers.core import console, files, process

WORKER = "helpers.benchmark.worker"
# What is measured a second time under another name (A/A).
TWICE = ("pytorch", "onnxruntime")
# What is not of the main comparison is timed in every third round.
EVERY_OTHER = 3
# Beside a fixed product of more than this much of the usual time a process is measured once more;
# the usual time is this percentile of all so far. On a machine that is slow throughout these would
# be all: it is this share of a round at most, the slowest.
SLOW, USUAL_PERCENTILE, MOST_AGAIN = 1.15, 10, 0.25
# A process that hangs is stopped; a cell that failed so often is not tried again.
LIMIT_S, MOST_FAILURES = 120, 2


@dataclass(frozen=True)
class Cell:
    """One file in one runtime with a number of threads.

    One process of a cell times one image, all images and the sizes between: a process for each
    would spend most of the time on importing frameworks.
    """

    file: str  # a model or export id
    path: str  # of its file, relative to the artifacts folder
    source: str  # the model id whose logits its own must equal
    architecture: str
    precision: str
    runtime: str
    threads: int
    main: bool  # of the main comparison: its network in float32 with all threads
    every: int  # it is timed in every round, every second one, and so on
    again: bool = False  # a second time under another name


def cells(models: list[dict], exports: list[dict], *, everything: bool, threads: int) -> list[Cell]:
    """Return the cells of the files whose gate passed, and of the runtimes that are installed.

    Every one times the main network, that of the first of `models`, in float32 as its own framework
    trained it; those that read files back time its 8-bit files too. With `everything` these time
    every other file as well, and all time the main network with one thread.
    """
    sources = {row["id"]: row for row in models}
    usable = [row for row in exports if row["gate"] == "passed"]
    installed = [runtime for name, runtime in RUNTIMES.items() if not missing(name)]
    found = []
    for row in [*models, *usable]:
        source = sources[row.get("source", row["id"])]
        precision = row.get("precision", "float32")
        of_main = source["architecture"] == models[0]["architecture"]
        main = of_main and precision == "float32"
        smaller = of_main and precision in ("dynamic", "int8")
        for runtime in installed:
            reads = row["file"].endswith(runtime.suffix)
            other = runtime.name in READERS.values() and (smaller or everything)
            if not reads or runtime.framework != source["framework"] or not (main or other):
                continue
            own = {"file": row["id"], "path": row["file"], "source": source["id"]}
            own |= {"architecture": source["architecture"], "precision": precision}
            every = runtime.every if main else EVERY_OTHER
            cell = Cell(**own, runtime=runtime.name, threads=threads, main=main, every=every)
            found.append(cell)
            if main and everything and threads > 1:
                found.append(replace(cell, threads=1, main=False, every=max(every, EVERY_OTHER)))
    return found + [replace(c, again=True) for c in found if c.main and c.runtime in TWICE]


def measure(
    models: list[dict],
    exports: list[dict],
    images: np.ndarray,
    *,
    rounds: int,
    runtimes: list[str] | None,
    batch_sizes: list[int],
    everything: bool,
    threads: int,
    seed: int,
) -> list[dict]:
    """Measure every cell in rounds of fresh processes; return one record a process.

    `images` are the test images, float32 [N, 28, 28] in [0, 1]; `batch_sizes` those between one
    image and all that the main comparison is timed with. In each round every cell that is due comes
    once, in an order drawn from `seed`: a slow minute of the machine then falls on all and not on
    one. Prints a line a round.
    """
    planned = cells(models, exports, everything=everything, threads=threads)
    planned = [cell for cell in planned if cell.runtime in (runtimes or RUNTIMES)]
    sizes = [size for size in batch_sizes if size < len(images)]
    left_out = {name: missing(name) for name in runtimes or RUNTIMES}
    records = [{"file": None, "runtime": n, "left out": why} for n, why in left_out.items() if why]
    draw, products_s, begun = random.Random(seed), [], time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "images.npy")
        np.save(file, images)
        for number in range(1, rounds + 1):
            due = [cell for cell in planned if (number - 1) % cell.every == 0]
            order = [cell for cell in due if not _given_up(cell, records)]
            draw.shuffle(order)
            first = [_process(cell, number, file, sizes) for cell in order]
            records += first
            products_s += [s for record in first for s in record["products_s"]]
            most_s = SLOW * float(np.percentile(products_s, USUAL_PERCENTILE))
            tried = sorted(zip(order, first, strict=True), key=lambda each: -each[1]["product_s"])
            slow = [cell for cell, record in tried if record["product_s"] > most_s]
            slow = slow[: math.ceil(MOST_AGAIN * len(order))]
            again = [cell for cell, record in tried if cell in slow or "failed" in record]
            again = [cell for cell in again if not _given_up(cell, records)]
            records += [_process(cell, number, file, sizes) for cell in again]
            said = f"{len(order)} processes, {len(again)} once more"
            passed_s = time.perf_counter() - begun
            console.show(f"round {number} of {rounds}: {said}, {passed_s:.0f} s", stays=True)
    return records


def _given_up(cell: Cell, records: list[dict]) -> bool:
    """Tell whether a cell is not tried again: its file is no good, or it failed too often."""
    own = [record for record in records if asdict(cell).items() <= record.items()]
    failed = sum("failed" in record for record in own)
    return failed >= MOST_FAILURES or any("refused" in record for record in own)


def _process(cell: Cell, number: int, images: Path, sizes: list[int]) -> dict:
    """Run one fresh process for `cell` and return its record, or why there is none."""
    console.show(f"round {number}: {RUNTIMES[cell.runtime].title}, {cell.file}", stays=False)
    specification = {
        "runtime": cell.runtime,
        "path": str(files.root() / cell.path),
        "images": str(images),
        "source_logits": str(files.model_file(f"{cell.source}-logits.npy")),
        "precision": cell.precision,
        "sizes": sizes if cell.main and not cell.again else [],
    }
    before_s = timing.fixed_product_s()
    try:
        found = process.run(WORKER, specification, threads=cell.threads, timeout_s=LIMIT_S)
    except process.ProcessFailed as error:
        found = {"failed": str(error)}
    products_s = [before_s, timing.fixed_product_s()]
    own = {"round": number, "products_s": products_s, "product_s": max(products_s)}
    return {**asdict(cell), **own, **found}
