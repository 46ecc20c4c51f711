"""Whichever runtime fails: the report speaks of what was measured alone."""

import json
import re

import made_up
import pytest
from bs4 import BeautifulSoup

from helpers.benchmark.runtimes import RUNTIMES
from helpers.core.old_results import one
from helpers.findings import discussion, sentences, time_sentences
from helpers.report import tables

NAMES = tuple(made_up.OFFLINE_S)
MEASURED = {
    "all": NAMES,
    **{f"all but {name}": tuple(each for each in NAMES if each != name) for name in NAMES},
}
# What no text may say: a hole in a sentence, a runtime compared with itself, no number.
NEVER = re.compile(r"not measured here|no row with|\b1 times faster|\bnan\b|\bNone\b(?! of|,)")


@pytest.fixture(scope="module")
def everything():
    return made_up.whole("mlp", "cnn")


@pytest.mark.parametrize("name", MEASURED)
def test_sentences_and_tables_speak_of_what_was_measured(everything, name):
    results = made_up.measured(json.loads(json.dumps(everything)), *MEASURED[name])
    said = [
        time_sentences.comparison(results, "offline", "single_stream"),
        time_sentences.order(results),
        time_sentences.fastest(results),
        time_sentences.noise_floor(results),
        time_sentences.threads(results),
        time_sentences.flags(results),
        time_sentences.unit(results["latency"]),
        sentences.findings(results),
        discussion.choice(results),
        *(tables.overview(results), tables.formats(results), tables.noise(results["noise_floor"])),
        tables.latency(results["latency"]),
    ]
    text = BeautifulSoup(" ".join(said), "html.parser").get_text(" ")
    assert not NEVER.search(text)
    overview = [row[0] for row in made_up.cells(tables.overview(results))[1:]]
    assert overview == [RUNTIMES[runtime].title for runtime in MEASURED[name]]


def test_a_claim_about_a_runtime_that_failed_says_so(everything):
    results = made_up.measured(json.loads(json.dumps(everything)), *MEASURED["all but onnxruntime"])
    results["run"]["dataset"] |= {"name": "mnist"}
    row = one(made_up.decided(results)["claims"], id="onnxruntime-faster-than-pytorch")
    assert (row["verdict"], row["evidence"]) == ("not testable", "ONNX Runtime was not measured.")
