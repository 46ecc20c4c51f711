import made_up
import pytest
from made_up import cells

from helpers.benchmark.statistics import Ratio
from helpers.core.results import timed
from helpers.findings import report_2025, time_sentences
from helpers.report import tables


@pytest.fixture
def results():
    return made_up.with_claims()


def test_the_noise_floor_is_printed(results):
    rows = cells(tables.noise(results["noise_floor"]))[1:]
    assert rows == [
        [title, scenario, "2", "1.01 (0.98–1.04), tied", "1.04 times", "12 of 12"]
        for scenario in ("offline", "single-stream")
        for title in ("PyTorch", "ONNX Runtime")
    ]
    words = time_sentences.noise_floor(results)
    assert (
        "On the whole test set PyTorch's two times have a ratio of 1.01 (0.98 to 1.04) and ONNX "
        "Runtime's two times have a ratio of 1.01 (0.98 to 1.04). There a factor below 1.04 is no "
        "finding."
    ) in words
    assert "with care" not in words
    results["noise_floor"][0]["ratio_ci95"] = [1.005, 1.04]
    assert (
        "The interval of PyTorch does not contain 1: read the ratios with care."
        in time_sentences.noise_floor(results)
    )


def test_the_factor_is_taken_apart_step_by_step(results):
    steps = dict(report_2025.steps(results))
    assert list(steps.values()) == pytest.approx([5.19 / 0.045, 100, 10, 2])
    assert steps["without other"] == pytest.approx(10)
    rows = cells(tables.factor(results))
    assert rows[1] == ["as the 2025 report gives it, on its machine", "115 times"]
    assert time_sentences.headline(results) == (
        "90% of PyTorch's time behind the factor of 115 is not inference: the timers of 2025 "
        "differ by 100 times here, without what stood beside PyTorch's forward pass by 10 times, "
        "and on the same array ONNX Runtime is 2.0 times as fast as PyTorch (1.84 to 2.06)."
    )


def test_the_fastest_is_named_with_what_is_not_told_apart_from_it(results):
    first = "ONNX Runtime, no spinning is fastest on the whole test set"
    assert time_sentences.fastest(results).startswith(f"{first}, ")
    slow(timed(results, "onnxruntime", "offline"), 0.93)  # 9.3 ms beside 9 ms
    words = time_sentences.fastest(results)
    assert words.startswith(f"{first} (not told apart from ONNX Runtime), ")


def slow(row, factor):
    """Make a row's times longer by a factor."""
    row["median_s"] *= factor
    row["process_medians_s"] = [factor * seconds for seconds in row["process_medians_s"]]


def test_only_what_changes_places_beyond_the_noise_makes_an_order_depend(results):
    same = "No two runtimes change places between the whole test set and a single image."
    assert time_sentences.order(results) == same
    slow(timed(results, "torch-compile", "single_stream"), 0.9)  # by a hair before PyTorch
    assert time_sentences.order(results) == same
    slow(timed(results, "numpy", "single_stream"), 4)
    words = time_sentences.order(results)
    assert words.startswith("The order depends on the batch size: NumPy (BLAS) is faster than ")
    assert words.endswith(" on the whole test set and slower on a single image.")


def test_threads_and_flags_are_counted(results):
    assert time_sentences.threads(results) == (
        "With 2 threads PyTorch is 2.00 times as fast as with one thread (2.00 to 2.00) on the "
        "whole test set and 2.00 times as fast as with one thread (2.00 to 2.00) on a single image."
    )
    assert time_sentences.flags(results) == "Flags among 40 rows: iqr > 10 %: 5."


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ((0.5, [0.4, 0.6]), "2.0 times as fast as it (1.67 to 2.50)"),
        ((2.0, [1.9, 2.1]), "2.0 times as slow as it (1.90 to 2.10)"),
        ((1.02, [0.9, 1.1]), "tied with it (0.90 to 1.10)"),
        ((1.02, [1.01, 1.03], None, 12, 1.05), "within the noise of it (1.01 to 1.03)"),
        ((1.002, [1.001, 1.003]), "hardly slower than it (1.00 to 1.00)"),
        ((0.998, [0.997, 0.999]), "hardly faster than it (1.00 to 1.00)"),
        ((0.5, None, [0.4, 0.6], 3), "2.0 times as fast as it (1.67 to 2.50 over 3 processes)"),
        ((1.1, None, [0.9, 1.2], 3), "not told apart from it (0.90 to 1.20 over 3 processes)"),
        ((29.4, [24, 36]), "29 times as slow as it (24.0 to 36.0)"),
        ((0.5, None, [0.5, 0.5], 1), "2 times as fast as it (1 process)"),
        ((0.5, None, None, 0), "2 times as fast as it"),
    ],
)
def test_words_follow_the_ratio_and_how_sure_it_is(found, words):
    value, ci95, *rest = found
    range_, rounds, smallest = (*rest, *(ci95, 12, None)[len(rest) :])
    assert time_sentences.faster(Ratio(value, ci95, range_, rounds, smallest), "it") == words


def test_the_cross_table_tells_frameworks_from_runtimes(results):
    other = {"framework": "tensorflow", "model": "mlp-tensorflow-onnx-float32", "main": False}
    row = timed(results, "onnxruntime", "offline")
    results["latency"].append({**row, **other})
    slow(results["latency"][-1], 1.1)
    head, *rows = cells(tables.cross(results))
    offline = dict(zip(head, rows[0], strict=True))
    assert (offline["Scenario"], offline["Weights from"]) == ("offline", "TensorFlow")
    assert (offline["ONNX Runtime"], offline["TFLite (LiteRT)"]) == ("11 ms", "25 ms")
    assert time_sentences.cross_sentence(results) == (
        "With the mlp offline, other weights change a runtime's time by a factor of at most 1.10 "
        "(1.10 to 1.10), another runtime by a factor of at most 2.73 (2.54 to 2.83)."
    )
    assert timed(results, "onnxruntime", "offline") == row  # the main comparison has its own file
