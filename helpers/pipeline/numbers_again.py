"""The numbers of old_results.json, made again from records and times that a run left behind."""

import copy
import datetime
import itertools
import json

from helpers.benchmark import contract, plan, statistics
from helpers.core import artifacts, stages
from helpers.core import old_results as results
from helpers.core import results as new_results
from helpers.core.stages import NOTEBOOKS, STAGES
from helpers.findings import claims, verdicts
from helpers.pipeline.tally import MISSING, Run, Tally, plain, there, why_missing
from helpers.training import paired


def _records() -> dict[str, dict]:
    """Return the records before 05 that are there."""
    names = NOTEBOOKS[:-1]
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


def contract_again(tally: Tally, run: Run) -> None:
    """Compare results.json with what version 1's results give in its form."""
    said = new_results.read()
    of_2025 = [row for row in said["challenges"] if row["stack"] == "2025"]
    own = "today" if len(of_2025) < len(said["challenges"]) else "2025"
    again = plain(contract.convert(run.found, said["run"]["lab"], own))
    started = again["run"]["started"], said["run"]["started"]
    if len(set(map(datetime.datetime.fromisoformat, started))) == 1:  # in another time zone
        again["run"]["started"] = said["run"]["started"]
    if own == "today":  # what stands in another run's folder cannot be made again
        again["challenges"] += of_2025
        again["failures"] += said["failures"][len(again["failures"]) :]
    for part, value in again.items():
        tally.compare(part, said[part], value)


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
    """Make medians, intervals and ratios again of the raw values."""
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
    for row in found["protocols"]:
        totals = row["process_totals_s"]
        where = f"protocols/{row['runtime']}, {row['protocol']}"
        again = {
            "processes": len(totals),
            "total_s": sorted(totals)[len(totals) // 2],
            "range_s": [min(totals), max(totals)],
            "ci95_s": statistics.interval_of(totals),
        }
        tally.compare(where, {key: row[key] for key in again}, again, 0)
        tally.compare(f"{where}/sum of stages", sum(row["stages"].values()), row["total_s"], 0)
    for row in found["cold_start"]:
        low, high = row["range_s"]
        inside = low <= row["first_answer_s"] <= high
        tally.compare(f"cold_start/{row['runtime']}/first_answer_s in range_s", inside, True)


def judgements(tally: Tally, run: Run) -> None:
    """Decide the claims of 2025 again."""
    again = verdicts.decide(claims.CLAIMS, run.found)
    tally.compare("claims", run.found["claims"], again)
