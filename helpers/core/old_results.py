"""The records of the notebooks 01 to 04, and their gathering.

The tables of 01, 02 and 04 are those of results.json; old_results.schema.json beside this file
defines those of 03.
"""

import functools
import json
from pathlib import Path

from helpers.core import artifacts, provenance, results
from helpers.core.console import LabError
from helpers.core.stages import NOTEBOOKS, STAGES, began, notes

SCHEMA = Path(__file__).with_name("old_results.schema.json")


class Missing(LabError):
    """Something that was not measured."""


def write_record(notebook: str, *, started: str, **content: object) -> None:
    """Write what `notebook`, begun at `started`, found: its tables, and what they were made with.

    Raises LabError when a row is not what the schema says.
    """
    tables = {name: content[name] for name in STAGES[notebook].tables if name in content}
    content = {"schema_version": version(), "made": provenance.made(started), **content}
    _check(notebook, tables, f"the record of {notebook}")
    artifacts.write_json(STAGES[notebook].record, content)


def read_record(notebook: str) -> dict:
    """Return the record of `notebook` after checking every model file it speaks of.

    Raises LabError naming the notebook to run when the record or a file is missing or altered, or
    when the record is of another version.
    """
    path = STAGES[notebook].record
    if not path.exists():
        raise LabError(f"run {notebook} first: {path.parent.name}/{path.name} is missing")
    record = _read(path, f"run {notebook} again")
    if record.get("schema_version") != version():
        raise LabError(f"run {notebook} again: its record was written by an earlier version")
    tables = {name: record[name] for name in STAGES[notebook].tables if name in record}
    _check(notebook, tables, f"run {notebook} again: its record")
    for row in [*record.get("models", []), *record.get("logits", []), *record.get("exports", [])]:
        if row["file"] is None:  # an export that could not be made
            continue
        file = artifacts.root() / row["file"]
        if not file.is_file():
            raise LabError(f"run {notebook} first: {row['file']} is missing")
        found = artifacts.sha256(file)
        if found != row.get("sha256"):
            raise LabError(
                f"run {notebook} again: {row['file']} has SHA-256 {found}, "
                f"its record says {row.get('sha256')}"
            )
    return record


def _check(notebook: str, tables: dict, name: str) -> None:
    """Raise LabError for the first field of a notebook's tables that its schema does not allow."""
    of_03 = notebook == NOTEBOOKS[2]
    results.check(tables, name, SCHEMA if of_03 else results.SCHEMA, whole=of_03)


def gather(profile: str) -> dict:
    """Return the tables of the records of 01 to 04 and how they were made, without any verdict.

    Raises LabError naming the notebook to run when a record is missing, does not match its files,
    or was made with other images than the rest.
    """
    records = {name: read_record(name) for name in NOTEBOOKS[:-1]}
    first = records[NOTEBOOKS[0]]
    for name, record in records.items():
        if record["dataset"]["sha256"] != first["dataset"]["sha256"]:
            raise LabError(
                f"run {name} again: it used {record['dataset']['name']}, "
                f"{NOTEBOOKS[0]} used {first['dataset']['name']}"
            )
    return join(records, profile)


def join(records: dict[str, dict], profile: str) -> dict:
    """Return the tables of the records before 05, and how they were made, as one."""
    first = records[NOTEBOOKS[0]]
    made = {name: record["made"] for name, record in records.items()}
    started = began() or min(each["started"] for each in made.values())
    made[NOTEBOOKS[-1]] = provenance.made(provenance.now())
    timing, timed_in = NOTEBOOKS[2], made[NOTEBOOKS[2]]
    threads = records[timing]["parameters"]["THREADS"]
    tables = dict.fromkeys(table for name in records for table in STAGES[name].tables)
    return {
        "run": {
            "profile": profile,
            "started": started,
            "stages": {name: s for name in records if (s := _noted_seconds(name))},
            "made": made,
            "machine": {**timed_in["machine"], "threads": threads},
            "packages": timed_in["packages"],
            "dataset": first["dataset"],
            "parameters": {name: record["parameters"] for name, record in records.items()},
            "measured_seconds": records[timing]["measured_seconds"],
        },
        **{table: [r for rec in records.values() for r in rec.get(table, [])] for table in tables},
        "errors": records[NOTEBOOKS[3]]["errors"],
    }


def _noted_seconds(notebook: str) -> float | None:
    """Return how long the chain took for the record that is there; None if it did not write it."""
    note = notes().get(notebook)
    if not note or note.get("output_sha256") != artifacts.sha256(STAGES[notebook].record):
        return None
    return note["seconds"]


def _read(path: Path, remedy: str) -> dict:
    """Return the object in a JSON file. Raises LabError with the remedy when there is none."""
    try:
        return artifacts.read_json(path)
    except LabError as error:
        raise LabError(f"{remedy}: {error}") from error


@functools.cache
def version() -> int:
    """Return the version of the records that this code reads and writes."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return schema["properties"]["schema_version"]["const"]


def where(rows: list[dict], **wanted: object) -> list[dict]:
    """Return the rows whose fields equal `wanted`."""
    return [row for row in rows if all(row.get(key) == value for key, value in wanted.items())]


def main_architecture(models: list[dict]) -> str:
    """Return the architecture of the main comparison: that of the first trained network.

    Raises Missing when there is none.
    """
    if not models:
        raise Missing("no network was trained")
    return models[0]["architecture"]


def one(rows: list[dict], **wanted: object) -> dict:
    """Return the single row whose fields equal `wanted`.

    Raises Missing when there is none, LabError when there are several.
    """
    found = where(rows, **wanted)
    if not found:
        raise Missing("no row with " + ", ".join(f"{k} {v}" for k, v in wanted.items()))
    if len(found) > 1:
        raise LabError(f"{len(found)} rows with {wanted}; there must be one")
    return found[0]


def with_most_threads(latency: list[dict]) -> list[dict]:
    """Return the latency rows that were timed with the most threads."""
    return where(latency, threads=max((row["threads"] for row in latency), default=1))


def main_rows(latency: list[dict], scenario: str) -> list[dict]:
    """Return the latency rows of the main comparison in a scenario, with the most threads."""
    return where(with_most_threads(latency), main=True, scenario=scenario)


def timed(results: dict, runtime: str, scenario: str) -> dict:
    """Return a runtime's row of the main comparison. Raises Missing when there is none."""
    return one(main_rows(results["latency"], scenario), runtime=runtime, scenario=scenario)
