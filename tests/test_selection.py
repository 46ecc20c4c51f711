"""Whatever is selected, and whatever fails: the report speaks of what was measured alone."""

import ast
import contextlib
import io
import itertools
import json
import re
import shutil

import made_up
import pytest
from bs4 import BeautifulSoup
from conftest import pipeline
from matplotlib.figure import Figure

from helpers.benchmark.runtimes import RUNTIMES
from helpers.core import old_results as contract
from helpers.core import stages
from helpers.core.artifacts import PROJECT
from helpers.findings import sentences, time_sentences
from helpers.findings.seeds import FRAMEWORKS
from helpers.pipeline import fingerprint
from helpers.report import figures, tables

NAMES = tuple(made_up.OFFLINE_S)
SELF_CHOSEN = tuple(name for name in NAMES if not RUNTIMES[name].every_file)
# Which runtimes could be measured.
SELECTIONS = {
    "all": NAMES,
    "none": (),
    "none of those that time every file": SELF_CHOSEN,
    **{f"{name} alone": (name,) for name in NAMES},
    **{f"{a} and {b}": (a, b) for a, b in itertools.combinations(NAMES, 2)},
    **{f"all but {name}": tuple(n for n in NAMES if n != name) for name in NAMES},
}
# Those of which the cells of the notebooks are run, the others with the slow tests.
SHOWN = ("none", "onnxruntime alone", "all but pytorch")
SHOWN_TOO = (
    "none of those that time every file",
    *("all", "pytorch and litert", "litert and onnxruntime", "all but onnxruntime"),
    *("numpy alone", "pytorch alone"),
)
# What no text may say: a hole in a sentence, a runtime compared with itself, no number.
NEVER = re.compile(
    r"not measured here|no row with|\b1 times faster|\bnan\b|\bNone\b(?! of|,)|\b1 runtimes"
)


@pytest.fixture(scope="module")
def everything():
    return made_up.whole("mlp", "cnn")


def selected(everything, name):
    return made_up.measured(json.loads(json.dumps(everything)), *SELECTIONS[name])


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


def test_the_made_up_results_follow_the_contract(everything, run_folder):
    stages.folder("05_lab_report")
    for name in SHOWN:
        contract.write(selected(everything, name))
        assert contract.read()["latency"] == selected(everything, name)["latency"]


@pytest.mark.parametrize("name", SELECTIONS)
def test_sentences_and_tables_speak_of_what_was_measured(everything, name):
    runtimes = SELECTIONS[name]
    results = selected(everything, name)
    said = [
        time_sentences.comparison(results, "offline", "single_stream"),
        time_sentences.order(results),
        time_sentences.fastest(results),
        time_sentences.noise_floor(results),
        time_sentences.threads(results),
        time_sentences.flags(results),
        time_sentences.cold_start(results),
        *map(text_of, (tables.overview(results), tables.formats(results))),
        text_of(tables.latency(results["latency"])),
        text_of(tables.noise(results["noise_floor"])),
    ]
    check(" ".join(said), runtimes)
    for sentence in filter(None, said[:7]):
        assert sentence.endswith(".")
    titles = [RUNTIMES[runtime].title for runtime in runtimes]
    assert all(title in said[7] for title in titles)
    heading = "times PyTorch's"
    assert (heading in said[7]) == (heading in said[9]) == ("pytorch" in runtimes)
    if runtimes and "pytorch" not in runtimes:
        unit = time_sentences.unit(results["latency"])
        assert unit == "There is no ratio: PyTorch was not measured."


@pytest.mark.parametrize("name", SELECTIONS)
def test_the_findings_are_numbered_without_holes(everything, name):
    runtimes = SELECTIONS[name]
    results = selected(everything, name)
    lines = sentences.findings(results).splitlines()
    assert [line.split(".")[0] for line in lines] == ["1", "2", "3", "4", "5"]
    both = {"pytorch", "onnxruntime"} <= set(runtimes)
    assert ("get the same array" in lines[0]) == both
    results["protocols"] = []
    lines = sentences.findings(results).splitlines()
    assert [line.split(".")[0] for line in lines] == ["1", "2", "3", "4"]
    assert not NEVER.search(" ".join(lines))


def test_a_claim_about_a_runtime_that_failed_says_so(everything):
    rows = {row["id"]: row for row in selected(everything, "all but onnxruntime")["claims"]}
    for slow in ("pytorch", "tensorflow"):
        row = rows[f"onnxruntime-faster-than-{slow}"]
        assert (row["verdict"], row["evidence"]) == (
            *("not testable", "ONNX Runtime was not measured."),
        )


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


def cells_of_05(shown, results, *, networks=True, times=True):
    """Without `networks` their figures are left out, without `times` those of the runtimes."""
    parameters = results["run"]["parameters"]["03_runtime_comparison"]
    run = results["run"]
    names = {"found": results, "run": run, "timing": parameters}
    names["classes"] = run["dataset"]["classes"]
    left_out = ["cell-06", "gather-02", "gather-04"]
    if not networks:
        left_out += [f"cell-{number}" for number in (26, 28, 34, 78, 82, 86, 88)]
    if not times:
        left_out += [f"cell-{number}" for number in (46, 48, 50, 62, 70)]
    return shown("05_lab_report", {"left_out": left_out, "names": names})


def cells_of_03(shown, results, dataset):
    tables = ("latency", "noise_floor", "models", "exports")
    right = {row["runtime"]: made_up.logits_for(dataset.test_labels) for row in results["latency"]}
    names = {
        **{table: results[table] for table in tables},
        "found": results,
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


@pytest.mark.parametrize(
    "name", [*SHOWN, *(pytest.param(name, marks=pytest.mark.real) for name in SHOWN_TOO)]
)
def test_every_cell_of_the_report_runs_with_any_selection(everything, shown, dataset, name):
    runtimes = SELECTIONS[name]
    results = selected(everything, name)
    found = cells_of_05(shown, results, networks=False)
    assert len(found) > 30
    for id in TIMES_IN_05:
        if id != "cell-12" or "pytorch" in runtimes:  # else it says that PyTorch is missing
            check(found[id], runtimes)
    for id, text in found.items():
        assert not NEVER.search(text), id
    found = cells_of_03(shown, results, dataset)
    for id, text in found.items():
        assert not NEVER.search(text), id


@pytest.mark.parametrize(
    "architectures",
    [
        ("a", "b", "c", "d", "e"),
        *(
            pytest.param(own, marks=pytest.mark.real)
            for own in (("deep",), ("deep", "mlp"), ("mlp", "cnn", "deep"))
        ),
    ],
)
def test_any_networks_are_in_every_table_and_figure(shown, architectures):
    results = made_up.measured(made_up.whole(*architectures), *NAMES)
    found = cells_of_05(shown, results, times=False)
    for id in ("cell-21", "cell-26", "cell-28", "cell-30", "cell-36", "cell-80", "cell-88"):
        assert all(name in found[id] for name in architectures), id
    models = [f"{name}-{framework}" for name in architectures for framework in FRAMEWORKS]
    for id in ("cell-54", "cell-82", "cell-84", "cell-86"):
        assert all(model in found[id] for model in models), id
    text = " ".join(found.values())
    if "mlp" not in architectures:
        assert "the mlp by" not in text
        assert "not the network taken for that of 2025: no mlp was trained." in found["cell-21"]
    assert f"the {architectures[0]} by the lab recipe reaches" in found["cell-24"]


def test_another_width_is_told_wherever_2025_is_meant(shown):
    results = made_up.whole("mlp")
    for row in results["models"]:
        row["parameters"] = 203_530
    found = cells_of_05(shown, made_up.decided(results), networks=False)
    reason = "the mlp here has 203,530 weights, what is taken for the network of 2025 has 101,770."
    for id in ("cell-21", "cell-24", "cell-64"):
        assert f"not the network taken for that of 2025: {reason}" in found[id], id
    assert "101,770" not in found["cell-21"].replace(reason, "")
    assert "203,530" in found["cell-16"]


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
    titles = ("Keras predict", "TensorFlow tf.function", "TFLite (LiteRT) is", "NumPy (BLAS)")
    assert [title for title in titles if title in text.partition("Verdicts")[0]] == []


@pytest.mark.real
@pytest.mark.campaign
def test_two_runtimes_measured_again_give_a_whole_report(finished, tmp_path):
    folder = tmp_path / "again"
    shutil.copytree(finished[0], folder)
    done = pipeline(folder, "--profile", "quick", "--from", "03", "RUNTIMES=pytorch,litert")
    assert done.returncode == 0, done.stderr
    text, results = report_and_results(folder)
    assert {row["runtime"] for row in results["latency"]} == {"pytorch", "litert"}
    assert {row["baseline"] for row in results["latency"]} >= {"pytorch"}
    assert not NEVER.search(text)
    assert re.search(
        r"On the whole test set TFLite \(LiteRT\) is .+? PyTorch \(1 process\)\.", text
    )
    claim = next(row for row in results["claims"] if row["id"] == "onnxruntime-faster-than-pytorch")
    assert claim["evidence"] == "ONNX Runtime was not measured."
