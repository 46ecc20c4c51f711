"""The results contract: results.json, from which every number of the report comes.

results.schema.json beside this file defines every field, with its unit and meaning.
"""

import functools
import json
from pathlib import Path

from helpers.core import artifacts, environment
from helpers.core.console import LabError, one_line

SCHEMA = Path(__file__).with_name("results.schema.json")


def path() -> Path:
    """Return where results.json stands."""
    return artifacts.root() / "results.json"


def version() -> int:
    """Return the version of the contract that this code reads and writes."""
    return _read_schema(SCHEMA)["properties"]["run"]["properties"]["schema_version"]["const"]


def write(results: dict, file: Path | None = None) -> None:
    """Write results.json, or `file`. Raises LabError when a field is not what the schema says."""
    file = file or path()
    check(results, file.name, SCHEMA)
    artifacts.write_json(file, results)


def read(file: Path | None = None) -> dict:
    """Read results.json, or `file`.

    Raises LabError when there is none, when it is of another version, and when a field is not what
    the schema says.
    """
    file = file or path()
    if not file.exists():
        raise LabError(f"{file.name} is missing: make the report first")
    try:
        results = artifacts.read_json(file)
    except LabError as error:
        raise LabError(f"make the report again: {error}") from error
    run = results.get("run")
    found = run.get("schema_version", "none") if isinstance(run, dict) else "none"
    if found != version():
        raise LabError(
            f"{file.name} has schema_version {found}, allowed is {version()}; make the report again"
        )
    check(results, file.name, SCHEMA)
    return results


def check(content: dict, name: str, schema: Path, *, partly: bool = False) -> None:
    """Raise LabError for the first field of `content` that a schema does not allow.

    With `partly` no table has to be there.
    """
    with environment.without(*environment.SLOW):
        from jsonschema import Draft202012Validator  # a measuring process does without

    allowed = {**_read_schema(schema), "required": []} if partly else _read_schema(schema)
    # As it will be read back: NumPy's numbers are numbers then.
    try:
        content = json.loads(artifacts.to_json(content))
    except (ValueError, RecursionError) as error:
        raise LabError(f"{name} cannot be JSON: {one_line(error)}") from error
    error = next(Draft202012Validator(allowed).iter_errors(content), None)
    if error:
        place = " ".join("/".join(map(str, error.absolute_path)).split()) or "the whole"
        raise LabError(f"{name} is not what {schema.name} says: {place}: {error.message[:200]}")


@functools.cache
def _read_schema(schema: Path) -> dict:
    return json.loads(schema.read_text(encoding="utf-8"))
