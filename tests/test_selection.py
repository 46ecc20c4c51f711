"""Whatever is selected, and whatever fails: the report speaks of what was measured alone."""

import ast
import contextlib
import io
import json
import re

import made_up
import pytest
from bs4 import BeautifulSoup
from matplotlib.figure import Figure

from helpers.benchmark.runtimes import RUNTIMES
from helpers.core.artifacts import PROJECT
from helpers.findings import time_sentences
from helpers.pipeline import fingerprint
from helpers.report import figures, tables

NAMES = tuple(made_up.OFFLINE_S)
SELF_CHOSEN = tuple(name for name in NAMES if not RUNTIMES[name].every_file)
# Which runtimes could be measured, and which was to be the unit.
SELECTIONS = {
    "all": (NAMES, "pytorch"),
    "none": ((), "pytorch"),
    "none of those that time every file": (SELF_CHOSEN, SELF_CHOSEN[0]),
    **{f"{name} alone": ((name,), name) for name in NAMES},
    "pytorch and litert": (("pytorch", "litert"), "pytorch"),
    "all but pytorch": (tuple(name for name in NAMES if name != "pytorch"), "pytorch"),
    "all, in units of onnxruntime": (NAMES, "onnxruntime"),
}
# What no text may say: a hole in a sentence, a runtime compared with itself, no number.
NEVER = re.compile(
    r"not measured here|no row with|\b1 times faster|\bnan\b|\bNone\b(?! of|,)|\b1 runtimes"
)


@pytest.fixture(scope="module")
def everything():
    return made_up.whole("mlp", "cnn")


def selected(everything, name):
    runtimes, baseline = SELECTIONS[name]
    return made_up.measured(json.loads(json.dumps(everything)), *runtimes, baseline=baseline)


def titles_in(text, runtimes):
    """The titles of `runtimes` in a text; one that is part of another title does not count."""
    for title in sorted((r.title for r in RUNTIMES.values()), key=len, reverse=True):
        known = next(name for name, runtime in RUNTIMES.items() if runtime.title == title)
        if title in text and known in runtimes:
            yield title
        text = text.replace(title, "")


def text_of(html):
    soup = BeautifulSoup(html, "html.parser")
    return " ".join([soup.get_text(" "), *(image["alt"] for image in soup("img"))])


def check(text, runtimes):
    assert list(titles_in(text, set(RUNTIMES) - set(runtimes))) == []
    assert not NEVER.search(text)


@pytest.mark.parametrize("name", SELECTIONS)
def test_sentences_and_tables_speak_of_what_was_measured(everything, name):
    runtimes, baseline = SELECTIONS[name]
    results = selected(everything, name)
    said = [
        time_sentences.comparison(results, "offline", "single_stream"),
        time_sentences.order(results),
        time_sentences.fastest(results),
        time_sentences.noise_floor(results),
        time_sentences.threads(results),
        time_sentences.flags(results),
        time_sentences.cold_start(results),
        time_sentences.cross_sentence(results),
        *map(text_of, (tables.overview(results), tables.formats(results))),
        text_of(tables.latency(results["latency"])),
        text_of(tables.noise(results["noise_floor"])),
    ]
    check(" ".join(said), runtimes)
    for sentence in filter(None, said[:8]):
        assert sentence.endswith(".")
    titles = [RUNTIMES[runtime].title for runtime in runtimes]
    assert all(title in said[8] for title in titles)
    unit = time_sentences.unit(results["latency"], baseline)
    heading = f"times {RUNTIMES[baseline].title}'s"
    assert (heading in said[8]) == (heading in said[10]) == (baseline in runtimes)
    if runtimes and baseline not in runtimes:
        assert unit == f"There is no ratio: {RUNTIMES[baseline].title} was not measured."


@pytest.fixture
def shown(monkeypatch):
    """Run code cells of a notebook with what they get from others; return what each shows."""
    outputs = []

    def collect(thing):
        outputs.append(text_of(thing.data if hasattr(thing, "data") else thing["text/html"]))

    # Only matplotlib's own drawing is left out: it takes most of the time.
    monkeypatch.setattr(Figure, "savefig", lambda self, buffer, **_: buffer.write("<svg/>"))
    monkeypatch.setattr(figures, "display", collect)
    monkeypatch.setattr("helpers.report.explorer.display", lambda thing, raw: collect(thing))

    def run(notebook, given):
        """`given` takes the place of the cells before the one that first needs nothing else."""
        namespace, found = {}, {}
        for cell in fingerprint.read_cells(PROJECT / "notebooks" / f"{notebook}.ipynb"):
            if cell["cell_type"] != "code" or "parameters" in cell["metadata"].get("tags", []):
                continue
            tree = ast.parse("".join(cell["source"]))
            imports = [n for n in tree.body if isinstance(n, ast.Import | ast.ImportFrom)]
            exec(compile(ast.Module(imports, []), notebook, "exec"), namespace)
            if cell["id"] in given["left_out"]:
                continue
            namespace |= {"display": collect, **given["names"]}
            rest = [node for node in tree.body if node not in imports]
            last = rest.pop() if isinstance(rest[-1], ast.Expr) else None
            with contextlib.redirect_stdout(io.StringIO()) as printed:
                exec(compile(ast.Module(rest, []), notebook, "exec"), namespace)
                if last:
                    value = eval(compile(ast.Expression(last.value), notebook, "eval"), namespace)
                    if value is not None:
                        collect(value)
            found[cell["id"]] = " ".join([*outputs, printed.getvalue()])
            outputs.clear()
        return found

    return run


def cells_of_05(shown, results):
    """What the cells show, but for the figures of the networks."""
    parameters = results["run"]["parameters"]["03_runtime_comparison"]
    run = results["run"]
    names = {"found": results, "run": run, "timing": parameters}
    names["classes"] = run["dataset"]["classes"]
    left_out = ["cell-06", "gather-02", "gather-04"]
    left_out += [f"cell-{number}" for number in (26, 28, 34, 78, 82, 86, 88)]
    return shown("05_lab_report", {"left_out": left_out, "names": names})


def cells_of_03(shown, results, dataset):
    tables = ("latency", "noise_floor", "models", "exports")
    right = {row["runtime"]: made_up.logits_for(dataset.test_labels) for row in results["latency"]}
    names = {
        **{table: results[table] for table in tables},
        "found": results,
        "BASELINE": baseline_of(results),
        "dataset": dataset,
        "test_labels": dataset.test_labels,
        "logits": right,
        "cells": [],
        "timers": results["protocols"],
    }
    # What measures, shows a source, or draws a figure that stands in 05 too.
    others = ["cell-06", "cell-08", "by-hand-02", *(f"shown-0{number}" for number in (2, 4, 6, 8))]
    others += [f"cell-{number}" for number in (10, 12, 14, 20, 22, 24, 26, 28, 31, 33, 35)]
    return shown("03_runtime_comparison", {"left_out": others, "names": names})


def baseline_of(results):
    return results["run"]["parameters"]["03_runtime_comparison"]["BASELINE"]


# The cells of 05 that are about times alone.
TIMES_IN_05 = (
    "cell-12",
    "cell-44",
    "cell-46",
    "cell-48",
    "cell-50",
    "cell-54",
    "cell-56",
    "cell-58",
)


@pytest.mark.parametrize("name", ["none", "onnxruntime alone", "all but pytorch"])
def test_every_cell_of_the_report_runs_with_any_selection(everything, shown, dataset, name):
    runtimes, _ = SELECTIONS[name]
    results = selected(everything, name)
    found = cells_of_05(shown, results)
    assert len(found) > 30
    for id in TIMES_IN_05:
        if not (id == "cell-12" and name == "all but pytorch"):  # it says that PyTorch is missing
            check(found[id], runtimes)
    for id, text in found.items():
        assert not NEVER.search(text), id
    found = cells_of_03(shown, results, dataset)
    for id, text in found.items():
        assert not NEVER.search(text), id


def report_and_results(folder):
    """The words of a report without its appendices, and its results."""
    soup = BeautifulSoup((folder / "report.html").read_text(encoding="utf-8"), "html.parser")
    text = soup.main.get_text(" ").partition("Appendix A")[0]
    return text, json.loads((folder / "old_results.json").read_text())


@pytest.mark.real
def test_one_runtime_measured_again_gives_a_whole_report(one_runtime):
    text, results = report_and_results(one_runtime[0])
    assert {row["runtime"] for row in results["latency"]} == {"onnxruntime"}
    assert {row["baseline"] for row in results["noise_floor"]} == {"onnxruntime"}
    assert results["failures"] == []
    assert not NEVER.search(text)
    assert "ONNX Runtime, the only runtime measured, takes" in text
    assert "times ONNX Runtime's" in text
    titles = ("Keras predict", "TensorFlow tf.function", "TFLite (LiteRT) is", "NumPy (BLAS)")
    assert [title for title in titles if title in text.partition("Verdicts")[0]] == []
