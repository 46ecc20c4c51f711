"""What the model files of a run answer, and what is said of it, made again."""

from dataclasses import replace

import numpy as np

from helpers.benchmark import read_back, runtimes
from helpers.core import old_results as results
from helpers.core import provenance
from helpers.core.console import LabError
from helpers.core.stages import NOTEBOOKS
from helpers.data import mnist
from helpers.exports import gate
from helpers.exports.inventory import Export
from helpers.findings import errors
from helpers.pipeline.tally import Run, Tally, plain, there, why_missing

# How far an accuracy of another processor may be: it sums in another order, and of 8 bit products
# it may round others.
ELSEWHERE = {"float32": 2e-4, "float16": 2e-4, "dynamic": 1e-3, "int8": 1e-3}
# By how much of itself the largest difference of a logit may be another where weights are rounded.
ROUNDED = 0.1
# What the softmax of such logits, and what is made of it, may differ by.
SOFTMAX = 1e-4


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
        if file := there(row["file"]):
            source, precision = row.get("source", row["id"]), row.get("precision", "float32")
            exports[row["id"]] = Export(source, precision, file)
        else:
            tally.lacks(row["id"], why_missing(row))
    read = _read(exports, run.dataset)
    for name in [name for name, own in read.items() if isinstance(own, str)]:
        if why := runtimes.missing(runtimes.READERS[exports[name].file.suffix]):
            tally.lacks(name, why)
            del read[name]
    for name, row in sources.items():
        kept, own = there(row["logits"]["file"]), read.get(name)
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
    """Compare the gate of an export, and how far its logits are apart."""
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
    tally.compare(
        f"{where}/max_abs_logit_difference", row["max_abs_logit_difference"], far, allowed
    )
    # Where another processor gives one image another class, the p-value is another.
    if (row["test_accuracy"], row["agreement"]) == (gated.test_accuracy, gated.agreement):
        tally.compare(f"{where}/mcnemar_p", row["mcnemar_p"], gated.mcnemar_p, 0)
    tally.compare(where, {"id": row["id"]}, {"id": export.id})


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
        "recalls": [
            row for name, own in logits.items() for row in errors.recalls(name, own, labels)
        ],
        "common_errors": errors.common_errors(logits, labels, full_test_set=full),
        "disagreements": [
            errors.disagreement(one["architecture"], logits[one["id"]], logits[other["id"]], labels)
            for one, other in pairs
        ],
        "reliability": [errors.reliability(name, own, labels) for name, own in logits.items()],
    }
    for part in parts:
        tally.compare(part, found[part], plain(again[part]), SOFTMAX)
