"""Where the chain writes and how: whole files only, logs, SHA-256."""

import contextlib
import gzip
import hashlib
import json
import os
import re
import sys
from collections.abc import Collection, Iterator
from pathlib import Path

import yaml

from helpers.core import stack
from helpers.core.console import LabError, one_line, unknown

PROJECT = Path(__file__).resolve().parents[2]
# The profiles, and lab.yaml with the reader's own name.
PARAMETERS = PROJECT / "notebooks" / "parameters"


def root() -> Path:
    """Return the folder the chain writes to: LAB_ARTIFACTS, else the stack's in the project.

    A relative one starts at the project: a kernel runs in notebooks/. A name behind ~ that nobody
    has is a folder's.
    """
    typed = os.path.expanduser(os.environ.get("LAB_ARTIFACTS", ""))  # noqa: PTH111
    return PROJECT / (typed or stack.FOLDERS[stack.name()])


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Make `root()` and keep every other run out of it while the block runs.

    Raises LabError with the id of the process that is in it, or why nothing can be written there.
    """
    from filelock import FileLock, Timeout  # the pipeline alone needs it

    lock, holder = FileLock(root() / ".lock", timeout=0), root() / ".lock.pid"
    try:
        root().mkdir(parents=True, exist_ok=True)
        lock.acquire()
        write_text(holder, f"process {os.getpid()}")
    except Timeout:
        who = holder.read_text(encoding="utf-8") if holder.exists() else "another process"
        raise LabError(
            f"{who} is already running into {root()}; wait until it ends, or set LAB_ARTIFACTS to "
            "another folder"
        ) from None
    except OSError as error:
        why = "it is a file" if isinstance(error, FileExistsError) else one_line(error)
        raise LabError(
            f"cannot write into {root()}: {why}; set LAB_ARTIFACTS to a folder that can be written"
        ) from error
    try:
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()


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


def remove_leftovers() -> None:
    """Remove the temporary files below `root()` of processes that were killed as they wrote."""
    from psutil import pid_exists  # a measuring process does without

    for path in root().rglob(".*"):
        found = re.fullmatch(r"\..+\.(\d+)(\.\w+)?", path.name)
        if found and path.is_file() and not pid_exists(int(found[1])):
            path.unlink(missing_ok=True)


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


def write_raw(records: list[dict], path: Path) -> None:
    """Keep every timed value, one JSON line a process."""
    with replacing(path) as temporary, gzip.open(temporary, "wt") as file:
        file.writelines(json.dumps(record) + "\n" for record in records)


def read_raw(path: Path) -> list[dict]:
    """Read what `write_raw` wrote."""
    with gzip.open(path, "rt") as file:
        return [json.loads(line) for line in file]


def read_json(path: Path) -> dict:
    """Read a JSON file of one object. Raises LabError when it is missing or something else."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise LabError(f"{path.name} cannot be read: {one_line(error)}") from error
    if not isinstance(content, dict):
        raise LabError(f"{path.name} holds a {type(content).__name__} instead of an object")
    return content


def read_yaml(path: Path, allowed: Collection[str], *, as_typed: bool = False) -> dict[str, object]:
    """Read a YAML file of lines NAME: value with `allowed` names; an empty file is an empty one.

    With `as_typed` a value is the text that stands there, or a list of such: YAML takes 00123456
    for an octal number, 3.10 for 3.1 and No for False. Raises LabError with the line when the file
    is missing, is no such YAML, or holds another name or a name twice.
    """
    try:
        loader = (yaml.BaseLoader if as_typed else yaml.SafeLoader)(path.read_text("utf-8"))
        node = loader.get_single_node()
        entries = node.value if isinstance(node, yaml.MappingNode) else []
        values = [loader.construct_object(value, deep=True) for _, value in entries]
    except yaml.MarkedYAMLError as error:
        line = (error.problem_mark or error.context_mark).line + 1
        raise LabError(
            f"{path.name}, line {line}: {error.problem}; write NAME: value, the value in quotes "
            f"where it holds a colon or a quote; a NAME is one of {', '.join(allowed)}"
        ) from error
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        raise LabError(f"{path.name} cannot be read: {one_line(error)}") from error
    if node and not isinstance(node, yaml.MappingNode):
        raise LabError(f"{path.name} holds a {node.id}; write lines of NAME: value")
    content: dict[str, object] = {}
    for (key, _), value in zip(entries, values, strict=True):
        where = f"{path.name}, line {key.start_mark.line + 1}"
        if not isinstance(key, yaml.ScalarNode):
            raise LabError(f"{where}: a name is a {key.id}; write NAME: value")
        if key.value not in allowed:
            raise LabError(f"{where}: {unknown(key.value, 'key', allowed)}")
        if key.value in content:
            raise LabError(f"{where}: {key.value} stands there twice; write it once")
        content[key.value] = value
    return content
