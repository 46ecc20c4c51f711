"""The numbers of results.json, made again from what a run left behind."""

import itertools
import json
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from statistics import median

import numpy as np

from helpers.benchmark import plan, read_back, runtimes, statistics
from helpers.core import artifacts, provenance, results, stages
from helpers.core.console import LabError
from helpers.core.stages import NOTEBOOKS, STAGES
from helpers.data import mnist
from helpers.exports import gate, model_card, needs
from helpers.exports.inventory import DEPLOYABLE, Export
from helpers.findings import claims, errors, goals, tasks, verdicts
from helpers.pipeline.tally import Tally
from helpers.training import paired, tuning

# How far an accuracy of another processor may be: it sums in another order, and of 8 bit products
# it may round others.
ELSEWHERE = {"float32": 2e-4, "float16": 2e-4, "dynamic": 1e-3, "int8": 1e-3}
# By how much of itself the largest difference of a logit may be another where weights are rounded.
ROUNDED = 0.1
# What the softmax of such logits, and what is made of it, may differ by.
SOFTMAX = 1e-4


@dataclass
class Run:
    """What is known of a run: its results, and what its networks answer, as far as files tell."""

    found: dict
    page: str | None = None  # report.html
    dataset: mnist.Dataset | None = None
    logits: dict[str, np.ndarray] = field(default_factory=dict)  # of the saved networks, by id


def plain(value: object) -> object:
    """Return a value as JSON would give it back."""
    return json.loads(artifacts.to_json(value))


def _there(name: str) -> Path | None:
    """Return a file of the run, None where it is absent or leads out of the folder."""
    root = artifacts.root().resolve()
    path = (root / name).resolve()
    return path if path.is_relative_to(root) and path.is_file() else None


def _records() -> dict[str, dict]:
    """Return the records of 01 to 04 that are there."""
    there = {name: STAGES[name].record for name in NOTEBOOKS[:-1] if STAGES[name].record.is_file()}
    return {name: json.loads(path.read_text(encoding="utf-8")) for name, path in there.items()}


def files(tally: Tally, run: Run) -> None:
    """Compare bytes and SHA-256 of models, exports, logits and trajectories with the files."""
    models = run.found["models"]
    rows = [*models, *(model["logits"] for model in models), *run.found["exports"]]
    rows += [record["trajectory"] for record in _records().values() if "trajectory" in record]
    for row in rows:
        if _there(row["file"]):
            said = {key: row[key] for key in ("file", "bytes", "sha256")}
            tally.compare(row["file"], said, artifacts.describe(artifacts.root() / row["file"]))
        else:
            tally.lacks(row["file"])


def records(tally: Tally, run: Run) -> None:
    """Compare every field with the records of the notebooks, to the last digit."""
    found, own = run.found, _records()
    for name in NOTEBOOKS[:-1]:
        if name not in own:
            tally.lacks(STAGES[name].record.relative_to(artifacts.root()).as_posix())
    if len(own) < len(NOTEBOOKS) - 1:
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


def data(tally: Tally, run: Run) -> None:
    """Find the images in the usual way, and compare them with those of the run."""
    said = run.found["run"]
    try:
        run.dataset = mnist.load_again(
            said["dataset"], said["parameters"][NOTEBOOKS[0]].get("DATASET", "auto")
        )
    except LabError as error:
        return tally.lacks("the images", str(error))
    # Where they lie may be another place here.
    again = run.dataset.source.record() | {"origin": said["dataset"]["origin"]}
    return tally.compare("run/dataset", said["dataset"], plain(again))


def answers(tally: Tally, run: Run) -> None:
    """Let fresh processes read every model file, and gate what it answers to the test images."""
    sources = {row["id"]: row for row in run.found["models"]}
    rows, exports = [*run.found["models"], *run.found["exports"]], {}
    if run.dataset is None:
        for row in rows:
            tally.lacks(row["id"], "no images to read it with")
        return
    for row in rows:
        if file := _there(row["file"]):
            source, precision = row.get("source", row["id"]), row.get("precision", "float32")
            exports[row["id"]] = Export(source, precision, file, row.get("input") == "pixels")
        else:
            tally.lacks(row["id"])
    read = _read(exports, run.dataset)
    for name in [name for name, own in read.items() if isinstance(own, str)]:
        if why := runtimes.missing(runtimes.READERS[exports[name].file.suffix]):
            tally.lacks(name, why)
            del read[name]
    for name, row in sources.items():
        kept, own = _there(row["logits"]["file"]), read.get(name)
        if isinstance(own, np.ndarray):
            run.logits[name] = own
        if kept and name in run.logits:
            said = gate.refusal(np.load(kept), own, "float32") or "as its network answers"
            tally.compare(row["logits"]["file"], said, "as its network answers")
        elif kept:
            run.logits[name] = np.load(kept)
    _validate(tally, sources, {name: exports[name] for name in sources if name in read}, run)
    for row in rows:
        if row["id"] in read:
            export = exports[row["id"]]
            if export.model in run.logits:
                _compare_answers(tally, row, export, read[row["id"]], run)
            else:
                tally.lacks(row["id"], "its source is not in the folder")


def _read(exports: dict[str, Export], dataset: mnist.Dataset) -> dict[str, read_back.Logits]:
    """Return what each file answers to the test images, or why it answers nothing."""
    found = read_back.read_exports(list(exports.values()), dataset, threads=provenance.cores())
    return {name: found[export.id] for name, export in exports.items()}


def _validate(
    tally: Tally, sources: dict[str, dict], networks: dict[str, Export], run: Run
) -> None:
    """Compare the accuracy by which the networks were chosen."""
    _, validation = mnist.training_split(run.dataset)
    images, labels = run.dataset.train_images[validation], run.dataset.train_labels[validation]
    for name, own in _read(networks, replace(run.dataset, test_images=images)).items():
        again = own if isinstance(own, str) else _accuracy(own, labels)
        where, allowed = f"models/{name}/validation_accuracy", ELSEWHERE["float32"]
        tally.compare(where, sources[name]["validation_accuracy"], again, allowed)


def _accuracy(logits: np.ndarray, labels: np.ndarray) -> float:
    from sklearn.metrics import accuracy_score

    return float(accuracy_score(labels, logits.argmax(axis=1)))


def _compare_answers(
    tally: Tally, row: dict, export: Export, logits: read_back.Logits, run: Run
) -> None:
    """Compare what a row says of a file with what the file answers."""
    source, labels = run.logits[export.model], run.dataset.test_labels
    allowed, bounds = ELSEWHERE[export.precision], gate.BOUNDS[export.precision]
    readable = isinstance(logits, np.ndarray) and logits.shape == source.shape
    again = {"test_accuracy": _accuracy(logits, labels) if readable else None}
    where = f"{'exports' if 'source' in row else 'models'}/{row['id']}"
    if "source" in row:
        again["agreement"] = _accuracy(logits, source.argmax(axis=1)) if readable else None
        _compare_gate(tally, where, row, export, logits, run)
    tally.compare(where, {key: row[key] for key in again}, again, allowed)
    # In other calls, and in other runtimes, an answer may part as far as the gate allows.
    allowed += 1 - bounds.agreement
    for clean in results.where(run.found["robustness"], model=row["id"], perturbation="none"):
        some = slice(clean["images"])
        own = _accuracy(logits[some], labels[some]) if readable else None
        tally.compare(f"robustness/{row['id']}, clean", clean["accuracy"], own, allowed)
    for timed in results.where(run.found["latency"], model=row["id"]):
        where = f"latency/{row['id']}, {timed['runtime']}/test_accuracy"
        tally.compare(where, timed["test_accuracy"], again["test_accuracy"], allowed)


def _compare_gate(
    tally: Tally, where: str, row: dict, export: Export, logits: read_back.Logits, run: Run
) -> None:
    """Compare the gate of an export, how far its logits are apart, and what it needs."""
    (model,) = results.where(run.found["models"], id=export.model)
    source = run.logits[export.model]
    gated = gate.compare(
        *(export.file, export.precision, model["parameters"]),
        *(logits, source, run.dataset.test_labels),
    )
    same = (row["gate"] == "passed") == (gated.gate == "passed")
    tally.compare(f"{where}/gate", row["gate"], row["gate"] if same else gated.gate)
    far = gated.max_abs_logit_difference
    allowed = gate.allowed_difference("float32", source)
    allowed += ROUNDED * (far or 0) * (export.precision != "float32")
    tally.compare(f"{where}/max_abs_logit_difference", row["max_abs_logit_difference"], far, allowed)
    # Where another processor gives one image another class, the p-value is another.
    if (row["test_accuracy"], row["agreement"]) == (gated.test_accuracy, gated.agreement):
        tally.compare(f"{where}/mcnemar_p", row["mcnemar_p"], gated.mcnemar_p, 0)
    if export.file.suffix in DEPLOYABLE:  # the others need what wrote them
        layout = model_card.read(export.file)["input_layout"]
        again = {"id": export.id, "needs": asdict(needs.of(export.file)), "input_layout": layout}
        tally.compare(where, {key: row[key] for key in again}, again)


def mistakes(tally: Tally, run: Run) -> None:
    """Compare what the networks get wrong, and how sure they are, with their answers."""
    found, models = run.found, run.found["models"]
    parts = ("confusion", "recalls", "common_errors", "disagreements", "reliability")
    if run.dataset is None or any(row["id"] not in run.logits for row in models):
        for part in parts:
            tally.lacks(part, "not all networks could be read")
        return
    labels, logits = run.dataset.test_labels, {row["id"]: run.logits[row["id"]] for row in models}
    full = run.dataset.source.name == "mnist"
    pairs = [
        (row, results.one(models, framework="pytorch", architecture=row["architecture"]))
        for row in results.where(models, framework="tensorflow")
    ]
    again = {
        "confusion": [
            {"model": name, "counts": errors.confusion(own, labels)} for name, own in logits.items()
        ],
        "recalls": [row for name, own in logits.items() for row in errors.recalls(name, own, labels)],
        "common_errors": errors.common_errors(logits, labels, full_test_set=full),
        "disagreements": [
            errors.disagreement(
                one["architecture"], logits[one["id"]], logits[other["id"]], labels
            )
            for one, other in pairs
        ],
        "reliability": [errors.reliability(name, own, labels) for name, own in logits.items()],
    }
    for part in parts:
        tally.compare(part, found[part], plain(again[part]), SOFTMAX)


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
    if len(kept) == 2 and all(_there(each["file"]) for each in kept):
        pairs = plain(paired.compare(*kept))
        tally.compare("paired_trainings", found["paired_trainings"], pairs, 0)
    else:
        tally.lacks("paired_trainings", "not both trajectories are in the folder")


def times(tally: Tally, run: Run) -> None:
    """Make medians, intervals and ratios again: of the raw values, and of the processes' medians."""
    found = run.found
    latency, floor = found["latency"], found["noise_floor"]
    baseline = found["run"]["parameters"][NOTEBOOKS[2]]["BASELINE"]
    raw = STAGES[NOTEBOOKS[2]].record.with_name("raw.jsonl.gz")
    if raw.is_file():
        measured = artifacts.read_raw(raw)
        rows, again = statistics.summarise(measured, baseline)
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
    _times_of_medians(tally, latency, floor, baseline)
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


def _times_of_medians(
    tally: Tally, latency: list[dict], floor: list[dict], baseline: str
) -> None:
    def named(row: dict) -> str:
        return ", ".join(str(row[key]) for key in ("model", "runtime", "threads", "batch_size"))

    unit = {
        "runtime": baseline,
        "framework": runtimes.RUNTIMES[baseline].framework,
        "precision": "float32",
    }
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
