"""The content of results.json, from what the notebooks 01 to 04 recorded."""

import datetime

from helpers.benchmark.statistics import verdict_on_accuracy
from helpers.core import files, machine, results
from helpers.core.console import LabError
from helpers.core.results import NOTEBOOKS, executed, where
from helpers.models.metrics import difference_of_means
from helpers.report import claims, title
from helpers.report.values import FRAMEWORKS, accuracies

NAMES = [name for name in NOTEBOOKS if name != results.REPORT]
# What 01 to 04 record.
TABLES = (
    *("models", "seeds", "history", "sgd_losses", "exports", "challenges", "latency"),
    *("noise_floor", "start_up", "timers_2025", "failures"),
)


def gather(profile: str) -> dict:
    """Return the content of results.json, the claims judged.

    The challenges of a run with the versions of 2025 are taken from its results.json where that is
    there. Raises LabError naming the notebook to run when a record is missing, does not match its
    files, or was made with other images than the rest.
    """
    found = {name: results.read_record(name) for name in NAMES}
    first = found[NAMES[0]]["dataset"]
    for name, record in found.items():
        if record["dataset"]["sha256"] != first["sha256"]:
            used = f"it used {record['dataset']['name']}, {NAMES[0]} used {first['name']}"
            raise LabError(f"run {name} again: {used}")
    tables = {
        table: [row for record in found.values() for row in record.get(table, [])]
        for table in TABLES
    }
    tables["errors"] = found[NAMES[3]]["errors"]
    tables["differences"] = differences(tables["seeds"])
    if machine.stack() != machine.OF_2025 and results.path_of_2025().is_file():
        try:
            of_2025 = results.read(results.path_of_2025())["challenges"]
            tables["challenges"] += where(of_2025, stack=machine.OF_2025)
        except LabError as error:
            row = {"file": None, "runtime": None, "what": "left out"}
            reason = f"the challenges with the versions of 2025: {error}"
            tables["failures"].append({**row, "reason": reason})
    content = {"run": _run(found, profile), **tables}
    return {**content, "claims": claims.judge(content)}


def _run(found: dict[str, dict], profile: str) -> dict:
    """Return the part `run`: how the records came about."""
    made = {name: record["made"] for name, record in found.items()}
    timed_in, source = made[NAMES[2]], found[NAMES[0]]["dataset"]
    dataset = {key: source[key] for key in ("name", "origin", "sha256", "classes")}
    dataset |= {"train_images": source["train"], "test_images": source["test"]}
    started = min(each["started"] for each in made.values())
    commits = {name[:2]: each["commit"] for name, each in made.items()}
    return {
        "schema_version": results.VERSION,
        "profile": profile,
        "started": datetime.datetime.fromisoformat(started).astimezone().isoformat(),
        "lab": title.read_lab(),
        "seconds": {name[:2]: s for name in NAMES if (s := _seconds(name, made[name]))},
        "git_commits": {**commits, results.REPORT[:2]: machine.git_commit()},
        "dataset": dataset,
        "machine": timed_in["machine"] | {"threads": found[NAMES[2]]["parameters"]["THREADS"]},
        "packages": timed_in["packages"],
        "parameters": {name[:2]: record["parameters"] for name, record in found.items()},
    }


def _seconds(notebook: str, made: dict) -> float | None:
    """Return how long papermill took; None where the record is of a run by hand since."""
    try:
        ran = files.read_json(executed(notebook))["metadata"]["papermill"]
    except (LabError, KeyError):
        return None
    return ran["duration"] if made["started"][:19] <= ran["end_time"][:19] else None


def differences(seeds: list[dict]) -> list[dict]:
    """Return the rows of `differences`, of each architecture and recipe of both frameworks."""
    kinds = dict.fromkeys((row["architecture"], row["recipe"]) for row in seeds)
    rows = []
    for architecture, recipe in kinds:
        kind = {"architecture": architecture, "recipe": recipe}
        runs = [accuracies({"seeds": seeds}, framework=name, **kind) for name in FRAMEWORKS]
        if all(runs):
            difference, ci95 = difference_of_means(*runs)
            verdict = verdict_on_accuracy(ci95)
            rows.append({**kind, "difference": difference, "ci95": ci95, "verdict": verdict})
    return rows
