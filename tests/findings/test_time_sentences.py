import time

import made_up
import pytest
from made_up import cells

from helpers.benchmark import timers_2025
from helpers.benchmark.statistics import Ratio
from helpers.core.old_results import timed
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
    words, factors, bounds = zip(*report_2025.steps(results), strict=True)
    assert factors == pytest.approx([5.19 / 0.045, 100, 10, 2])
    assert words[2] == "without other"
    assert bounds == (
        None,
        pytest.approx((98 / 1.02, 102 / 0.98)),
        None,
        pytest.approx((2.00, 2.04), abs=0.01),
    )
    rows = cells(tables.factor(results))
    assert rows[1] == ["as the 2025 report gives it, on its machine", "115"]
    assert [row[1] for row in rows[2::2]] == ["100 (96 to 104)", "2.00 (2.00 to 2.04)"]
    assert float(rows[3][1]) == 10


def test_the_factor_without_everything_beside_inference_is_that_of_the_forward_pass(results):
    """However much of PyTorch's time no stage's clock held."""
    stages = timers_2025.Stages({"forward pass": 0.1, "ToTensor": 0.7})
    made = timers_2025._total(stages, time.perf_counter() - 1)
    report_2025.timer(results, "pytorch").update(made)
    *_, last, _ = report_2025.steps(results)
    assert last[1] == pytest.approx(0.1 / report_2025.timer(results, "onnxruntime")["total_s"])


def test_the_best_batch_size_is_told_where_the_spreads_do_not_meet(results):
    assert time_sentences.best_batch(results) == (
        "With the mlp no batch size is clearly better than all images in one call."
    )
    row = next(r for r in results["latency"] if (r["runtime"], r["batch_size"]) == ("pytorch", 128))
    row |= {"ci95_s": [1e-4, 1.1e-4], "images_per_s": 128 / 1.05e-4}
    assert time_sentences.best_batch(results) == (
        "With the mlp PyTorch gains most from smaller calls: in calls of 128 it computes 2.44 "
        "times as many images a second as with all in one."
    )
    row["processes"] = 1
    assert "PyTorch" not in time_sentences.best_batch(results)


def test_the_fastest_is_named_with_what_is_not_told_apart_from_it(results):
    first = "ONNX Runtime is fastest on the whole test set"
    assert time_sentences.fastest(results).startswith(f"{first}, ")
    slow(timed(results, "numpy", "offline"), 0.86)  # 10.3 ms beside 10 ms
    words = time_sentences.fastest(results)
    assert words.startswith(f"{first} (not told apart from NumPy (BLAS)), ")


def slow(row, factor):
    """Make a row's times longer by a factor."""
    row["median_s"] *= factor
    row["process_medians_s"] = [factor * seconds for seconds in row["process_medians_s"]]


def test_only_what_changes_places_beyond_the_noise_makes_an_order_depend(results):
    same = "No two runtimes change places between the whole test set and a single image."
    assert time_sentences.order(results) == same
    slow(timed(results, "numpy", "single_stream"), 4)
    words = time_sentences.order(results)
    assert words.startswith("The order depends on the batch size: NumPy (BLAS) is faster than ")
    assert words.endswith(" on the whole test set and slower on a single image.")


def test_threads_and_flags_are_counted(results):
    assert time_sentences.threads(results) == (
        "PyTorch with 2 threads is 2.00 times as fast as PyTorch with one (2.00 to 2.00) on the "
        "whole test set and 2.00 times as fast as PyTorch with one (2.00 to 2.00) on a single "
        "image."
    )
    assert time_sentences.flags(results) == "Flags among 30 rows: iqr > 10 %: 5."


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ((0.5, [0.4, 0.6]), "2.0 times as fast as it (1.67 to 2.50)"),
        ((2.0, [1.9, 2.1]), "2.0 times as slow as it (1.90 to 2.10)"),
        ((1.02, [0.9, 1.1]), "tied with it (0.90 to 1.10)"),
        ((1.02, [1.01, 1.03], None, 12, 1.05), "within the noise of it (1.01 to 1.03)"),
        ((1.002, [1.001, 1.003]), "hardly slower than it (1.00 to 1.00)"),
        ((0.998, [0.997, 0.999]), "hardly faster than it (0.997 to 0.999)"),
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
