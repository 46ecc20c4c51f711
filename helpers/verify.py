"""Check a run from its files: make its numbers and its page again and compare them.

`make verify REPORT=folder` for one, `python -m helpers.verify FOLDER …` for a class, a line a
report. Nothing in a folder is changed, and no code from it runs.
"""

import argparse
import functools
import math
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import numpy as np

from helpers import data
from helpers.benchmark import read_back, runtimes, statistics
from helpers.core import console, files, machine, process, results
from helpers.core.results import first, main_file
from helpers.exports import gate
from helpers.models import metrics
from helpers.report import claims, gather, page, values

# How far an accuracy may be where another processor sums in another order or rounds otherwise.
ELSEWHERE = {"float32": 2e-4, "float16": 2e-4, "dynamic": 1e-3, "int8": 1e-3}
# By how much of itself the largest difference of a logit may be another where weights are rounded.
ROUNDED = 0.1
# (place, what the folder says, what was made again, how far apart they may be), or a reason not to.
Compared = Iterator[tuple | str]


@dataclass
class Run:
    """A run as its folder holds it, and what a check found out for the next ones."""

    folder: Path
    found: dict  # results.json
    dataset: data.Dataset | None = None

    def files(self) -> Iterator[tuple[dict, Path | None]]:
        """Yield each row with a file, and its path; None where the folder does not hold it."""
        for row in (*self.found["models"], *self.found["exports"]):
            if row["file"]:
                file = (self.folder / row["file"]).resolve()
                inside = file.is_relative_to(self.folder.resolve()) and file.is_file()
                yield row, file if inside else None


@dataclass
class Tally:
    """How many values a check compared, where they differ, and what it could not check."""

    checked: int = 0
    differ: list[str] = field(default_factory=list)
    not_checked: list[str] = field(default_factory=list)

    def compare(self, place: str, found: object, again: object, allowed: float = 0) -> None:
        """Compare two values, of two objects the fields that `again` has."""
        if isinstance(found, dict) and isinstance(again, dict):
            for key, value in again.items():
                self.compare(f"{place}/{key}", found.get(key), value, allowed)
        elif isinstance(found, list) and isinstance(again, list) and len(found) == len(again):
            for number, pair in enumerate(zip(found, again, strict=True)):
                self.compare(f"{place}/{number}", *pair, allowed)
        else:
            self.checked += 1
            numbers = {type(found), type(again)} <= {int, float}
            near = numbers and math.isclose(found, again, rel_tol=1e-9, abs_tol=allowed)
            if not (near or found == again):
                self.differ.append(f"{place}: {found}, made again {again}")

    def __str__(self) -> str:
        said = f"{self.checked:,} checked, {len(self.differ) or 'none'} differ"
        return "; not checked: ".join([said, *self.not_checked])


def digests(run: Run) -> Compared:
    """Compare every file that results.json names with its SHA-256."""
    for row, file in run.files():
        yield row["file"], row["sha256"], files.sha256(file) if file else "not in the folder"


def times(run: Run) -> Compared:
    """Make medians, intervals, ratios and verdicts again of the rounds."""
    found = run.found
    networks = {row["id"]: (row["architecture"], "float32") for row in found["models"]}
    for row in found["exports"]:
        networks[row["id"]] = networks[row["source"]][0], row["precision"]
    threads = max((row["threads"] for row in found["latency"]), default=1)
    rows = [row | {"again": False} for row in found["latency"]]
    for row in found["noise_floor"]:
        file = main_file(found, row["runtime"])
        rows.append(row | {"again": True, "file": file, "threads": threads})
    for row in rows:
        times_s = [each["median_s"] for each in row["rounds"]]
        row["architecture"], row["precision"] = networks[row["file"]]
        row |= {"median_s": float(np.median(times_s)), "ci95_s": statistics.interval_of(times_s)}
    made = ("median_s", "ci95_s", "ratio", "ratio_ci95", "verdict")
    for table, again in zip(("latency", "noise_floor"), statistics.judged(rows), strict=True):
        yield table, found[table], [{key: row[key] for key in made if key in row} for row in again]
    for number, row in enumerate(found["timers_2025"]):
        times_s = sorted(each["total_s"] for each in row["rounds"])
        again = {"total_s": times_s[len(times_s) // 2], "ci95_s": statistics.interval_of(times_s)}
        yield f"timers_2025/{number}", row, again
        yield f"timers_2025/{number}/stages", sum(row["stages"].values()), row["total_s"]


def seeds(run: Run) -> Compared:
    """Make the frameworks' differences again of the seeds, and judge the claims again."""
    yield "differences", run.found["differences"], gather.differences(run.found["seeds"])
    yield "claims", run.found["claims"], claims.judge(run.found)


def answers(run: Run) -> Compared:
    """Let fresh processes read every network and export, and compare what they answer."""
    given = run.found["run"]["parameters"].get("01", {}).get("DATASET", "auto")
    run.dataset = data.load_again(run.found["run"]["dataset"], given)
    images, labels = data.scale(run.dataset.test_images), run.dataset.test_labels
    there = [(row, file) for row, file in run.files() if file]  # networks come before exports
    read = read_back.read_all([(file, images) for _, file in there], threads=machine.cores())
    models: dict[str, np.ndarray] = {}
    for (row, file), logits in zip(there, read, strict=True):
        name, precision = row["id"], row.get("precision", "float32")
        if "source" not in row and not isinstance(logits, str):
            models[name] = logits
        network = first(run.found["models"], id=row.get("source", name))
        source = models.get(network["id"])
        why = runtimes.missing(runtimes.READERS[file.suffix]) if isinstance(logits, str) else ""
        if why or ("source" in row and source is None):
            yield f"{name}, {why or 'its model gave no logits'}"
            continue
        again = gate.compare(file, precision, network["parameters"], logits, source, labels)
        near = ELSEWHERE[precision]
        yield name, row, {"test_accuracy": again["test_accuracy"]}, near
        if "source" in row:
            far = again["max_abs_logit_difference"]
            rounding = gate.allowed_difference("float32", source)
            rounding += ROUNDED * (far or 0) * (precision != "float32")
            yield name, row, {"changed": again["changed"]}, near * len(labels)
            yield name, row, {"max_abs_logit_difference": far}, rounding
            yield f"{name}, passes", row["gate"] == "passed", again["gate"] == "passed"
    turned = ELSEWHERE["float32"] * len(labels)  # images
    for row in run.found["errors"]["confusion"]:
        if row["model"] in models:
            again = metrics.confusion(models[row["model"]], labels).tolist()
            yield f"errors/confusion/{row['model']}", row["counts"], again, turned
    if len(models) == len(run.found["models"]):
        full, said = run.dataset.source.name == "mnist", run.found["errors"]["common_errors"]
        again = metrics.common_errors(models, labels, full_test_set=full)
        odd = {row["image"] for row in said + again if (row in said) != (row in again)}
        yield "errors/common_errors", said, again if len(odd) > turned else said


def report(run: Run) -> Compared:
    """Run this project's notebook 05 on results.json, and compare the main part of the page."""
    file, made = run.folder / "report.html", files.root() / "05.ipynb"
    if run.dataset is None or not file.is_file():
        raise console.LabError("there is no page, or there are no images")
    results.write(run.found)
    for row, exported in run.files():
        if exported and row["id"] == main_file(run.found, "onnxruntime"):
            shutil.copyfile(exported, files.model_file(Path(row["file"]).name))
    notebook = nbformat.read(files.NOTEBOOKS / f"{results.REPORT}.ipynb", as_version=4)
    tags = {cell.id: cell.metadata.get("tags", []) for cell in notebook.cells}
    for cell in notebook.cells:
        cell.source = "" if "gather" in tags[cell.id] else cell.source
    nbformat.write(notebook, made)
    with files.output_to_log("05.log"):
        process.run_notebook(made, made, progress_bar=False)
    page.build(made, [], made.with_suffix(".html"), head="", banners=[])
    pages = file, made.with_suffix(".html")
    said, again = (page.main_text(each.read_text("utf-8")) for each in pages)
    free = {name for name in tags if "own-words" in tags[name]}
    if own := [name for name in said if name in free or name not in again]:
        yield f"the writer's own cells {', '.join(own)}"
    for name in [name for name in again if name not in free]:
        texts = said.get(name, ""), again[name]
        start = max(0, len(os.path.commonprefix(texts)) - 30)  # the first place that differs
        yield f"report.html, {name}", *(text[start : start + 80] for text in texts)


def tell(folder: Path, *, alone: bool) -> int:
    """Print what was found in a folder, its checks and places too when `alone`; return 1 or 0."""
    try:
        run = Run(folder, results.read(folder / results.path().name))
    except console.LabError as error:
        raise console.LabError(f"{folder}: {error}") from error
    whole = Tally(1)
    print(f"Hold results.json against its schema: {whole}\n" * alone, end="")  # reading it did
    with tempfile.TemporaryDirectory() as name, process.variables(LAB_ARTIFACTS=name):
        for check in (digests, times, seeds, answers, report):
            tally = Tally()
            try:
                for each in check(run):
                    if isinstance(each, str):
                        tally.not_checked.append(each)
                    else:
                        tally.compare(*each)
            except console.LabError as error:  # the images are not here, or the page
                tally.not_checked.append(str(error))
            except Exception as error:  # whatever a value does to a check, it is no run's value
                tally.differ.append(f"{check.__name__}: {console.reason(error)}")
            print(f"{check.__doc__.rstrip('.')}: {tally}\n" * alone, end="", flush=True)
            whole.checked += tally.checked
            whole.differ += tally.differ
            whole.not_checked += tally.not_checked
    print("".join(f"  {place}\n" for place in whole.differ[: 10 * alone]), end="")
    told = [f"{row['id']} {values.percent(row['test_accuracy'])}" for row in run.found["models"]]
    told.insert(0, run.found["run"]["lab"]["author"] or "no name")
    print(f"{folder}: {', '.join(told)}: {whole}", flush=True)
    return int(bool(whole.differ))


def main(folders: list[Path]) -> int:
    """Check each folder and return the highest exit code; Ctrl-C stops them all."""
    highest = 0
    for folder in folders:
        check = functools.partial(tell, folder, alone=len(folders) == 1)
        highest = max(highest, console.exit_code(check))
        if highest == console.INTERRUPTED:
            break
    return highest


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m helpers.verify", description=__doc__)
    parser.add_argument("folder", nargs="*", type=Path)
    sys.exit(main(parser.parse_args().folder or [files.root()]))
