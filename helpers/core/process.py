"""Run a module of this project in a fresh process: a specification in, one JSON record out."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from helpers.core import artifacts

# Read by OpenMP, MKL, OpenBLAS and Accelerate when they load, so set before anything is imported.
THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)


class ProcessFailed(RuntimeError):
    """A process that ended without a record; the message says how and what it last printed."""


def run(module: str, specification: dict, *, threads: int, timeout_s: float = 300) -> dict:
    """Run `python -m module SPECIFICATION RECORD` and return the record it wrote.

    The parent waits in a blocking call, so it takes no core from what is being measured. Native
    threads are limited by the environment; all output goes to logs/processes.log.
    Raises ProcessFailed when the process crashes, hangs past `timeout_s` or writes no record.
    """
    environment = {**os.environ, **dict.fromkeys(THREAD_VARIABLES, str(threads))}
    with tempfile.TemporaryDirectory() as folder:
        given, made = Path(folder, "specification.json"), Path(folder, "record.json")
        artifacts.write_json(given, {**specification, "threads": threads})
        try:
            done = subprocess.run(
                [sys.executable, "-m", module, str(given), str(made)],
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                timeout=timeout_s,
            )
        except subprocess.TimeoutExpired as error:
            raise ProcessFailed(f"{module} was stopped after {timeout_s:.0f} s") from error
        log = artifacts.root() / "logs" / "processes.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a", encoding="utf-8") as file:
            file.write(f"--- {module} {specification}\n{done.stdout}")
        if done.returncode != 0 or not made.exists():
            last = (done.stdout.strip().splitlines() or ["printed nothing"])[-1]
            raise ProcessFailed(f"{module} ended with exit code {done.returncode}: {last}")
        try:
            return json.loads(made.read_text(encoding="utf-8"))
        except ValueError as error:
            raise ProcessFailed(f"{module} wrote a record that is not JSON") from error


def serve(work: Callable[[dict], dict]) -> None:
    """Be the process that `run` started: call `work(specification)` and write its record."""
    given, made = map(Path, sys.argv[1:])
    artifacts.write_json(made, work(json.loads(given.read_text(encoding="utf-8"))))
    sys.stdout.flush()
    # All is written; TensorFlow would take another second to take itself apart.
    os._exit(0)
