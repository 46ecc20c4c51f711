"""The tables of the report on the fixture, and on results that lack something."""

from bs4 import BeautifulSoup

from helpers.core import results
from helpers.report import tables


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


def test_the_other_tables_have_these_values(found):
    assert row_of(tables.accuracy(found), "mlp, lab") == [
        *("mlp, lab", "97.87 % 97.81 to 97.93 %, 10 seeds", "97.82 % 97.78 to 97.85 %, 10 seeds"),
        *("-0.05 -0.12 to +0.02", "no clear difference"),
    ]
    exports = cells(tables.exports(found))
    sources = [" ".join(row[:2]) for row in exports[1:]]
    assert sources[:10] == 5 * ["mlp TensorFlow"] + 5 * ["cnn TensorFlow"]
    assert sources[10:] == 4 * ["mlp PyTorch"] + 4 * ["cnn PyTorch"]
    assert exports[1][:5] == ["mlp", "TensorFlow", "TFLite", "float32", "410,333"]
    assert row_of(tables.exports(found), "mlp", "PyTorch", "ONNX", "float32")[7] == "11.5 ms"
    row = row_of(tables.latency(found), "ONNX Runtime")
    assert row[1:3] == ["11.5 ms 11.2 to 11.8 ms", "0.84 (0.81 to 0.86) faster"]
    assert row_of(tables.latency(found), "PyTorch")[2] == "1.00"


def test_the_factor_falls_from_the_table_to_the_same_array(found):
    said = [row[1] for row in cells(tables.factor(found))[1:]]
    assert said[:2] == ["115", "32.4 (29.3 to 34.5)"]
    assert said[-1] == "1.19 (1.17 to 1.24)"
    factors = [float(each.partition(" ")[0]) for each in said]
    assert factors == sorted(factors, reverse=True)


def test_challenges_have_a_column_for_each_set_of_versions(found):
    assert cells(tables.challenges(found))[0] == ["tried", "today's versions"]
    assert row_of(tables.challenges(found), "layout (10,28,28)")[1] == "refused: invalid rank"
    found["challenges"].append({**found["challenges"][1], "stack": "2025", "worked": False})
    rows = cells(tables.challenges(found))
    assert rows[0][2] == "the versions of 2025"
    assert rows[1][2] == "not measured"
    assert rows[2][2].startswith("failed: ")


def test_the_head_names_each_commit_once(found):
    assert tables.head(found).count("f6e221a") == 1
    found["run"]["git_commits"] = dict.fromkeys(found["run"]["git_commits"], "f" * 40)
    found["run"]["git_commits"]["01"] = None
    assert "commit none, fffffff ·" in tables.head(found)


def test_what_a_cell_holds_is_text(found):
    claim = {"claim": "“<b> & 115”", "source": "3", "verdict": "refuted", "evidence": "1.19"}
    found["claims"] = [claim]
    assert "“&lt;b&gt; &amp; 115”" in tables.claims(found)
    assert '<span class="verdict refuted">refuted</span>' in tables.claims(found)


def test_results_that_lack_something_say_so(found):
    found["latency"] = [row for row in found["latency"] if row["runtime"] != "litert"]
    found["start_up"], found["timers_2025"] = [], []
    nothing = dict.fromkeys(("bytes", "test_accuracy", "changed"))
    found["exports"][0] |= {**nothing, "gate": "no file"}
    assert row_of(tables.summary(found), "TFLite (LiteRT)")[2:4] == 2 * ["not measured"]
    assert row_of(tables.latency(found), "TFLite (LiteRT)")[1:] == 6 * ["not measured"]
    assert row_of(tables.factor(found), "the usual timers, rebuilt here")[1] == "not measured"
    assert cells(tables.exports(found))[1][4:] == 3 * ["not measured"] + ["–"]
    assert "mlp-tensorflow-tflite-float32 was refused: no file</p>" in tables.exports(found)
    failed = {"file": None, "runtime": "tensorflow", "what": "failed", "reason": "a crash"}
    assert tables.failures({**found, "failures": []}) == ""
    assert cells(tables.failures({**found, "failures": [failed]}))[1:] == [
        ["–", "TensorFlow", "a crash"]
    ]


def test_a_runtime_that_a_student_adds_has_its_row(found):
    own = results.main_row(found, "pytorch", "offline")
    found["latency"].append({**own, "runtime": "mine", "verdict": "no clear difference"})
    assert row_of(tables.latency(found), "mine")[1] == row_of(tables.latency(found), "PyTorch")[1]
