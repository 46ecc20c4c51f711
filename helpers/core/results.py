"""Records of the notebooks, gathered into results.json, the one source of the report's numbers."""

import json
from pathlib import Path

import pandas as pd

from helpers.core import artifacts, provenance
from helpers.core.console import LabError

# The folder each notebook owns under artifacts/; models of all notebooks stand in models/.
FOLDERS = {
    "01_tensorflow_tflite": "01_tensorflow",
    "02_pytorch_onnx": "02_pytorch",
    "03_runtime_comparison": "03_comparison",
    "04_models_and_errors": "04_models",
}


def folder(notebook: str) -> Path:
    """Return the folder that `notebook` owns, making it if needed."""
    path = artifacts.root() / FOLDERS[notebook]
    path.mkdir(parents=True, exist_ok=True)
    return path


def record_path(notebook: str) -> Path:
    """Return where `notebook` keeps its record."""
    return artifacts.root() / FOLDERS[notebook] / "record.json"


def write_record(notebook: str, **content: object) -> None:
    """Write what `notebook` found; rows with `file` and `sha256` are checked by `read_record`."""
    artifacts.write_json(record_path(notebook), {"notebook": notebook, **content})


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
        file = artifacts.root() / row["file"]
        if not file.exists():
            raise LabError(f"run {notebook} first: {row['file']} is missing")
        found = artifacts.sha256(file)
        if found != row["sha256"]:
            raise LabError(
                f"run {notebook} again: {row['file']} has SHA-256 {found}, "
                f"its record says {row['sha256']}"
            )
    return record


NOTEBOOKS = (
    "01_tensorflow_tflite",
    "02_pytorch_onnx",
    "03_runtime_comparison",
    "04_models_and_errors",
    "05_lab_report",
)


TABLES = (
    *("models", "seeds", "history", "exports", "latency", "noise_floor", "failures"),
    *("cold_start", "protocols", "twins", "recalls", "common_errors", "disagreements"),
    *("confusion", "calibration", "robustness"),
)


class Missing(LabError):
    """Something that this run did not measure."""


def path() -> Path:
    """Return where results.json stands."""
    return artifacts.root() / "results.json"


def stages_path() -> Path:
    """Return where the pipeline notes what each notebook was made from and how long it took."""
    return artifacts.root() / "stages.json"


def stages() -> dict[str, dict]:
    """Return {notebook: {fingerprint, seconds, ...}} of the pipeline's runs; empty without one."""
    if not stages_path().exists():
        return {}
    return json.loads(stages_path().read_text(encoding="utf-8"))


def gather(profile: str) -> dict:
    """Return the results contract made of the records of 01 to 04, without the claims.

    Raises LabError naming the notebook to run when a record is missing, does not match its files,
    or was made with other images than the rest.
    """
    records = {name: read_record(name) for name in FOLDERS}
    first = records[NOTEBOOKS[0]]
    for name, record in records.items():
        if record["dataset"]["sha256"] != first["dataset"]["sha256"]:
            raise LabError(
                f"run {name} again: it used {record['dataset']['name']}, "
                f"{NOTEBOOKS[0]} used {first['dataset']['name']}"
            )
    seconds = {name: stage["seconds"] for name, stage in stages().items()}
    started = first["started"]
    return {
        "run": {
            "id": f"{profile}-{started}",
            "profile": profile,
            "started": started,
            "seconds": sum(seconds.values()),
            "stages": seconds,
            "git_commit": provenance.git_commit(),
            "source_sha256": provenance.source_sha256(),
            "dataset": first["dataset"],
            "machine": provenance.describe(first["parameters"]["THREADS"]),
            "packages": provenance.versions(),
            "parameters": {name: record["parameters"] for name, record in records.items()},
            "measured_seconds": records[NOTEBOOKS[2]]["measured_seconds"],
            "peak_rss_bytes": {name: record["peak_rss_bytes"] for name, record in records.items()},
        },
        **{table: [r for rec in records.values() for r in rec.get(table, [])] for table in TABLES},
        "challenges": {k: v for rec in records.values() for k, v in rec["challenges"].items()},
    }


def read() -> dict:
    """Read results.json. Raises LabError when there is none."""
    if not path().exists():
        raise LabError(f"run {NOTEBOOKS[-1]} first: {path().name} is missing")
    return json.loads(path().read_text(encoding="utf-8"))


def one(rows: list[dict], **wanted: object) -> dict:
    """Return the single row whose fields equal `wanted`.

    Raises Missing when there is none, LabError when there are several.
    """
    found = [row for row in rows if all(row.get(key) == value for key, value in wanted.items())]
    if not found:
        raise Missing("no row with " + ", ".join(f"{k} {v}" for k, v in wanted.items()))
    if len(found) > 1:
        raise LabError(f"{len(found)} rows with {wanted}; there must be one")
    return found[0]


def main_rows(latency: list[dict], scenario: str) -> list[dict]:
    """Return the latency rows of the main comparison in a scenario, with the most threads."""
    threads = max((row["threads"] for row in latency), default=1)
    return [
        row
        for row in latency
        if row["main"] and row["scenario"] == scenario and row["threads"] == threads
    ]


def timed(results: dict, runtime: str, scenario: str) -> dict:
    """Return a runtime's row of the main comparison. Raises Missing when there is none."""
    return one(main_rows(results["latency"], scenario), runtime=runtime, scenario=scenario)


def write_table(notebook: str, name: str, rows: list[dict]) -> pd.DataFrame:
    """Write rows as a CSV file into the notebook's folder and return them as a table."""
    table = pd.DataFrame(rows)
    artifacts.write_text(folder(notebook) / f"{name}.csv", table.to_csv(index=False))
    return table
