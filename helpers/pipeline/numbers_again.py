"""The numbers of old_results.json, made again from records and times that a run left behind."""

import copy
import itertools
import json
from statistics import median

import numpy as np

from helpers.benchmark import plan, statistics
from helpers.core import artifacts, stages
from helpers.core import old_results as results
from helpers.core.stages import NOTEBOOKS, STAGES
from helpers.findings import claims, goals, tasks, verdicts
from helpers.pipeline.tally import MISSING, Run, Tally, plain, there, why_missing
from helpers.training import paired, tuning


def _records() -> dict[str, dict]:
    """Return the records before 05 that are there."""
    names = stages.recorded()[:-1]
    paths = {name: STAGES[name].record for name in names if STAGES[name].record.is_file()}
    return {name: json.loads(path.read_text(encoding="utf-8")) for name, path in paths.items()}


def files(tally: Tally, run: Run) -> None:
    """Compare bytes and SHA-256 of models, exports, logits and trajectories with the files."""
    for row in results.files(run.found):
        if not there(row["file"]) and why_missing(row) == MISSING:
            tally.differ(row["file"], row["sha256"], MISSING)
        else:
            _file(tally, row)
    for record in _records().values():
        if "trajectory" in record:
            _file(tally, record["trajectory"])


def _file(tally: Tally, row: dict) -> None:
    if there(row["file"]):
        said = {key: row[key] for key in ("file", "bytes", "sha256")}
        tally.compare(row["file"], said, artifacts.describe(artifacts.root() / row["file"]))
    else:
        tally.lacks(row["file"], why_missing(row))


def records(tally: Tally, run: Run) -> None:
    """Compare every field with the records of the notebooks, to the last digit."""
    found, own = copy.deepcopy(run.found), _records()
    results.mark(found, ())  # the chain marks files after the notebooks
    absent = [name for name in NOTEBOOKS[:-1] if name not in own]
    for name in absent:
        tally.lacks(STAGES[name].record.relative_to(artifacts.root()).as_posix())
    if absent:
        return
    joined, said, last = results.join(own, found["run"]["profile"]), found["run"], NOTEBOOKS[-1]
    again = joined["run"]
    # What 05 was run with, and when, stands nowhere else but in the page's card.
    again["made"][last] = said["made"].get(last)
    again["source_sha256"] = said["source_sha256"]
    notes = stages.notes()
    if notes:
        again["stages"] |= {last: notes[last]["seconds"]} if last in notes else {}
    else:
        tally.lacks(stages.notes_path().name)
        again |= {"started": said["started"], "stages": said["stages"]}
    again |= {"seconds": sum(said["stages"].values()), "id": f"{said['profile']}-{said['started']}"}
    for part, value in joined.items():
        tally.compare(part, found[part], plain(value))


def trainings(tally: Tally, run: Run) -> None:
    """Compare every training with its epochs, and the saved networks with the best trainings."""
    found = run.found
    epochs = iter(found["history"])
    for number, row in enumerate(found["seeds"]):
        own = list(itertools.islice(epochs, row["epochs"]))
        kind = {key: row[key] for key in ("framework", "architecture", "recipe", "seed")}
        for place, epoch in enumerate(own, start=1):
            wanted = kind | {"epoch": place}
            tally.compare("history", {key: epoch[key] for key in wanted}, wanted)
        again = {
            "epochs": len(own),
            "train_seconds": sum(epoch["seconds"] for epoch in own),
            "validation_accuracy": own[-1]["validation_accuracy"] if own else None,
        }
        tally.compare(f"seeds/{number}", {key: row[key] for key in again}, again, 0)
    for model in found["models"]:
        kind = {key: model[key] for key in ("framework", "architecture")}
        best = max(
            results.where(found["seeds"], **kind),
            key=lambda row: (row["recipe"] != "defaults", row["validation_accuracy"]),
        )
        tally.compare(f"models/{model['id']}", {key: model[key] for key in best}, best)
    kept = [record["trajectory"] for record in _records().values() if "trajectory" in record]
    if len(kept) == 2 and all(there(each["file"]) for each in kept):
        pairs = plain(paired.compare(*kept))
        tally.compare("paired_trainings", found["paired_trainings"], pairs, 0)
    else:
        tally.lacks("paired_trainings", "not both trajectories are in the folder")


def times(tally: Tally, run: Run) -> None:
    """Make medians, intervals and ratios again: of raw values, and of the processes' medians."""
    found = run.found
    latency, floor = found["latency"], found["noise_floor"]
    raw = STAGES[NOTEBOOKS[2]].record.with_name("raw.jsonl.gz")
    if raw.is_file():
        measured = artifacts.read_raw(raw)
        rows, again = statistics.summarise(measured)
        tally.compare("latency", latency, plain(rows), 0)
        tally.compare("noise_floor", floor, plain(again), 0)
        failed = plain(statistics.failures(measured))
        kept = [row for row in found["failures"] if row in failed]
        tally.compare("failures", kept, failed)
        spent_s = plan.measured_seconds(measured) + sum(
            row["spent_s"] for row in found["protocols"]
        )
        spent_s += sum(row["first_answer_s"] * row["processes"] for row in found["cold_start"])
        tally.compare("run/measured_seconds", found["run"]["measured_seconds"], spent_s, 0)
    else:
        tally.lacks(raw.relative_to(artifacts.root()).as_posix())
    _times_of_medians(tally, latency, floor)
    for row in found["protocols"]:
        totals = row["process_totals_s"]
        where = f"protocols/{row['runtime']}, {row['protocol']}"
        again = {
            "processes": len(totals),
            "total_s": sorted(totals)[len(totals) // 2],
            "range_s": [min(totals), max(totals)],
            "ci95_s": interval(totals),
        }
        tally.compare(where, {key: row[key] for key in again}, again, 0)
        tally.compare(f"{where}/sum of stages", sum(row["stages"].values()), row["total_s"], 0)
    for row in found["cold_start"]:
        low, high = row["range_s"]
        inside = low <= row["first_answer_s"] <= high
        tally.compare(f"cold_start/{row['runtime']}/first_answer_s in range_s", inside, True)


def _times_of_medians(tally: Tally, latency: list[dict], floor: list[dict]) -> None:
    def named(row: dict) -> str:
        return ", ".join(str(row[key]) for key in ("model", "runtime", "threads", "batch_size"))

    unit = {"runtime": plan.BASELINE, "precision": "float32"}
    floors: dict[tuple, float] = {}
    for row in floor:
        same = {key: row[key] for key in (*statistics.CASE, "model", "runtime")}
        again = _in_units(row, _first(latency, same))
        ends = again["ratio_ci95"] or again["ratio_range"]
        far = max(ends[1], 1 / ends[0]) if ends and len(row["process_rounds"]) > 1 else None
        again["smallest_ratio"] = far
        case = tuple(row[key] for key in statistics.CASE)
        floors[case] = max(filter(None, (floors.get(case), far)), default=None)
        tally.compare(f"noise_floor/{named(row)}", {key: row[key] for key in again}, again, 0)
    for row in latency:
        case = {key: row[key] for key in statistics.CASE}
        again = _in_units(row, _first(latency, case | unit))
        again["smallest_ratio"] = floors.get(tuple(case.values()))
        tally.compare(f"latency/{named(row)}", {key: row[key] for key in again}, again, 0)


def _first(rows: list[dict], wanted: dict) -> dict | None:
    return next(iter(results.where(rows, **wanted)), None)


def _in_units(row: dict, unit: dict | None) -> dict:
    """Return what follows from the medians of a row's processes, beside those of another row."""
    medians_s = row["process_medians_s"]
    median_s = median(medians_s)
    again = {
        "median_s": median_s,
        "range_s": [min(medians_s), max(medians_s)],
        "ci95_s": interval(medians_s),
        "images_per_s": row["batch_size"] / median_s,
    }
    if unit is None:
        return again | dict.fromkeys(("baseline", "ratio", "ratio_ci95", "ratio_range"))
    own, others = (
        dict(zip(each["process_rounds"], each["process_medians_s"], strict=True))
        for each in (row, unit)
    )
    ratio = median_s / median(unit["process_medians_s"])
    ratios = [own[number] / others[number] for number in own if number in others]
    ends = interval(ratios)
    return again | {
        "baseline": unit["runtime"],
        "ratio": ratio,
        "ratio_ci95": ends and [min(*ends, ratio), max(*ends, ratio)],
        "ratio_range": [min(*ratios, ratio), max(*ratios, ratio)] if ratios else None,
    }


def interval(values: list[float]) -> list[float] | None:
    """Return the 95 % interval of a median by SciPy's sign test, None from too few values."""
    from scipy.stats import quantile_test

    low, high = quantile_test(values).confidence_interval(0.95) if values else (np.nan, np.nan)
    return None if np.isnan(low) or np.isnan(high) else [float(low), float(high)]


def judgements(tally: Tally, run: Run) -> None:
    """Decide claims, goals and tasks again."""
    found = run.found
    tally.compare("claims", found["claims"], verdicts.decide(claims.CLAIMS, found, "claim"))
    tally.compare("goals", found["goals"], verdicts.decide(goals.GOALS, found, "goal"))
    tally.compare("tasks", found["tasks"], plain(verdicts.decide(tasks.TASKS, found, "task")))
    if found["tuning"]["trials"] and not tuning.path().exists():
        tally.lacks(tuning.path().name)
    else:
        tally.compare("tuning", found["tuning"], plain(tuning.results()))
