import made_up
import pytest
from bs4 import BeautifulSoup
from made_up import cells

from helpers.findings import claims, factor, time_sentences
from helpers.report import tables


@pytest.fixture
def results():
    return made_up.with_claims()


def test_the_results_table_has_a_row_for_each_runtime(results):
    head, *rows = cells(tables.overview(results))
    assert [row[0] for row in rows] == [
        "Keras predict",
        "TensorFlow tf.function",
        "PyTorch",
        "PyTorch torch.compile",
        "TFLite (LiteRT)",
        "ONNX Runtime",
        "ONNX Runtime (no spinning)",
        "NumPy (BLAS)",
    ]
    onnx = dict(zip(head, rows[5], strict=True))
    assert onnx["Test accuracy"] == "97.00% lab recipe, 96.65–97.32%"
    assert onnx["10,000 images"] == "10 ms 12 of 12 quiet"
    assert onnx["1 image"] == "1 µs 12 of 12 quiet"
    place = head.index("10,000 images")
    assert head[place + 1] == "times PyTorch's"
    assert rows[5][place + 1] == "0.50 (0.49–0.54)"
    assert {row[0]: row[-1] for row in rows}["TFLite (LiteRT)"] == "iqr > 10 %"


def test_few_processes_have_a_range_and_are_neither_tied_nor_within_95_percent(results):
    rows = made_up.few(results)["latency"]
    text = " ".join(map(" ".join, cells(tables.latency(rows)) + cells(tables.overview(results))))
    assert "0.50 (0.49–0.54 over 3 processes)" in text
    assert "10.1 ms–10.3 ms (3 processes)" in text
    assert "tied" not in text
    words = time_sentences.unit(rows, "pytorch")
    assert "It takes 6 processes to give an interval" in words
    assert "tied" not in words
    assert "95 %" not in words
    assert time_sentences.comparison(results, "offline").endswith("over 3 processes).")
    text = " ".join(map(" ".join, cells(tables.latency(made_up.few(results, 1)["latency"]))))
    assert "0.50 (1 process)" in text


def test_every_time_stands_in_its_table(results):
    offline = [row for row in results["latency"] if row["scenario"] == "offline"]
    head, *rows = cells(
        tables.table(sorted(offline, key=lambda row: row["median_s"]), tables.LATENCY)
    )
    assert len(rows) == 16
    slowest = dict(zip(head, rows[-1], strict=True))
    assert (slowest["Runtime"], slowest["Threads"]) == ("Keras predict", "1")
    assert (slowest["Median"], slowest["p90"], slowest["p99"]) == ("800 ms", "960 ms", "–")
    flags = {row[0]: row[-1] for row in rows}
    assert flags["TFLite (LiteRT)"] == "iqr > 10 %"
    assert flags["PyTorch"] == "–"


def test_what_failed_is_shown_with_its_reason(results):
    assert "Every process that was planned" in tables.failures(results["failures"])
    results["failures"] = [
        {"runtime": "litert", "threads": 2, "what": "failed", "reason": "was stopped after 1 s"}
        | {"attempts": 3, "processes_measured": 0}
    ]
    results["failures"] += [
        {"runtime": "openvino", "threads": None, "what": "left out", "reason": "not installed"}
        | {"attempts": 0, "processes_measured": 0}
    ]
    rows = cells(tables.failures(results["failures"]))[1:]
    assert rows == [
        ["TFLite (LiteRT)", "2", "failed: was stopped after 1 s", "3", "0"],
        ["OpenVINO", "–", "left out: not installed", "0", "0"],
    ]


def test_below_the_table_of_exports_stands_what_reads_a_file(results):
    results["exports"][0]["needs"]["versions"] = {"FULLY_CONNECTED": 12, "RESHAPE": 1}
    html = tables.exports(results["exports"], results["models"], "scaled")
    folded = BeautifulSoup(html, "html.parser").details
    assert folded.summary.get_text() == "What reads them"
    head, *rows = cells(str(folded.table))
    assert head == ["Export", "Needs"]
    assert [row[1] for row in rows] == [
        "TFLite 1.11.0 (FULLY_CONNECTED 12, RESHAPE 1)",
        "ONNX Runtime 1.14 (opset 18, IR 8)",
    ]


def test_stages_are_shown_with_the_spread_of_their_total_and_without_a_sum(results):
    head, *rows = cells(tables.stages(results))
    row = dict(zip(head, rows[1], strict=True))
    assert row["Timer"] == "PyTorch, 2025"
    assert row["Stages"] == "forward pass 100 ms; other 900 ms"
    assert (row["Total"], row["Least and most"], row["Processes"]) == ("1 s", "980 ms–1.02 s", "5")
    assert row["Not inference"] == "90%"
    assert not any("sum" in heading.lower() for heading in head)


def test_a_fair_time_is_the_same_wherever_it_stands(results):
    """The fair timer's own clock said 21 ms here, the main comparison 20 ms."""
    stages = cells(tables.stages(results))[-1]
    assert stages[:2] == ["PyTorch, fair", "20 ms"]
    assert "forward pass 19 ms; other 952 µs" in stages
    head, *rows = cells(tables.table_2025(results))
    assert rows[1][head.index("Same array, here")] == "20 ms"
    last = cells(tables.factor(results))[-1][1]
    assert last == "2.0 (1.8 to 2.1)"
    assert f"PyTorch takes {last} times as long as ONNX Runtime" in factor.headline(results)


def test_the_best_batch_size_stands_beside_all_in_one_call(results):
    for row in results["latency"]:
        if row["runtime"] == "pytorch" and row["batch_size"] == 128:
            row["images_per_s"] = 2 * 500_000
    rows = {row[1]: row for row in cells(tables.best_batch(results["latency"]))}
    assert rows["PyTorch"] == ["mlp", "PyTorch", "128", "1,000,000", "500,000", "2.00"]


def test_the_2025_table_sets_both_protocols_side_by_side(results):
    head, *rows = cells(tables.table_2025(results))
    pytorch = dict(zip(head, rows[1], strict=True))
    assert pytorch["Time 2025"] == "5.19 s"
    assert pytorch["Reconstructed timer, here"] == "1 s (980 ms–1.02 s)"
    assert pytorch["of it forward pass"] == "10%"
    assert pytorch["Same array, here"] == "20 ms"


def test_beside_the_accuracy_of_2025_stands_the_lab_recipes_in_every_profile(results):
    # What is timed is the best by validation accuracy: the strong recipe's network.
    strong = [
        {**row, "recipe": "strong", "test_accuracy": 0.9906, "validation_accuracy": 0.99}
        for row in results["seeds"]
    ]
    again = [{**row, "seed": 2, "test_accuracy": 0.98} for row in results["seeds"]]
    results["seeds"] += strong + again
    for row in results["models"]:
        row |= {"recipe": "strong", "test_accuracy": 0.9906}
    for row in results["latency"]:
        row["test_accuracy"] = 0.9906
    head, *rows = cells(tables.table_2025(results))
    accuracy = head.index("Accuracy here, mlp by the lab recipe")
    # (97.14 + 98.00) / 2 and twice (97.39 + 98.00) / 2
    assert [row[accuracy] for row in rows] == ["97.57%", "97.69%", "97.69%"]
    head, *rows = cells(tables.overview(results))
    found = {row[head.index("Test accuracy")].split(",")[0] for row in rows}
    assert found == {"99.06% strong recipe"}


def test_the_text_of_a_cell_is_escaped():
    shown = {"reason": tables.Column("Why <so>")}
    html = tables.table([{"reason": "<img src=x onerror=alert(1)>"}], shown)
    assert cells(html) == [["Why <so>"], ["<img src=x onerror=alert(1)>"]]
    assert "<img" not in html


def test_a_verdict_wears_its_own_colour():
    worn = {
        "confirmed": ("confirmed", "reached", "met"),
        "refuted": ("refuted", "missed", "not met"),
        "no-longer-true": ("no longer true",),
        "not-testable": ("not testable",),
    }
    for colour, words in worn.items():
        for verdict in words:
            html = tables.COLUMNS["verdict"].cell("verdict", {"verdict": verdict})
            badge = BeautifulSoup(html, "html.parser").span
            assert (badge["class"], badge.get_text()) == (["verdict", colour], verdict)


def test_the_verdicts_stand_in_their_table(results):
    rows = cells(tables.checks(results["claims"], "claim"))
    assert len(rows) == 1 + len(claims.CLAIMS)
    words = "“TFLite export required a workaround for input signature specification.”"
    assert [words, "section 4.1", "no longer true"] in [row[:3] for row in rows]


def test_recalls_have_a_row_for_each_class_and_a_column_for_each_model():
    recalls = [
        {"model": model, "label": label, "images": 980, "recall": 0.98, "ci95": [0.97, 0.99]}
        for model in ("mlp-tensorflow", "mlp-pytorch")
        for label in range(10)
    ]
    head, first, *rest = cells(tables.recalls(recalls, made_up.DIGITS))
    assert head == ["Class", "Images", "mlp-tensorflow", "mlp-pytorch"]
    assert first == ["0", "980", "98.0% (97.0–99.0)", "98.0% (97.0–99.0)"]
    assert len(rest) == 9


def test_an_interval_that_excludes_zero_reads_so():
    shown = tables.COLUMNS["difference_ci95"].show
    assert shown([-2e-6, 5e-4]) == "-0.0002 to +0.05"
    assert shown([2e-6, 5e-4]) == "+0.0002 to +0.05"
    assert shown([0, 5e-4]) == "0.00 to +0.05"
