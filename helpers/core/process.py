"""Run a module of this project in a fresh process: a specification in, one JSON record out."""

import importlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Sequence
from pathlib import Path

from helpers.core import artifacts, console, environment

# Read by OpenMP, MKL, OpenBLAS, Accelerate and TensorFlow when they load, so set before any import.
THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "TF_NUM_INTRAOP_THREADS",
    "TF_NUM_INTEROP_THREADS",
)
# What Keras takes along where it is installed, two fifths of its import, and only figures need.
NOT_NEEDED = ("matplotlib", "pandas", "sklearn")
# The only key of the record of a process that raised one.
EXCEPTION = "exception"


class ProcessFailed(RuntimeError):
    """A process that ended without a record; the message says why."""


def run(
    module: str,
    specification: dict,
    *,
    threads: int,
    timeout_s: float = 300,
    without: Sequence[str] = (),
) -> dict:
    """Return the record that `module.work(specification)` makes in a process of its own.

    The parent waits in a blocking call, so it takes no core from what is being measured. Native
    threads are limited by the environment; all output goes to logs/processes.log. Packages that the
    process is to do `without` are not there for it; where imports are timed, none is.
    Raises ProcessFailed when the process crashes, hangs past `timeout_s` or makes no record.
    """
    environment = {**os.environ, **dict.fromkeys(THREAD_VARIABLES, str(threads))}
    with tempfile.TemporaryDirectory() as folder:
        names = ("specification.json", "record.json", "output.txt")
        given, made, output = (Path(folder, name) for name in names)
        artifacts.write_json(given, {**specification, "threads": threads})
        command = [sys.executable, "-m", __name__, module, str(given), str(made), *without]
        try:
            # Its output goes into a file: of a process that hangs it is kept so.
            with output.open("wb") as file:
                streams = {"stdout": file, "stderr": subprocess.STDOUT}
                done = subprocess.run(command, env=environment, timeout=timeout_s, **streams)
            end = ended(done.returncode)
            # A process that ended by itself, or aborted, says last why.
            tells = done.returncode >= 0 or done.returncode == -signal.SIGABRT
        except subprocess.TimeoutExpired:
            end, tells = f"was stopped after {timeout_s:.0f} s", True
        said = output.read_text(encoding="utf-8", errors="replace")
        log = artifacts.root() / "logs" / "processes.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a", encoding="utf-8") as file:
            file.write(f"--- {module} {specification}\n{said}")
        if not made.exists():
            last = (said.strip().splitlines() or ["printed nothing"])[-1]
            raise ProcessFailed(f"{module} {end}" + (f": {last}" if tells else ""))
        record = json.loads(made.read_text(encoding="utf-8"))
        if EXCEPTION in record:
            raise ProcessFailed(f"{module} failed: {record[EXCEPTION]}")
        return record


def ended(code: int) -> str:
    """Return how a process with this exit code ended; a negative one is the signal that did it."""
    if code >= 0:
        return f"ended with exit code {code}"
    name = f"was ended by signal {-code} ({signal.strsignal(-code)})"
    return f"{name}, perhaps for want of memory" if -code == 9 else name


def serve(module: str, given: str, made: str, *without: str) -> None:
    """Be the process that `run` started: write the record of `module.work`, or why there is none.

    `given` and `made` are the paths of the specification and of the record.
    """
    code = 0
    try:
        with environment.without(*without):
            work = importlib.import_module(module).work
            record = work(json.loads(Path(given).read_text(encoding="utf-8")))
        artifacts.write_json(Path(made), record)
    except Exception as error:
        traceback.print_exc()
        artifacts.write_json(Path(made), {EXCEPTION: console.reason(error)})
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    # All is written; TensorFlow would take another second to take itself apart.
    os._exit(code)


if __name__ == "__main__":
    serve(*sys.argv[1:])
