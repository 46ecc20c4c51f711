"""Where a run writes and how: whole files only, each with its SHA-256 in a record."""

import contextlib
import hashlib
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from helpers.errors import LabError

PROJECT = Path(__file__).resolve().parent.parent

# The folder each notebook owns under artifacts/; models of all notebooks stand in models/.
FOLDERS = {
    "01_tensorflow_tflite": "01_tensorflow",
    "02_pytorch_onnx": "02_pytorch",
    "03_runtime_comparison": "03_comparison",
    "04_models_and_errors": "04_models",
}


def root() -> Path:
    """Return the folder a run writes to: LAB_ARTIFACTS, else artifacts/ in the project."""
    return Path(os.environ.get("LAB_ARTIFACTS") or PROJECT / "artifacts")


def folder(notebook: str) -> Path:
    """Return the folder that `notebook` owns, making it if needed."""
    path = root() / FOLDERS[notebook]
    path.mkdir(parents=True, exist_ok=True)
    return path


def model_file(name: str) -> Path:
    """Return the path of a model file, making models/ if needed."""
    path = root() / "models" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path` and rename it to `path` once the block succeeds."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # The suffix stays last: exporters choose the format by it.
    temporary = path.with_name(f".{path.stem}.{os.getpid()}{path.suffix}")
    try:
        yield temporary
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write `text` so that a reader sees the old file or the new one, never half of it."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_json(path: Path, value: object) -> None:
    """Write `value` as strict JSON (no NaN); NumPy scalars and arrays become numbers and lists."""
    write_text(
        path, json.dumps(value, indent=1, allow_nan=False, default=lambda v: v.tolist()) + "\n"
    )


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def describe(path: Path) -> dict:
    """Return {file, bytes, sha256} of a file below `root()`; `file` is relative to it."""
    return {
        "file": path.relative_to(root()).as_posix(),
        "bytes": path.stat().st_size,
        "sha256": sha256(path),
    }


def record_path(notebook: str) -> Path:
    """Return where `notebook` keeps its record."""
    return root() / FOLDERS[notebook] / "record.json"


def write_record(notebook: str, **content: object) -> None:
    """Write what `notebook` found; rows with `file` and `sha256` are checked by `read_record`."""
    write_json(record_path(notebook), {"notebook": notebook, **content})


def read_record(notebook: str) -> dict:
    """Return the record of `notebook` after checking every model file it speaks of.

    Raises LabError naming the notebook to run when the record or a file is missing or altered.
    """
    path = record_path(notebook)
    if not path.exists():
        raise LabError(f"run {notebook} first: {FOLDERS[notebook]}/{path.name} is missing")
    record = json.loads(path.read_text(encoding="utf-8"))
    models = record.get("models", [])
    if not all("validation_accuracy" in model for model in models):
        raise LabError(f"run {notebook} again: its record was written by an earlier version")
    logits = [model["logits"] for model in models]
    twin = [record["twin"]] if "twin" in record else []
    for row in [*models, *logits, *twin, *record.get("exports", [])]:
        file = root() / row["file"]
        if not file.exists():
            raise LabError(f"run {notebook} first: {row['file']} is missing")
        found = sha256(file)
        if found != row["sha256"]:
            raise LabError(
                f"run {notebook} again: {row['file']} has SHA-256 {found}, "
                f"its record says {row['sha256']}"
            )
    return record


@contextlib.contextmanager
def output_to_log(name: str) -> Iterator[None]:
    """Send all output of the block, native code's included, to logs/`name`.

    Converters and exporters print pages from C++, below Python's sys.stdout; in a kernel they
    would fill the report.
    """
    path = root() / "logs" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    sys.stdout.flush()
    sys.stderr.flush()
    saved = [os.dup(1), os.dup(2)]
    with path.open("a", encoding="utf-8", errors="replace") as log:
        try:
            os.dup2(log.fileno(), 1)
            os.dup2(log.fileno(), 2)
            with contextlib.redirect_stdout(log), contextlib.redirect_stderr(log):
                yield
        finally:
            for descriptor, original in enumerate(saved, start=1):
                os.dup2(original, descriptor)
                os.close(original)
