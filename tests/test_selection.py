"""Whatever is selected, and whatever fails: the report speaks of what was measured alone."""

import json
import re

import made_up
import pytest
from bs4 import BeautifulSoup

from helpers.benchmark.runtimes import RUNTIMES
from helpers.findings import time_sentences
from helpers.report import tables

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
