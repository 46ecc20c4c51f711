import made_up
import pytest
from bs4 import BeautifulSoup

from helpers.core.results import one, timed
from helpers.core.units import duration, ratio
from helpers.findings import claims, report_2025, sentences
from helpers.report import cover, tables


@pytest.fixture
def results():
    made = made_up.results()
    return {**made, "claims": claims.decide_all(made)}


def cells(html):
    soup = BeautifulSoup(html, "html.parser")
    return [[cell.get_text() for cell in row(["th", "td"])] for row in soup("tr")]


def test_the_title_block_leaves_out_what_is_not_filled_in():
    lab = {"title": "Lab <3>", "author": "A. Author", "course": "", "instructor": None}
    soup = BeautifulSoup(cover.title_block(lab, "2026-01-02T03:04:05Z"), "html.parser")
    assert soup.h1.get_text() == "Lab <3>"
    found = dict(
        zip([x.get_text() for x in soup("dt")], [x.get_text() for x in soup("dd")], strict=True)
    )
    assert found == {"Author": "A. Author", "Date": "2026-01-02"}


def test_a_date_of_ones_own_wins():
    html = cover.title_block({"date": "June 13, 2025"}, "2026-01-02T03:04:05Z")
    assert "June 13, 2025" in html
    assert "2026" not in html


def test_the_committed_header_is_that_of_2025():
    assert cover.lab() == {
        "title": "Lab03: TensorFlow and PyTorch",
        "author": "Adham Ali Mohamed Abdelfattah",
        "student_id": 22404698,
        "course": "Advanced Programming",
        "instructor": "Prof. Tobias Schaffer",
    }


def test_the_results_table_has_a_row_for_each_runtime(results):
    head, *rows = cells(tables.results_table(results))
    assert [row[0] for row in rows] == [
        "Keras predict",
        "TensorFlow tf.function",
        "PyTorch",
        "PyTorch torch.compile",
        "TFLite (LiteRT)",
        "ONNX Runtime",
        "ONNX Runtime, no spinning",
        "NumPy (BLAS)",
    ]
    onnx = dict(zip(head, rows[5], strict=True))
    assert onnx["Test accuracy"] == "97.00%"
    assert onnx["10,000 images"] == "10 ms"
    assert onnx["1 image"] == "1 µs"
    assert onnx["in PyTorch's time"] == "0.50 (0.48–0.53)"


def test_every_time_stands_in_its_table(results):
    offline = [row for row in results["latency"] if row["scenario"] == "offline"]
    head, *rows = cells(tables.latency_table(offline))
    assert len(rows) == 16
    slowest = dict(zip(head, rows[-1], strict=True))
    assert (slowest["Runtime"], slowest["Threads"]) == ("Keras predict", "1")
    assert (slowest["Median"], slowest["p90"], slowest["p99"]) == ("800 ms", "960 ms", "–")
    flags = {row[0]: row[-1] for row in rows}
    assert flags["TFLite (LiteRT)"] == "iqr > 10 %"
    assert flags["PyTorch"] == "–"


def test_the_noise_floor_is_printed(results):
    rows = cells(tables.noise_table(results))[1:]
    assert rows == [
        ["offline", "2", "1.01 (0.98–1.04), tied", "3"],
        ["single-stream", "2", "1.01 (0.98–1.04), tied", "3"],
    ]
    assert "offline 1.010 (0.980 to 1.040, which contains 1)" in sentences.noise_floor(results)
    results["noise_floor"][0]["ratio_ci95"] = [1.005, 1.04]
    assert "does not contain 1: read ratios with care" in sentences.noise_floor(results)


def test_what_failed_is_shown_with_its_reason(results):
    assert "Every process that was planned" in tables.failures_table(results)
    results["failures"] = [
        {"runtime": "litert", "threads": 2, "what": "failed", "reason": "was stopped after 1 s"}
        | {"attempts": 3, "processes_measured": 0}
    ]
    rows = cells(tables.failures_table(results))[1:]
    assert rows == [["litert", "2", "failed: was stopped after 1 s", "3", "0"]]


def test_the_report_goes_on_without_a_runtime_that_failed(results):
    results["latency"] = [row for row in results["latency"] if row["runtime"] != "onnxruntime"]
    assert len(cells(tables.results_table(results))) == 1 + 7
    missing = "on the same array (not measured in this run: no row with runtime onnxruntime"
    assert missing in sentences.headline(results)
    assert missing in sentences.findings(results)
    assert len(cells(tables.table_2025(results))) == 1 + 2


def test_the_factor_is_taken_apart_step_by_step(results):
    steps = dict(report_2025.steps(results))
    assert list(steps.values()) == pytest.approx([5.19 / 0.045, 100, 10, 2])
    assert steps["without other"] == pytest.approx(10)
    rows = cells(tables.factor_table(results))
    assert rows[1] == ["as the 2025 report gives it, on its machine", "115 times"]
    assert sentences.headline(results) == (
        "90% of PyTorch's time behind the factor of 115 is not inference: the timers of 2025 "
        "differ by 100 times here, without what stood beside PyTorch's forward pass by 10 times, "
        "and on the same array ONNX Runtime is 2 times as fast as PyTorch."
    )


def test_stages_are_shown_with_their_sum(results):
    head, *rows = cells(tables.stages_table(results["protocols"]))
    row = dict(zip(head, rows[1], strict=True))
    assert row["Timer"] == "PyTorch, 2025"
    assert row["Stages"] == "forward pass 100 ms; other 900 ms"
    assert (row["Sum of the stages"], row["Not inference"]) == ("100.0%", "90%")
    assert rows[3][0] == "PyTorch, fair"


def test_the_fastest_is_named_with_what_meets_its_interval(results):
    words = sentences.fastest(results)
    assert words.startswith(
        "ONNX Runtime, no spinning is fastest on the whole test set (its interval meets that of "
        "ONNX Runtime), "
    )
    timed(results, "onnxruntime", "offline")["ci95_s"] = [0.0105, 0.011]
    assert sentences.fastest(results).startswith(
        "ONNX Runtime, no spinning is fastest on the whole test set, "
    )


def test_threads_and_flags_are_counted(results):
    assert sentences.threads(results) == (
        "With 2 threads instead of one PyTorch is 2 times as fast on the whole test set and "
        "2 times on a single image."
    )
    assert sentences.flags(results) == "Of 40 rows, these carry a flag: iqr > 10 %: 5."


def test_the_2025_table_sets_both_protocols_side_by_side(results):
    head, *rows = cells(tables.table_2025(results))
    pytorch = dict(zip(head, rows[1], strict=True))
    assert pytorch["Time 2025"] == "5.19 s"
    assert pytorch["2025 protocol here"] == "1 s"
    assert pytorch["of it forward pass"] == "10%"
    assert pytorch["Fair protocol here"] == "20 ms"


def test_the_verdicts_stand_in_their_table(results):
    rows = cells(tables.claims_table(results))
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
    for row, accuracy in zip(results["seeds"], (0.98, 0.97), strict=True):
        row["test_accuracy"] = accuracy
    assert "PyTorch is 1.00 points less accurate" in sentences.findings(results)
    results["seeds"][1]["test_accuracy"] = 0.98
    assert "PyTorch is exactly as accurate as TensorFlow" in sentences.findings(results)


def test_paired_seeds_say_whether_the_frameworks_differ(results):
    words = sentences.seed_difference(results["seeds"])
    assert words.endswith("from one seed each, which says nothing about the frameworks")
    first, second = results["seeds"]
    results["seeds"] = [
        {**row, "seed": seed, "test_accuracy": 0.97 + gain}
        for seed, points in enumerate((0.1, 0.2, 0.3))
        for row, gain in ((first, 0), (second, points / 100))
    ]
    # The t interval of 0.1, 0.2, 0.3 is 0.2 -+ 4.303 x 0.1 / sqrt(3).
    assert sentences.seed_difference(results["seeds"]) == (
        "PyTorch is 0.20 points more accurate than TensorFlow over 3 paired seeds (95 % interval "
        "-0.05 to +0.45), which shows no difference between the frameworks"
    )
    head, row = cells(tables.pairs_table(results))
    found = dict(zip(head, row, strict=True))
    assert (found["Pairs"], found["Standard deviation"]) == ("3", "0.10 points")
    head, *rows = cells(tables.seeds_table(results))
    assert [row[4] for row in rows] == ["97.00%", "97.20%"]


def test_the_cross_table_tells_frameworks_from_runtimes(results):
    other = {"framework": "tensorflow", "model": "mlp-tensorflow-onnx-float32", "main": False}
    row = timed(results, "onnxruntime", "offline")
    results["latency"].append({**row, **other, "median_s": row["median_s"] * 1.1})
    head, *rows = cells(tables.cross_table(results))
    offline = dict(zip(head, rows[0], strict=True))
    assert (offline["Scenario"], offline["Weights from"]) == ("offline", "TensorFlow")
    assert (offline["ONNX Runtime"], offline["TFLite (LiteRT)"]) == ("11 ms", "25 ms")
    assert sentences.cross_sentence(results) == (
        "With the mlp offline, other weights change a runtime's time by a factor of at most 1.10, "
        "another runtime by up to 2.86."
    )
    assert timed(results, "onnxruntime", "offline") == row  # the main comparison has its own file


def test_a_failed_gate_is_told(results):
    exports = results["exports"]
    assert sentences.gates(exports) == (
        "All 2 exports passed the gate; 2 of the 2 in float32 give every test image its source's "
        "class."
    )
    exports[0] |= {"precision": "int8", "agreement": 0.998}
    assert sentences.gates(exports).endswith(
        "of the smaller ones mlp-tensorflow-tflite-float32 differs most, in 0.20%."
    )
    exports[0]["gate"] = "logits are not finite"
    assert "mlp-tensorflow-tflite-float32: logits are not finite" in sentences.gates(exports)


def test_the_sample_is_told(results):
    assert "the full MNIST" not in sentences.dataset(results)
    results["run"]["dataset"] |= {"name": "sample", "train": 4_000, "test": 1_000}
    assert "4,000 training and 1,000 test images, not the full MNIST" in sentences.dataset(results)
    assert "a sample of MNIST: 4,000 training" in cover.run_card(results)


def test_one_row_is_one_row(results):
    with pytest.raises(ValueError, match="^16 rows with"):
        one(results["latency"], scenario="offline")


@pytest.mark.parametrize(
    ("value", "text"), [(0.618, "0.62"), (9.5, "9.50"), (14.1, "14.1"), (1447.4, "1,450")]
)
def test_ratios_have_no_digits_they_do_not_earn(value, text):
    assert ratio(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(5.19, "5.19 s"), (0.0125, "12.5 ms"), (5.05e-6, "5.05 µs"), (2e-9, "2 ns"), (115, "115 s")],
)
def test_durations_have_three_digits_and_a_unit(seconds, text):
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        (claims.CONFIRMED, "survives"),
        (claims.EXPLAINED, "does not survive"),
        (claims.REFUTED, "does not survive"),
        (claims.NOT_TESTABLE, "cannot be tested here"),
    ],
)
def test_whether_a_claim_survives(verdict, words):
    claim = {"claim": "A beats B.", "verdict": verdict, "evidence": "0 to 1."}
    assert sentences.survives(claim) == f'The 2025 claim "A beats B" {words}: 0 to 1.'
