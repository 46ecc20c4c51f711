"""Cold start: a whole process from its start to its first answer, by the clock of who waits for it.

The files of the framework are in the page cache, because the comparison has read them before.
"""

import itertools
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import psutil

from helpers.benchmark.first_answer import ANSWER, FAILED
from helpers.benchmark.plan import Cell
from helpers.benchmark.runtimes import RUNTIMES
from helpers.benchmark.timers_2025 import middle
from helpers.core import artifacts, console, process, provenance, stack

MODULE = "helpers.benchmark.first_answer"
# A process that imports a framework takes seconds, and they differ by a tenth: a few will do.
MOST_PROCESSES = 5


def run(
    cells: Iterable[Cell], images: np.ndarray, *, processes: int
) -> tuple[list[dict], list[dict]]:
    """Start each of `cells` in rounds of fresh processes; return a row each, and what failed.

    There are `processes` rounds, at most MOST_PROCESSES. A row is the process of median
    `first_answer_s`, with the range over all. `images` are float32 [N, 28, 28].
    """
    records: dict[Cell, list[dict]] = {cell: [] for cell in cells}
    reasons: dict[Cell, str] = {}
    rounds = range(1, min(processes, MOST_PROCESSES) + 1)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        np.save(folder / "image.npy", images[:1])
        np.save(folder / "images.npy", images)
        for number, cell in itertools.product(rounds, records):
            if cell in reasons:
                continue
            console.show(f"cold start of {cell.runtime}, {number} of {len(rounds)}", stays=False)
            try:
                records[cell].append(first_answer(cell, folder))
            except process.ProcessFailed as error:
                reasons[cell] = str(error)
    console.show(f"{sum(map(len, records.values()))} cold starts", stays=True)
    return [_row(cell, own) for cell, own in records.items() if own], [
        {
            **{key: getattr(cell, key) for key in ("model", "runtime", "threads")},
            "what": "failed",
            "reason": why,
            "attempts": 1,
            "processes_measured": len(records[cell]),
        }
        for cell, why in reasons.items()
    ]


def _row(cell: Cell, records: list[dict]) -> dict:
    seconds = [record["first_answer_s"] for record in records]
    package = stack.provider(RUNTIMES[cell.runtime].package)
    return {
        "model": cell.model,
        "runtime": cell.runtime,
        "processes": len(records),
        **middle(records, "first_answer_s"),
        "range_s": [min(seconds), max(seconds)],
        "install_bytes": provenance.install_bytes(package),
        "install_without_cuda_bytes": provenance.install_bytes(package, cuda=False),
    }


def first_answer(cell: Cell, folder: Path, timeout_s: float = 300) -> dict:
    """Return what one process takes to its first answer, and what it tells of itself afterwards.

    `folder` holds image.npy and images.npy. Returns {first_answer_s, first_answer_rss_bytes,
    import_s, load_s, first_call_s, peak_rss_bytes}. Raises process.ProcessFailed when the process
    crashes, hangs past `timeout_s` or gives no answer.
    """
    log = artifacts.root() / "logs" / "processes.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    files = artifacts.root() / cell.file, folder / "image.npy", folder / "images.npy"
    words = [cell.runtime, str(cell.threads), *map(str, files)]
    with log.open("a", encoding="utf-8") as errors:
        environment = {
            **os.environ,
            **dict.fromkeys(process.THREAD_VARIABLES, str(cell.threads)),
        }
        print(f"--- {MODULE} {words}", file=errors, flush=True)
        begin = time.perf_counter()
        child = subprocess.Popen(
            [sys.executable, "-m", MODULE, *words],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            errors="replace",
        )
        alarm = threading.Timer(timeout_s, child.kill)
        alarm.start()
        try:
            with child:
                lines = (line for line in child.stdout if line.startswith((ANSWER, FAILED)))
                told = next(lines, "")
                first_answer_s = time.perf_counter() - begin
                answered = told.startswith(ANSWER)
                # The child waits now: for the end of its input.
                memory = psutil.Process(child.pid).memory_info().rss if answered else 0
                child.stdin.close()
                *_, told = [told, *child.stdout]
        finally:
            alarm.cancel()
    if not answered or child.returncode != 0:
        what = "failed after its first answer" if answered else "gave no answer"
        if told.startswith(FAILED):
            why = told.removeprefix(FAILED).strip()
        elif time.perf_counter() - begin >= timeout_s:
            why = f"was stopped after {timeout_s:.0f} s"
        else:
            why = process.ended(child.returncode)
        raise process.ProcessFailed(f"{MODULE} {what}: {why}")
    return {
        "first_answer_s": first_answer_s,
        "first_answer_rss_bytes": memory,
        **json.loads(told),
    }
