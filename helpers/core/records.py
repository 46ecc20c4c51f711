"""The records of the notebooks 01 to 04: the tables of results.json that each makes.

A notebook's record is the last file that it writes, and what the later ones read.
"""

from helpers.core import artifacts, provenance, results
from helpers.core.console import LabError
from helpers.core.stages import STAGES


def write(notebook: str, *, started: str, **content: object) -> None:
    """Write what `notebook`, begun at `started`, found: its tables, and what they were made with.

    Raises LabError when a row is not what the schema says.
    """
    tables = {name: content[name] for name in STAGES[notebook].tables if name in content}
    results.check(tables, f"the record of {notebook}", whole=False)
    made = provenance.made(started)
    content = {"schema_version": results.version(), "made": made, **content}
    artifacts.write_json(STAGES[notebook].record, content)


def read(notebook: str) -> dict:
    """Return the record of `notebook` after checking every model file it speaks of.

    Raises LabError naming the notebook to run when the record or a file is missing or altered, or
    when the record is of another version.
    """
    path = STAGES[notebook].record
    if not path.exists():
        raise LabError(f"run {notebook} first: {path.parent.name}/{path.name} is missing")
    try:
        record = artifacts.read_json(path)
    except LabError as error:
        raise LabError(f"run {notebook} again: {error}") from error
    if record.get("schema_version") != results.version():
        raise LabError(f"run {notebook} again: its record was written by an earlier version")
    tables = {name: record[name] for name in STAGES[notebook].tables if name in record}
    results.check(tables, f"run {notebook} again: its record", whole=False)
    for row in [*record.get("models", []), *record.get("logits", []), *record.get("exports", [])]:
        if row["file"] is None:  # an export that could not be made
            continue
        file = artifacts.root() / row["file"]
        if not file.is_file():
            raise LabError(f"run {notebook} first: {row['file']} is missing")
        found = artifacts.sha256(file)
        if found != row["sha256"]:
            raise LabError(
                f"run {notebook} again: {row['file']} has SHA-256 {found}, "
                f"its record says {row['sha256']}"
            )
    return record
