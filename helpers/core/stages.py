"""The chain's stages: what each notebook owns, reads and writes, and the code of its numbers."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from helpers.core import artifacts
from helpers.core.console import LabError

# A room imports only from rooms before it; one with an ending is a file, the others are folders.
ROOMS = (
    "core",
    "data.py",
    "models",
    "training",
    "exports",
    "benchmark",
    "report",
    "pipeline",
    "lab.py",
    "sweep.py",
)
# What 01 and 02 record, each of its framework.
TABLES = ("models", "seeds", "history", "sgd_losses", "exports", "challenges")
# The code behind a trained network and its exports: five rooms, and what reads a file back.
TRAINED = (*ROOMS[:5], "benchmark/read_back.py", "benchmark/runtimes.py", "lab.py")


@dataclass(frozen=True)
class Stage:
    """One notebook of the chain."""

    notebook: str  # its file's name without the ending
    folder: str  # what it owns under artifacts/; the last one writes results.json instead
    reads: tuple[str, ...]  # the notebooks whose records it reads
    tables: tuple[str, ...]  # of its record
    code: tuple[str, ...]  # the rooms and files of helpers/ that its numbers come from

    @property
    def record(self) -> Path:
        """Return the file that it writes last."""
        return artifacts.root() / self.folder / ("record.json" if self.folder else "results.json")


_CHAIN = (
    Stage(
        notebook="01_tensorflow_tflite",
        folder="01_tensorflow",
        reads=(),
        tables=TABLES,
        code=TRAINED,
    ),
    Stage(
        notebook="02_pytorch_onnx",
        folder="02_pytorch",
        reads=("01_tensorflow_tflite",),
        tables=TABLES,
        code=TRAINED,
    ),
    Stage(
        notebook="03_runtime_comparison",
        folder="03_comparison",
        reads=("01_tensorflow_tflite", "02_pytorch_onnx"),
        tables=("latency", "noise_floor", "start_up", "timers_2025", "failures"),
        code=(*ROOMS[:6], "lab.py"),
    ),
    Stage(
        notebook="04_errors",
        folder="04_errors",
        reads=("01_tensorflow_tflite", "02_pytorch_onnx"),
        tables=("errors",),
        code=(*TRAINED, "benchmark/robustness.py"),
    ),
    Stage(
        notebook="05_lab_report",
        folder="",
        reads=(
            "01_tensorflow_tflite",
            "02_pytorch_onnx",
            "03_runtime_comparison",
            "04_errors",
        ),
        tables=(),
        code=ROOMS[:7],
    ),
)
# In the order in which they run.
STAGES = {stage.notebook: stage for stage in _CHAIN}
NOTEBOOKS = tuple(STAGES)


def folder(notebook: str) -> Path:
    """Return the folder that `notebook` owns, making it if needed."""
    path = artifacts.root() / STAGES[notebook].folder
    path.mkdir(parents=True, exist_ok=True)
    return path


# What the notes hold beside the notebooks: when the chain began, what the page was made of.
CHAIN, PAGE = "chain", "page"


def began() -> str | None:
    """Return when the chain's last run began, in UTC; None when the notebooks ran by hand."""
    return notes().get(CHAIN, {}).get("started")


def notes_path() -> Path:
    """Return where the chain notes what each notebook was made from and how long it took."""
    return artifacts.root() / "stages.json"


@contextlib.contextmanager
def noting() -> Iterator[dict[str, dict]]:
    """Yield the notes, to be changed in the block, and write them."""
    found = notes()
    yield found
    artifacts.write_json(notes_path(), found)


def notes() -> dict[str, dict]:
    """Return {notebook: {fingerprint, seconds, ...}} as the chain left them; empty without them.

    Under CHAIN stands {started} of the chain's run that last ran a notebook, under PAGE
    {fingerprint, output_sha256} of the page when all of it was there.
    """
    try:
        found = artifacts.read_json(notes_path())
    except LabError:  # all runs again
        return {}
    return {name: note for name, note in found.items() if isinstance(note, dict)}
