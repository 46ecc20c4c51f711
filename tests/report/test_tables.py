"""The tables of the report on the fixture, and on results that lack something."""

import json

import pytest
from bs4 import BeautifulSoup

from helpers.core import results
from helpers.core.artifacts import PROJECT
from helpers.report import tables


@pytest.fixture
def found():
    read = results.read(PROJECT / "tests" / "fixtures" / "results.json")
    claim = {"id": "a", "claim": "“<b> & 115”", "source": "section 3", "verdict": "refuted"}
    read["claims"] = [{**claim, "evidence": "1.19 times"}]
    return json.loads(json.dumps(read))


def cells(html):
    """The visible cells of a table, its headings first."""
    rows = BeautifulSoup(html, "html.parser")("tr")
    return [[" ".join(cell.get_text(" ").split()) for cell in row(["th", "td"])] for row in rows]


def row_of(html, *begin):
    return next(row for row in cells(html) if row[: len(begin)] == list(begin))


def test_the_first_table_has_accuracy_and_times_of_the_four_and_what_2025_said(found):
    assert cells(tables.summary(found)) == [
        ["", "test accuracy", "all 10,000 images", "one image", "the 2025 report"],
        ["TensorFlow tf.function", "99.06 %", "17.1 ms", "377 µs", "97.14 %, 1.36 s"],
        ["PyTorch", "99.08 %", "13.7 ms", "29.7 µs", "97.39 %, 5.19 s"],
        ["TFLite (LiteRT)", "99.06 %", "18.4 ms", "5.07 µs", "–"],
        ["ONNX Runtime", "99.08 %", "11.5 ms", "9.90 µs", "97.39 %, 0.045 s"],
    ]


def test_a_difference_of_accuracies_stands_beside_both_means(found):
    row = row_of(tables.accuracy(found), "mlp, lab")
    assert row[1] == "97.87 % 97.81 to 97.93 %, 10 seeds"
    assert row[3:] == ["-0.05 -0.12 to +0.02", "no clear difference"]


def test_every_export_has_a_row_with_names_that_a_reader_knows(found):
    rows = cells(tables.exports(found))
    assert len(rows) == 19
    assert rows[1][:5] == ["mlp", "TensorFlow", "TFLite", "float32", "410,333"]
    assert row_of(tables.exports(found), "mlp", "PyTorch", "ONNX", "float32")[7] == "11.5 ms"


def test_every_runtime_has_times_ratios_and_verdicts(found):
    row = row_of(tables.latency(found), "ONNX Runtime")
    assert row[1:3] == ["11.5 ms 11.2 to 11.8 ms", "0.84 (0.81 to 0.86) faster"]
    assert row_of(tables.latency(found), "PyTorch")[2] == "1.00"


def test_below_six_rounds_a_ratio_has_its_range(found):
    for name in ("pytorch", "onnxruntime"):
        row = results.main_row(found, name, "offline")
        row["rounds"] = [{"round": n, "median_s": 0.01 * n} for n in (1, 2)]
    row.update(ratio=0.75, ratio_ci95=None, verdict="range only")
    row["rounds"][0]["median_s"] = 0.005
    assert row_of(tables.latency(found), "ONNX Runtime")[2] == "0.75 (0.50 to 1.00) range only"
    row["rounds"].pop()
    once = row_of(tables.latency(found), "ONNX Runtime")[1:3]
    assert once == ["11.5 ms measured once", "0.50 range only"]


def test_the_factor_falls_from_the_table_to_the_same_array(found):
    rows = cells(tables.factor(found))[1:]
    assert [rows[number][1] for number in (0, 1, -1)] == [
        "115",
        "32.4 (29.3 to 34.5)",
        "1.19 (1.17 to 1.24)",
    ]
    factors = [float(row[1].partition(" ")[0]) for row in rows]
    assert factors == sorted(factors, reverse=True)


def test_challenges_have_a_column_for_each_set_of_versions(found):
    assert cells(tables.challenges(found))[0] == ["tried", "today's versions"]
    assert row_of(tables.challenges(found), "layout (10, 28, 28)")[1] == "refused: invalid rank"
    found["challenges"].append({**found["challenges"][1], "stack": "2025", "worked": False})
    rows = cells(tables.challenges(found))
    assert rows[0][2] == "the versions of 2025"
    assert rows[2][2].startswith("failed: ")
    assert rows[1][2] == "not measured"
    assert "ONNXRuntimeError" not in tables.challenges(found)


def test_the_head_names_each_commit_once(found):
    assert tables.head(found).count("f6e221a") == 1
    found["run"]["git_commits"] = dict.fromkeys(found["run"]["git_commits"], "f" * 40)
    assert "commit fffffff ·" in tables.head(found)
    found["run"]["git_commits"]["01"] = None
    assert "commit none, fffffff ·" in tables.head(found)


def test_what_a_cell_holds_is_text(found):
    assert "“&lt;b&gt; &amp; 115”" in tables.claims(found)
    assert '<span class="verdict refuted">refuted</span>' in tables.claims(found)


def test_results_that_lack_something_say_not_measured(found):
    found["latency"] = [row for row in found["latency"] if row["runtime"] != "litert"]
    found["start_up"], found["timers_2025"], found["challenges"] = [], [], []
    found["exports"][0] |= {
        "bytes": None,
        "test_accuracy": None,
        "changed": None,
        "gate": "no file",
    }
    assert row_of(tables.summary(found), "TFLite (LiteRT)")[2:4] == 2 * ["not measured"]
    assert row_of(tables.latency(found), "TFLite (LiteRT)")[1:] == 6 * ["not measured"]
    assert row_of(tables.factor(found), "the usual timers, rebuilt here")[1] == "not measured"
    assert cells(tables.exports(found))[1][4:] == 3 * ["not measured"] + ["–"]
    assert tables.challenges(found).endswith("</table></div>")
    assert "mlp-tensorflow-tflite-float32 was refused: no file</p>" in tables.exports(found)
    failed = {"file": None, "runtime": "tensorflow", "what": "failed", "reason": "a crash"}
    found["failures"] = [failed]
    assert cells(tables.failures(found))[1] == ["–", "TensorFlow", "a crash"]


def test_a_runtime_that_a_student_adds_has_its_row(found):
    own = results.main_row(found, "pytorch", "offline")
    found["latency"].append({**own, "runtime": "mine", "verdict": "no clear difference"})
    assert row_of(tables.latency(found), "mine")[1] == row_of(tables.latency(found), "PyTorch")[1]
