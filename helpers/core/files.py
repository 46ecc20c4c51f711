"""Where the chain writes and how: whole files only, logs, SHA-256."""

import contextlib
import gzip
import hashlib
import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from helpers import PROJECT
from helpers.core import machine
from helpers.core.console import LabError, one_line

NOTEBOOKS = PROJECT / "notebooks"
# The profiles, and lab.yaml with the reader's own name.
PARAMETERS = NOTEBOOKS / "parameters"


def root() -> Path:
    """Return the folder the chain writes to: LAB_ARTIFACTS, else the stack's in the project.

    A relative one starts at the project, as a kernel runs in notebooks/.
    """
    own = "artifacts" if machine.stack() == machine.TODAY else f"artifacts/{machine.stack()}"
    return PROJECT / os.path.expanduser(os.environ.get("LAB_ARTIFACTS") or own)  # noqa: PTH111


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Make `root()`, rid it of what killed processes left, and keep every other run out of it.

    Raises LabError when another one is in it.
    """
    from filelock import FileLock, Timeout  # a measuring process does without these
    from psutil import pid_exists

    root().mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(root() / ".lock", timeout=0):
            for path in root().rglob(".*"):  # as `replacing` calls them
                found = re.fullmatch(r"\..+\.(\d+)(\.\w+)?", path.name)
                if found and path.is_file() and not pid_exists(int(found[1])):
                    path.unlink(missing_ok=True)
            yield
    except Timeout:
        raise LabError(
            f"another run is writing into {root()}; wait until it ends, or set LAB_ARTIFACTS to "
            "another folder"
        ) from None


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


def to_json(value: object) -> str:
    """Return `value` as strict JSON (no NaN); NumPy scalars and arrays become numbers and lists."""
    return json.dumps(value, indent=1, allow_nan=False, default=lambda v: v.tolist()) + "\n"


def write_json(path: Path, value: object) -> None:
    """Write `value` as `to_json` makes it, whole."""
    write_text(path, to_json(value))


def read_json(path: Path) -> dict:
    """Read a JSON file of one object. Raises LabError when it is missing or something else."""
    if not path.exists():
        raise LabError(f"{path.name} is missing")
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise LabError(f"{path.name} cannot be read: {one_line(error)}") from error
    if not isinstance(content, dict):
        raise LabError(f"{path.name} holds a {type(content).__name__} instead of an object")
    return content


def read_yaml(path: Path, *, typed: bool = False) -> dict:
    """Read a YAML file of lines NAME: value; `typed` leaves each value the text it is.

    Raises LabError in one line for another file.
    """
    import yaml  # a measuring process does without

    try:
        with path.open(encoding="utf-8") as file:
            content = yaml.load(file, yaml.BaseLoader if typed else yaml.SafeLoader) or {}
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        said = f"{path.name} cannot be read: {one_line(error)}"
        raise LabError(f"{said}; write lines of NAME: value, the value in quotes") from error
    if not isinstance(content, dict):
        raise LabError(f"{path.name} holds {content!r:.50}; write lines of NAME: value")
    return content


def write_raw(processes: list[dict]) -> None:
    """Keep every timed value in raw.jsonl.gz, one JSON line a process."""
    with replacing(root() / "raw.jsonl.gz") as temporary, gzip.open(temporary, "wt") as file:
        file.writelines(json.dumps(row) + "\n" for row in processes)


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
