"""The content of results.json, from what the notebooks 01 to 04 recorded."""

import datetime

from helpers.benchmark.statistics import verdict_on_accuracy
from helpers.core import artifacts, lab_file, provenance, records, results, stack
from helpers.core.console import LabError
from helpers.core.results import where
from helpers.core.stages import NOTEBOOKS, STAGES, began, notes
from helpers.models.metrics import difference_of_means
from helpers.report import claims
from helpers.report.values import FRAMEWORKS, accuracies


def gather(profile: str) -> dict:
    """Return the content of results.json, the claims judged.

    The challenges of a run with the versions of 2025 are taken from its results.json where that is
    there. Raises LabError naming the notebook to run when a record is missing, does not match its
    files, or was made with other images than the rest.
    """
    found = {name: records.read(name) for name in NOTEBOOKS[:-1]}
    first = found[NOTEBOOKS[0]]["dataset"]
    for name, record in found.items():
        own = record["dataset"]
        if own["sha256"] != first["sha256"]:
            raise LabError(
                f"run {name} again: it used {own['name']}, {NOTEBOOKS[0]} used {first['name']}"
            )
    names = dict.fromkeys(table for name in found for table in STAGES[name].tables)
    tables = {
        table: [row for record in found.values() for row in record.get(table, [])]
        for table in names
    }
    tables["errors"] = found[NOTEBOOKS[3]]["errors"]
    tables["differences"] = differences(tables["seeds"])
    _add_challenges_of_2025(tables)
    content = {"run": _run(found, profile), **tables}
    return {**content, "claims": claims.judge(content)}


def _run(found: dict[str, dict], profile: str) -> dict:
    """Return the part `run`: how the records came about."""
    made = {name: record["made"] for name, record in found.items()}
    timed_in, source = made[NOTEBOOKS[2]], found[NOTEBOOKS[0]]["dataset"]
    started = began() or min(each["started"] for each in made.values())
    seconds = {
        name[:2]: note["seconds"]
        for name, note in notes().items()
        # Not of a record that was written by hand since.
        if name in found and note.get("output_sha256") == artifacts.sha256(STAGES[name].record)
    }
    commits = {name[:2]: each["commit"] for name, each in made.items()}
    return {
        "schema_version": results.version(),
        "profile": profile,
        "started": datetime.datetime.fromisoformat(started).astimezone().isoformat(),
        "lab": lab_file.read_lab(),
        "seconds": seconds,
        "git_commits": {**commits, NOTEBOOKS[-1][:2]: provenance.git_commit()},
        "dataset": {
            **{key: source[key] for key in ("name", "origin", "sha256", "classes")},
            "train_images": source["train"],
            "test_images": source["test"],
        },
        "machine": {
            **timed_in["machine"],
            "threads": found[NOTEBOOKS[2]]["parameters"]["THREADS"],
        },
        "packages": timed_in["packages"],
        "parameters": {name[:2]: record["parameters"] for name, record in found.items()},
    }


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


def _add_challenges_of_2025(tables: dict) -> None:
    if stack.name() == stack.OF_2025 or not results.path_of_2025().is_file():
        return
    try:
        of_2025 = results.read(results.path_of_2025())["challenges"]
    except LabError as error:
        row = {"file": None, "runtime": None, "what": "left out"}
        reason = f"the challenges with the versions of 2025: {error}"
        tables["failures"].append({**row, "reason": reason})
    else:
        tables["challenges"] += where(of_2025, stack=stack.OF_2025)
