"""The chain's stages: what each notebook owns, reads and writes, and the code of its numbers."""

import json
from dataclasses import dataclass
from pathlib import Path

from helpers.core import artifacts

# A room imports only from rooms before it.
ROOMS = (
    *("core", "data", "models", "training", "exports"),
    *("benchmark", "findings", "report", "pipeline"),
)
# What reads a file back in a fresh process.
READING_BACK = ("benchmark/read_back.py", "benchmark/runtimes.py")


@dataclass(frozen=True)
class Stage:
    """One notebook of the chain."""

    notebook: str  # its file's name without the ending
    folder: str  # what it owns under artifacts/; the last one writes results.json instead
    reads: tuple[str, ...]  # the notebooks whose records it reads
    tables: tuple[str, ...]  # of results.json
    code: tuple[str, ...]  # the rooms and files of helpers/ that its numbers come from

    @property
    def record(self) -> Path:
        """Return the file that it writes last."""
        return artifacts.root() / self.folder / ("record.json" if self.folder else "results.json")


_TRAINED = ("models", "seeds", "history", "exports")
STAGES = {
    stage.notebook: stage
    for stage in (
        Stage("01_tensorflow_tflite", "01_tensorflow", (), _TRAINED, ROOMS[:5] + READING_BACK),
        Stage("02_pytorch_onnx", "02_pytorch", (), _TRAINED, ROOMS[:5] + READING_BACK),
        Stage(
            "03_runtime_comparison",
            "03_comparison",
            ("01_tensorflow_tflite", "02_pytorch_onnx"),
            ("latency", "noise_floor", "failures", "cold_start", "protocols"),
            ROOMS[:6],
        ),
        Stage(
            "04_models_and_errors",
            "04_models",
            ("01_tensorflow_tflite", "02_pytorch_onnx"),
            (
                *("paired_trainings", "recalls", "common_errors", "disagreements"),
                *("confusion", "reliability", "robustness"),
            ),
            (*ROOMS[:5], *READING_BACK, "findings/errors.py", "findings/robustness.py"),
        ),
        Stage(
            "05_lab_report",
            "",
            (
                *("01_tensorflow_tflite", "02_pytorch_onnx"),
                *("03_runtime_comparison", "04_models_and_errors"),
            ),
            ("claims", "tuning", "goals", "tasks"),
            ROOMS[:8],
        ),
    )
}
NOTEBOOKS = tuple(STAGES)


def folder(notebook: str) -> Path:
    """Return the folder that `notebook` owns, making it if needed."""
    path = artifacts.root() / STAGES[notebook].folder
    path.mkdir(parents=True, exist_ok=True)
    return path


def notes_path() -> Path:
    """Return where the chain notes what each notebook was made from and how long it took."""
    return artifacts.root() / "stages.json"


def notes() -> dict[str, dict]:
    """Return {notebook: {fingerprint, seconds, ...}} of the chain's run; empty without one."""
    if not notes_path().exists():
        return {}
    return json.loads(notes_path().read_text(encoding="utf-8"))
