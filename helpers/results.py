"""Gather what the notebooks wrote into results.json, the one source of the report's numbers."""

import datetime
import hashlib
import json
import subprocess
from pathlib import Path

from helpers import artifacts, machine, packages
from helpers.artifacts import PROJECT
from helpers.errors import LabError

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


def source_sha256() -> str:
    """Return one SHA-256 over the notebooks and helpers as they are now."""
    digest = hashlib.sha256()
    for file in sorted([*PROJECT.glob("notebooks/*.ipynb"), *PROJECT.glob("helpers/**/*.py")]):
        digest.update(file.relative_to(PROJECT).as_posix().encode())
        digest.update(artifacts.sha256(file).encode())
    return digest.hexdigest()


def git_commit() -> str | None:
    """Return the commit of the checkout, `-dirty` after it if the code differs; None without."""
    git = ["git", "-C", str(PROJECT)]
    code = ["notebooks", "helpers", "requirements.txt"]
    try:
        commit = subprocess.check_output(
            [*git, "rev-parse", "HEAD"], text=True, stderr=subprocess.DEVNULL
        ).strip()
        changed = subprocess.check_output([*git, "status", "--porcelain", "--", *code])
    except (OSError, subprocess.CalledProcessError):
        return None
    return f"{commit}-dirty" if changed else commit


def gather(profile: str) -> dict:
    """Return the results contract made of the records of 01 to 04, without the claims.

    Raises LabError naming the notebook to run when a record is missing, does not match its files,
    or was made with other images than the rest.
    """
    records = {name: artifacts.read_record(name) for name in artifacts.FOLDERS}
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
            "git_commit": git_commit(),
            "source_sha256": source_sha256(),
            "dataset": first["dataset"],
            "machine": machine.describe(first["parameters"]["THREADS"]),
            "packages": packages.versions(),
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


def now() -> str:
    """Return the time in UTC to the second, as in `started`."""
    return datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
