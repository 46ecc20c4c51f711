import made_up
import pytest
from bs4 import BeautifulSoup

from helpers import claims, report, sentences
from helpers.plots import duration
from helpers.results import one


@pytest.fixture
def results():
    made = made_up.results()
    return {**made, "claims": claims.decide_all(made)}


def cells(html):
    soup = BeautifulSoup(html, "html.parser")
    return [[cell.get_text() for cell in row(["th", "td"])] for row in soup("tr")]


def test_the_title_block_leaves_out_what_is_not_filled_in():
    lab = {"title": "Lab <3>", "author": "A. Author", "course": "", "instructor": None}
    soup = BeautifulSoup(report.title_block(lab, "2026-01-02T03:04:05Z"), "html.parser")
    assert soup.h1.get_text() == "Lab <3>"
    found = dict(
        zip([x.get_text() for x in soup("dt")], [x.get_text() for x in soup("dd")], strict=True)
    )
    assert found == {"Author": "A. Author", "Date": "2026-01-02"}


def test_a_date_of_ones_own_wins():
    html = report.title_block({"date": "June 13, 2025"}, "2026-01-02T03:04:05Z")
    assert "June 13, 2025" in html
    assert "2026" not in html


def test_the_committed_header_is_that_of_2025():
    assert report.lab() == {
        "title": "Lab03: TensorFlow and PyTorch",
        "author": "Adham Ali Mohamed Abdelfattah",
        "student_id": 22404698,
        "course": "Advanced Programming",
        "instructor": "Prof. Tobias Schaffer",
    }


def test_the_results_table_has_a_row_for_each_runtime(results):
    head, *rows = cells(report.results_table(results))
    assert [row[0] for row in rows] == [
        "Keras predict",
        "TensorFlow tf.function",
        "PyTorch",
        "TFLite (LiteRT)",
        "ONNX Runtime",
    ]
    onnx = dict(zip(head, rows[-1], strict=True))
    assert onnx["Test accuracy"] == "97.00%"
    assert onnx["10,000 images"] == "10 ms"
    assert onnx["1 image"] == "1 µs"
    assert onnx["Offline, in PyTorch's time"] == "0.50"


def test_the_2025_table_sets_both_protocols_side_by_side(results):
    head, *rows = cells(report.table_2025(results))
    pytorch = dict(zip(head, rows[1], strict=True))
    assert pytorch["Time 2025"] == "5.19 s"
    assert pytorch["2025 protocol here"] == "1 s"
    assert pytorch["of it forward pass"] == "10%"
    assert pytorch["Fair protocol here"] == "20 ms"


def test_the_verdicts_stand_in_their_table(results):
    rows = cells(report.claims_table(results))
    assert len(rows) == 1 + len(claims.CLAIMS)
    assert ["TFLite export needs a work-around.", "refuted"] in [row[:2] for row in rows]


@pytest.mark.parametrize(
    ("ratio", "low", "high", "words"),
    [
        (0.5, 0.4, 0.6, "2 times as fast as"),
        (2.0, 1.9, 2.1, "2 times as slow as"),
        (1.01, 0.9, 1.1, "tied with"),
    ],
)
def test_words_follow_the_ratio(ratio, low, high, words):
    assert sentences.faster(ratio, low, high) == words


def test_a_sentence_says_the_opposite_when_the_sign_changes(results):
    assert "PyTorch is 0.25 points more accurate" in sentences.findings(results)
    for row, accuracy in zip(results["models"], (0.98, 0.97), strict=True):
        row["test_accuracy"] = accuracy
    assert "PyTorch is 1.00 points less accurate" in sentences.findings(results)
    results["models"][1]["test_accuracy"] = 0.98
    assert "PyTorch is as accurate as TensorFlow" in sentences.findings(results)


def test_a_failed_gate_is_told(results):
    assert "All 2 exports give the class" in sentences.gates(results)
    results["exports"][0]["gate"] = "logits are not finite"
    assert "mlp-tensorflow-tflite-float32: logits are not finite" in sentences.gates(results)


def test_the_sample_is_told(results):
    assert "the full MNIST" not in sentences.dataset(results)
    results["run"]["dataset"] |= {"name": "sample", "train": 4_000, "test": 1_000}
    assert "4,000 training and 1,000 test images, not the full MNIST" in sentences.dataset(results)
    assert "a sample of MNIST: 4,000 training" in report.run_card(results)


def test_one_row_is_one_row(results):
    with pytest.raises(ValueError, match="^5 rows with"):
        one(results["latency"], scenario="offline")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(5.19, "5.19 s"), (0.0125, "12.5 ms"), (5.05e-6, "5.05 µs"), (2e-9, "2 ns"), (115, "115 s")],
)
def test_durations_have_three_digits_and_a_unit(seconds, text):
    assert duration(seconds) == text
