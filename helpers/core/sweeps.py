"""The rows of a sweep: what one training gave, a Parquet file each."""

import hashlib
import json
from pathlib import Path

from helpers.core import artifacts
from helpers.core.console import LabError, one_line

# Another meaning of a column, or another column, is another version.
SCHEMA_VERSION = 2
FINISHED, FAILED = "finished", "failed"
# What decides the result of a training; the key of its row stands for these.
DECIDING = {
    "framework": "string",  # "tensorflow" or "pytorch"
    "architecture": "string",
    "recipe": "string",  # "lab" or "strong"
    "seed": "int64",
    "epochs": "int64",
    "batch_size": "int64",
    "learning_rate": "double",  # the peak of a one-cycle recipe
    "dataset_sha256": "string",
    "train_images": "int64",
    "threads": "int64",  # of the training: another number adds in another order
}
# What a training gave; null where it failed.
GIVEN = {
    "test_accuracy": "double",  # a share of the test images
    "validation_accuracy": "double",
    "loss": "double",  # mean training loss of the last epoch
    "train_seconds": "double",  # of its epochs alone, under `load`
    "import_seconds": "double",  # of the framework, in the process that trained
}
# Where and when; null where no process lived to tell it.
WHERE = {
    "load": "int64",  # trainings at once on the worker's machine when this one began
    "worker": "string",
    "cpu": "string",
    "cores": "int64",
    "os": "string",
    "python": "string",
    "packages": "string",  # JSON {name: version} of what a training imports
    "started": "string",  # UTC
}
COLUMNS = {
    "key": "string",
    "schema_version": "int64",
    **DECIDING,
    "dataset": "string",
    "status": "string",  # FINISHED or FAILED
    "reason": "string",  # why it failed, else empty
    "attempts": "int64",
    **GIVEN,
    **WHERE,
    "git_commit": "string",  # empty where it is not known
    "source_sha256": "string",
}


def folder() -> Path:
    """Return where the rows stand."""
    return artifacts.root() / "sweep"


def key(task: dict) -> str:
    """Return 16 hexadecimal digits that stand for what decides the result of a training."""
    kinds = {"string": str, "int64": int, "double": float}
    deciding = {name: kinds[DECIDING[name]](task[name]) for name in sorted(DECIDING)}
    text = json.dumps(deciding, allow_nan=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def keys() -> set[str]:
    """Return the keys of the trainings that have finished; one that failed counts as missing."""
    return {path.stem for path in _files() if not _failed(path)}


def write(row: dict) -> None:
    """Write a row; one that failed is passed over where its training has finished.

    A finished row takes the place of a failed one. Two sweeps that finish the same training write
    the same, so it does not matter whose row stays.
    """
    import pyarrow
    from pyarrow import parquet

    finished = folder() / f"{row['key']}.parquet"
    failed = finished.with_suffix(".failed.parquet")
    if row["status"] == FAILED and finished.exists():
        return
    table = pyarrow.Table.from_pylist([{n: row[n] for n in COLUMNS}], schema=_schema())
    with artifacts.replacing(failed if row["status"] == FAILED else finished) as temporary:
        parquet.write_table(table, temporary)
    if row["status"] == FINISHED:
        failed.unlink(missing_ok=True)


def read() -> list[dict]:
    """Return all rows, sorted by key; none without a folder.

    Raises LabError for a file that is broken or of another schema, and leaves it as it is.
    """
    rows: dict[str, dict] = {}
    for path in sorted(_files(), key=_failed, reverse=True):  # the finished come last and count
        row = _read(path)
        rows[row["key"]] = row
    return [rows[each] for each in sorted(rows)]


def _read(path: Path) -> dict:
    import pyarrow
    from pyarrow import parquet

    remedy = "move the folder away, or set LAB_ARTIFACTS to another one; nothing in it was changed"
    try:
        table = parquet.read_table(path)
        found = table.to_pylist()
        version = found[0]["schema_version"]
    except (OSError, pyarrow.ArrowException, LookupError) as error:
        raise LabError(f"{path} is no row of a sweep: {one_line(error)}; {remedy}") from error
    if version != SCHEMA_VERSION:
        raise LabError(
            f"{path} has schema_version {version}, allowed is {SCHEMA_VERSION}; {remedy}"
        )
    if len(found) != 1 or not table.schema.equals(_schema()) or _wrong(path, found[0]):
        raise LabError(
            f"{path} is no row of a sweep: its columns, its key or its number of rows are others "
            f"than schema_version {SCHEMA_VERSION} says; {remedy}"
        )
    return found[0]


def _wrong(path: Path, row: dict) -> bool:
    """Tell whether a row is not the one that its file's name says, or lacks a value."""
    may_miss = {} if row["status"] == FINISHED else GIVEN | WHERE
    needed = COLUMNS.keys() - may_miss
    missing = any(row[name] is None for name in needed)
    name = f"{row['key']}.failed.parquet" if row["status"] == FAILED else f"{row['key']}.parquet"
    return missing or path.name != name or key(row) != row["key"]


def _schema() -> object:
    import pyarrow

    return pyarrow.schema([(name, pyarrow.type_for_alias(kind)) for name, kind in COLUMNS.items()])


def _files() -> list[Path]:
    """Return the files of rows; what begins with a dot is being written."""
    return [path for path in folder().glob("*.parquet") if not path.name.startswith(".")]


def _failed(path: Path) -> bool:
    return path.name.endswith(".failed.parquet")
