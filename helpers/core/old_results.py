"""The results contract: records of the notebooks, gathered into old_results.json and read from it.

old_results.schema.json beside this file defines every field.
"""

import functools
import json
from collections.abc import Callable, Collection, Iterable
from pathlib import Path

from helpers.core import artifacts, provenance, results
from helpers.core.console import LabError
from helpers.core.stages import NOTEBOOKS, STAGES, began, notes

SCHEMA = Path(__file__).with_name("old_results.schema.json")


class Missing(LabError):
    """Something that was not measured."""


def when_measured(say: Callable[..., str]) -> Callable[..., str]:
    """Let a sentence about something that was not measured be left out: it is "" then."""

    @functools.wraps(say)
    def said(*arguments: object) -> str:
        try:
            return say(*arguments)
        except Missing:
            return ""

    return said


def write_record(notebook: str, *, started: str, **content: object) -> None:
    """Write what `notebook`, begun at `started`, found: its tables, and what they were made with.

    Raises LabError when a row is not what the schema says.
    """
    tables = {name: content[name] for name in STAGES[notebook].tables if name in content}
    content = {"schema_version": version(), "made": provenance.made(started), **content}
    _refuse(tables, f"the record of {notebook}", partly=True)
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
    _refuse(tables, f"run {notebook} again: its record", partly=True)
    models = record.get("models", [])
    logits = [model["logits"] for model in models]
    trajectory = [record["trajectory"]] if "trajectory" in record else []
    if not all(isinstance(each, dict) and isinstance(each.get("file"), str) for each in trajectory):
        raise LabError(f"run {notebook} again: its record names no file of its trajectory")
    for row in [*models, *logits, *trajectory, *record.get("exports", [])]:
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
    seconds = {name: seconds for name in records if (seconds := _noted_seconds(name))}
    tables = dict.fromkeys(table for name in records for table in STAGES[name].tables)
    return {
        "schema_version": version(),
        "run": {
            "id": f"{profile}-{started}",
            "profile": profile,
            "started": started,
            "seconds": sum(seconds.values()),
            "stages": seconds,
            "made": made,
            "git_commit": timed_in["commit"],
            "machine": {**timed_in["machine"], "threads": threads},
            "packages": timed_in["packages"],
            "source_sha256": provenance.source_sha256(),
            "dataset": first["dataset"],
            "parameters": {name: record["parameters"] for name, record in records.items()},
            "measured_seconds": records[timing]["measured_seconds"],
            "peak_rss_bytes": {name: record["peak_rss_bytes"] for name, record in records.items()},
        },
        **{table: [r for rec in records.values() for r in rec.get(table, [])] for table in tables},
        "challenges": {k: v for rec in records.values() for k, v in rec["challenges"].items()},
    }


def _noted_seconds(notebook: str) -> float | None:
    """Return how long the chain took for the record that is there; None if it did not write it."""
    note = notes().get(notebook)
    if not note or note.get("output_sha256") != artifacts.sha256(STAGES[notebook].record):
        return None
    return note["seconds"]


def path() -> Path:
    """Return where old_results.json stands."""
    return STAGES[NOTEBOOKS[-1]].record


def files(results: dict) -> list[dict]:
    """Return the entries that name a file of the run, with its size and digest."""
    models = results["models"]
    return [*models, *(model["logits"] for model in models), *results["exports"]]


def left_out(names: Iterable[str]) -> set[str]:
    """Return which of the run's files git leaves out of it; none where the run is not in git."""
    ignored = provenance.ignored(artifacts.root(), [path().name, *names])
    return set() if path().name in ignored else ignored


def mark(results: dict, left_out: Collection[str]) -> None:
    """Mark the files that git leaves out with `committed: false`, and no others."""
    for entry in files(results):
        entry.pop("committed", None)
        if entry["file"] in left_out:
            entry["committed"] = False


def write(results: dict) -> None:
    """Write old_results.json. Raises LabError when a field is not what the schema says."""
    _refuse(results, path().name)
    artifacts.write_json(path(), results)


def read(file: Path | None = None) -> dict:
    """Read old_results.json, or that of another run.

    Raises LabError when there is none, when it is of another version, and when a field is not what
    the schema says.
    """
    file = file or path()
    if not file.exists():
        raise LabError(f"run {NOTEBOOKS[-1]} first: {file.name} is missing")
    results = _read(file, "make the report again")
    found = results.get("schema_version", "none")
    if found != version():
        wrong = f"{file.name} has schema_version {found}, allowed is {version()}"
        raise LabError(f"{wrong}; make the report again")
    _refuse(results, file.name)
    return results


def _read(path: Path, remedy: str) -> dict:
    """Return the object in a JSON file. Raises LabError with the remedy when there is none."""
    try:
        return artifacts.read_json(path)
    except LabError as error:
        raise LabError(f"{remedy}: {error}") from error


@functools.cache
def _schema() -> dict:
    return json.loads(SCHEMA.read_text(encoding="utf-8"))


def version() -> int:
    """Return the version of the contract that this code reads and writes."""
    return _schema()["properties"]["schema_version"]["const"]


def _refuse(content: dict, name: str, *, partly: bool = False) -> None:
    """Raise LabError for the first field that the schema does not allow."""
    results.check(content, name, SCHEMA, partly=partly)


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
