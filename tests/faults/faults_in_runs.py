"""Faults while the chain runs: it is stopped, a kernel dies, the disk fills, files go or change."""

import functools
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from changes import replace_once
from faults import Fault, Place

WORDS = ("--profile", "quick", "DATASET=sample", "TRAININGS=mlp:lab:1")
FIRST = "01_tensorflow_tflite"
STOPPED = rf"(?m)^error: {FIRST} (was )?stopped in cell 6 \(Break it\): "

# The chain as `python -m helpers.pipeline` runs it, its notebooks replaced by what writes a record
# and a model file; harm is done before 03.
HARMED = """
import shutil, sys
from helpers.core import artifacts, results
from helpers.core.stages import NOTEBOOKS, STAGES
from helpers.pipeline import __main__, chain

def execute(notebook, values, usual_s):
    file = artifacts.model_file(f"{notebook}.bin")
    file.write_bytes(notebook.encode())
    record = {"schema_version": results.version(), "trajectory": artifacts.describe(file)}
    artifacts.write_json(STAGES[notebook].record, record)
    return 1.0

def unchanged(request, notebook):
    if notebook == NOTEBOOKS[2]:
        exec(sys.argv[1])
    return False

chain.execute, chain.unchanged = execute, unchanged
sys.exit(__main__.main(sys.argv[2:]))
"""


def broken(place: Place, cell: str) -> Path:
    """Return a copy of the project whose first notebook ends with a cell that breaks it."""
    project = place.copy()
    file = project / "notebooks" / f"{FIRST}.ipynb"
    notebook = json.loads(file.read_text(encoding="utf-8"))
    own = {**notebook["cells"][3], "id": "broken", "source": ["# Break it\n", cell]}
    notebook["cells"] = [*notebook["cells"][:4], {**own, "metadata": {}}]
    file.write_text(json.dumps(notebook), encoding="utf-8")
    return project


def breaks(cell: str, place: Place) -> subprocess.CompletedProcess:
    """Run the chain on a first notebook with such a cell, where an old page stands."""
    place.artifacts.mkdir()
    (place.artifacts / "report.html").write_text("the old page")
    return place.chain(*WORDS, project=broken(place, cell))


def never_ends(place: Place) -> subprocess.CompletedProcess:
    """Run a cell that never ends, with a limit that a test can wait for."""
    project = broken(place, "while True: pass")
    limit = "CELL_LIMIT_S = 12 * 3600"
    replace_once(project / "helpers" / "pipeline" / "notebook.py", limit, "CELL_LIMIT_S = 3")
    return place.chain(*WORDS, project=project)


def signalled(number: int, place: Place) -> subprocess.CompletedProcess:
    """Send a signal to the chain's process group, as a terminal does, while a cell runs."""
    project = broken(place, "import pathlib, time; pathlib.Path('begun').touch(); time.sleep(99)")
    place.artifacts.mkdir()
    (place.artifacts / "report.html").write_text("the old page")
    own = {"LAB_ARTIFACTS": str(place.artifacts), "PYTHONPATH": str(project)}
    process = subprocess.Popen(
        [sys.executable, "-m", "helpers.pipeline", *WORDS],
        cwd=project,
        env={**os.environ, **own},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # Where the tests run in the background, a shell has told them to ignore Ctrl-C.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    _wait(lambda: (project / "notebooks" / "begun").exists())
    os.killpg(process.pid, number)
    out, err = process.communicate(timeout=60)
    assert err.count("\n") == 1, err
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def _wait(until: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 180
    while not until():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def partial_page(place: Place) -> bool:
    """Tell whether the page is one with a banner and the command to go on, and no old one."""
    page = (place.artifacts / "report.html").read_text(encoding="utf-8")
    command = f"make report FROM=01 PROFILE=quick {' '.join(WORDS[2:])}"
    own = f"{command} LAB_ARTIFACTS={place.artifacts}"
    return f"{FIRST} " in page and own in page and not _half_written(place)


def no_half_file(place: Place) -> bool:
    """Tell whether no file was left half."""
    return not _half_written(place)


def _half_written(place: Place) -> list[Path]:
    """Return the temporary files that are left, and what is no JSON although it is called so."""
    files = [file for file in place.artifacts.rglob("*") if file.is_file()]
    left = [file for file in files if file.name.startswith(".") and file.name[-5:] != ".lock"]
    for file in files:
        if file.suffix in (".json", ".ipynb"):
            try:
                json.loads(file.read_text(encoding="utf-8"))
            except ValueError:
                left.append(file)
    return left


def full(size: str, place: Place) -> subprocess.CompletedProcess:
    """Run the chain into a disk of `size` bytes; what it left is copied back afterwards."""
    return _on_a_disk(place, f"size={size}")


def read_only(place: Place) -> subprocess.CompletedProcess:
    """Run the chain into a disk that cannot be written to."""
    return _on_a_disk(place, "ro")


def _on_a_disk(place: Place, options: str) -> subprocess.CompletedProcess:
    disk = place.folder / "disk"
    disk.mkdir()
    try:
        command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(disk)]
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("a disk of its own can only be mounted by root")
    try:
        return place.chain(*WORDS, LAB_ARTIFACTS=str(disk))
    finally:
        shutil.copytree(disk, place.artifacts)
        subprocess.run(["umount", str(disk)], check=True)


def second(place: Place) -> subprocess.CompletedProcess:
    """Run the chain while another process is in its folder."""
    with _holder(place) as other:
        done = place.chain(*WORDS)
        other.kill()
    assert f"process {other.pid} is already running" in done.stderr, done.stderr
    return done


def after_a_killed_one(place: Place) -> subprocess.CompletedProcess:
    """Enter a folder whose last run was killed."""
    with _holder(place) as other:
        other.kill()
    code = "from helpers.core import artifacts\nwith artifacts.alone(): print('alone')"
    return place.python(code)


def _holder(place: Place) -> subprocess.Popen:
    """Start a process that is in the artifacts folder, and wait until it is."""
    code = "import time\nfrom helpers.core import artifacts\nwith artifacts.alone(): time.sleep(99)"
    environment = {**os.environ, "LAB_ARTIFACTS": str(place.artifacts)}
    process = subprocess.Popen([sys.executable, "-c", code], env=environment)
    _wait(lambda: (place.artifacts / ".lock.pid").exists())
    return process


def harmed(harm: str, place: Place) -> subprocess.CompletedProcess:
    """Run the chain and do harm between 02 and 03."""
    return place.python(HARMED, harm, *WORDS)


def harm(done: str, code: str, sees: str) -> Fault:
    """Return the row of a harm between 02 and 03, after which 03 does not begin."""

    def holds(place: Place) -> bool:
        page = (place.artifacts / "report.html").read_text(encoding="utf-8")
        return "03_runtime_comparison did not begin" in page and "make report FROM=01" in page

    return Fault(
        f"between 02 and 03 {done}",
        functools.partial(harmed, code),
        rf"(?m)^error: 03_runtime_comparison did not begin: {sees}",
        left="a page with a banner and the command to go on",
        holds=holds,
        real=True,
    )


def stops(done: str, act: Callable, sees: str, code: int = 1) -> Fault:
    """Return the row of something that stops notebook 01."""
    left = "a page with a banner and the command to go on; no record, no old page"
    return Fault(done, act, sees, code, left, partial_page, real=True)


FAULTS = [
    stops(
        "a cell kills its kernel",
        functools.partial(breaks, "import os; os.kill(os.getpid(), 9)"),
        STOPPED + "the kernel died; perhaps it had not enough memory",
    ),
    stops("a cell never ends", never_ends, STOPPED + "A cell timed out .* after 3 seconds"),
    stops(
        "a notebook ends without its record",
        functools.partial(breaks, "1"),
        rf"(?m)^error: {FIRST} ended without writing its record.json",
    ),
    stops(
        "a cell deletes the artifacts folder",
        functools.partial(breaks, "import os, shutil; shutil.rmtree(os.environ['LAB_ARTIFACTS'])"),
        rf"(?m)^error: {FIRST} stopped: ",
    ),
    stops(
        "an error of several lines",
        functools.partial(breaks, r"raise ValueError('one\ntwo')"),
        rf"(?m)^error: {FIRST} failed in cell 6 \(Break it\): ValueError: one two$",
    ),
    stops(
        "Ctrl-C",
        functools.partial(signalled, signal.SIGINT),
        STOPPED + "interrupted",
        code=130,
    ),
    stops("SIGTERM", functools.partial(signalled, signal.SIGTERM), STOPPED, code=130),
    Fault(
        "a second run in the same artifacts folder",
        second,
        r"(?m)^error: process \d+ is already running into .*; wait until it ends, or set LAB_ART",
        left="what the first run writes",
        holds=lambda place: (place.artifacts / ".lock").exists(),
    ),
    Fault(
        "a run after one that was killed",
        after_a_killed_one,
        "alone",
        code=0,
        left="its own files",
        holds=no_half_file,
    ),
    Fault(
        "a disk of 64 kB",
        functools.partial(full, "64k"),
        r"(?m)^error: .*No space left on device",
        code=1,
        left="whole files only",
        holds=no_half_file,
        real=True,
    ),
    Fault(
        "a disk of 2 MB",
        functools.partial(full, "2m"),
        r"(?m)^error: .*No space left on device",
        code=1,
        left="whole files only",
        holds=no_half_file,
        real=True,
    ),
    Fault(
        "a disk that cannot be written to",
        read_only,
        r"(?m)^error: cannot write into .*Read-only file system.*; set LAB_ARTIFACTS to a folder",
    ),
    harm(
        "the artifacts folder is deleted",
        "shutil.rmtree(artifacts.root())",
        "run 01_tensorflow_tflite first: 01_tensorflow/record.json is missing",
    ),
    harm(
        "a model file is replaced by another one",
        "shutil.copy(*(artifacts.model_file(f'{n}.bin') for n in NOTEBOOKS[1::-1]))",
        "run 01_tensorflow_tflite again: models/01_tensorflow_tflite.bin has SHA-256 ",
    ),
    harm(
        "a model file is emptied",
        "artifacts.model_file(NOTEBOOKS[0] + '.bin').write_bytes(b'')",
        "run 01_tensorflow_tflite again: models/01_tensorflow_tflite.bin has SHA-256 ",
    ),
    harm(
        "a record is cut off",
        "STAGES[NOTEBOOKS[0]].record.write_text('{')",
        "run 01_tensorflow_tflite again: record.json cannot be read: ",
    ),
]
