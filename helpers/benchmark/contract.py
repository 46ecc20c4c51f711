"""What the notebooks recorded as results.json; 03's rows are made here until it writes them so."""

import datetime
from pathlib import Path

from helpers.benchmark.plan import BASELINE
from helpers.benchmark.statistics import (
    interval_of,
    largest_noise,
    ratio_by_rounds,
    rounds_of,
    verdict_on_accuracy,
    verdict_on_time,
)
from helpers.core import artifacts, lab_file, results, stack
from helpers.core.console import LabError
from helpers.core.old_results import where
from helpers.models.metrics import difference_of_means


def gather(old: dict, lab: dict[str, str]) -> dict:
    """Return the content of results.json from what the notebooks 01 to 04 recorded.

    `old` is what old_results.gather gives, `lab` what lab.yaml says. The challenges of a run with
    the versions of 2025 are taken from its results.json where that is there.
    """
    mine = stack.name()
    found = convert(old, lab)
    started = datetime.datetime.fromisoformat(found["run"]["started"])
    found["run"]["started"] = started.astimezone().isoformat(timespec="seconds")
    if mine != stack.OF_2025 and results_of_2025().is_file():
        try:
            of_2025 = where(results.read(results_of_2025())["challenges"], stack=stack.OF_2025)
        except LabError as error:
            row = {"file": None, "runtime": None, "what": "left out"}
            reason = f"the challenges with the versions of 2025: {error}"
            found["failures"].append({**row, "reason": reason})
        else:
            found["challenges"] += of_2025
    return found


def results_of_2025() -> Path:
    """Return where a run with the versions of 2025 leaves its results."""
    return artifacts.root() / "2025" / "results.json"


def convert(old: dict, lab: dict[str, str]) -> dict:
    """Return what the notebooks recorded as the content of results.json, without claims.

    Raises KeyError where `old` lacks a table.
    """
    return {
        "run": _run(old["run"], lab),
        **{name: old[name] for name in ("models", "seeds", "history", "sgd_losses", "exports")},
        **_times(old["latency"], old["noise_floor"]),
        "differences": _differences(old["seeds"]),
        "start_up": [
            {
                **_only(row, "runtime import_s load_s first_call_s"),
                "peak_rss_bytes": row["first_answer_rss_bytes"],
                "installed_bytes": row["install_bytes"],
            }
            for row in old["cold_start"]
        ],
        "timers_2025": [_timer(row) for row in where(old["protocols"], protocol="report_2025")],
        "challenges": old["challenges"],
        "errors": old["errors"],
        "claims": [],
        "failures": [
            {"file": row["model"], **_only(row, "runtime what reason")} for row in old["failures"]
        ],
    }


def _only(row: dict, names: str) -> dict:
    return {name: row[name] for name in names.split()}


def _run(run: dict, lab: dict[str, str]) -> dict:
    source = run["dataset"]

    def by_number(values: dict, last: int) -> dict:
        return {name[:2]: value for name, value in values.items() if int(name[:2]) <= last}

    return {
        "schema_version": results.version(),
        **_only(run, "profile started"),
        "lab": {name: lab.get(name, "") for name in lab_file.NAMES},
        "seconds": by_number(run["stages"], 4),
        "git_commits": by_number({name: own["commit"] for name, own in run["made"].items()}, 5),
        "dataset": {
            **_only(source, "name origin sha256 classes"),
            "train_images": source["train"],
            "test_images": source["test"],
        },
        **_only(run, "machine packages"),
        "parameters": by_number(run["parameters"], 5),
    }


def _times(latency: list[dict], noise_floor: list[dict]) -> dict[str, list[dict]]:
    """Return the tables latency and noise_floor, ratios and verdicts made from the rounds."""
    floor = []
    for row in noise_floor:
        case = _only(row, "runtime model threads scenario batch_size")
        ratio = ratio_by_rounds(
            rounds_of(row), [r for o in where(latency, **case) for r in rounds_of(o)]
        )
        case = _only(row, "runtime scenario batch_size")
        floor.append({**case, "rounds": rounds_of(row), **ratio})
    rows = []
    for row in latency:
        case = _only(row, "architecture threads scenario batch_size")
        unit = where(latency, runtime=BASELINE, framework=BASELINE, precision="float32", **case)
        ratio = ratio_by_rounds(
            rounds_of(row), [each for other in unit for each in rounds_of(other)]
        )
        noise = largest_noise(where(floor, **_only(row, "scenario batch_size")))
        verdict = None
        if ratio["ratio"] is not None and row not in unit:
            verdict = verdict_on_time(ratio["ratio"], ratio["ratio_ci95"], noise)
        rows.append(
            {
                "file": row["model"],
                **_only(row, "runtime threads scenario batch_size"),
                "rounds": rounds_of(row),
                **_only(row, "median_s ci95_s p90_s p99_s cpu_per_wall"),
                **ratio,
                "verdict": verdict,
            }
        )
    return {"latency": rows, "noise_floor": floor}


def _differences(seeds: list[dict]) -> list[dict]:
    kinds = dict.fromkeys((row["architecture"], row["recipe"]) for row in seeds)
    rows = []
    for architecture, recipe in kinds:
        first, second = (
            [
                row["test_accuracy"]
                for row in where(seeds, framework=name, architecture=architecture, recipe=recipe)
            ]
            for name in ("tensorflow", "pytorch")
        )
        if first and second:
            difference, ci95 = difference_of_means(first, second)
            kind = {"architecture": architecture, "recipe": recipe}
            verdict = verdict_on_accuracy(ci95)
            rows.append({**kind, "difference": difference, "ci95": ci95, "verdict": verdict})
    return rows


def _timer(row: dict) -> dict:
    totals_s = row["process_totals_s"]
    return {
        "runtime": row["runtime"],
        "rounds": [{"round": n, "total_s": total_s} for n, total_s in enumerate(totals_s, start=1)],
        "total_s": row["total_s"],
        "ci95_s": interval_of(totals_s),
        "stages": row["stages"],
    }
