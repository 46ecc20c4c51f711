import time

import made_up
import pytest
from made_up import cells

from helpers.benchmark import timers_2025
from helpers.core import units
from helpers.core.results import timed
from helpers.findings import report_2025, time_sentences
from helpers.report import tables


@pytest.fixture
def results():
    return made_up.with_claims()


def test_the_noise_floor_is_printed(results):
    rows = cells(tables.noise(results["noise_floor"]))[1:]
    assert rows == [
        ["offline", "2", "1.01 (0.98–1.04), tied", "3"],
        ["single-stream", "2", "1.01 (0.98–1.04), tied", "3"],
    ]
    assert "offline 1.010 (0.980 to 1.040, which contains 1)" in time_sentences.noise_floor(results)
    results["noise_floor"][0]["ratio_ci95"] = [1.005, 1.04]
    assert "does not contain 1: read ratios with care" in time_sentences.noise_floor(results)


def test_the_factor_is_taken_apart_step_by_step(results):
    words, factors, bounds = zip(*report_2025.steps(results), strict=True)
    assert factors == pytest.approx([5.19 / 0.045, 100, 10, 2])
    assert words[2] == "without other"
    assert bounds == (
        None,
        pytest.approx((98 / 1.02, 102 / 0.98)),
        None,
        pytest.approx((2 * 0.9 / 1.1, 2 * 1.1 / 0.9)),
    )
    rows = cells(tables.factor(results))
    assert rows[1] == ["as the 2025 report gives it, on its machine", "115"]
    assert [row[1] for row in rows[2::2]] == ["100 (96 to 104)", "2.0 (1.6 to 2.4)"]
    assert float(rows[3][1]) == 10
    assert time_sentences.headline(results) == (
        "90% of PyTorch's time behind the factor of 115 is not inference: the timers of 2025 "
        "differ by 100 times here, without what stood beside PyTorch's forward pass by 10 times, "
        "and on the same array ONNX Runtime is 2.0 times as fast as PyTorch."
    )


def test_the_factor_without_everything_beside_inference_is_that_of_the_headline(results):
    """However much of PyTorch's time no stage's clock held."""
    stages = timers_2025.Stages({"forward pass": 0.1, "ToTensor": 0.7})
    made = timers_2025._total(stages, time.perf_counter() - 1)
    report_2025.timer(results, "pytorch").update(made)
    *_, last, _ = report_2025.steps(results)
    assert last[1] == pytest.approx(report_2025.inference_ratio(results))
    assert f"forward pass by {units.times(last[1])}" in time_sentences.headline(results)


def test_the_first_answer_of_a_whole_process_is_told(results):
    said = time_sentences.cold_start(results)
    assert "with ONNX Runtime a program gives its first answer after 1.21 s" in said
    assert "The files of the frameworks were in memory" in said


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


def test_logits_that_depend_on_the_other_images_of_a_call_are_told(results):
    assert time_sentences.company(results) == ""
    onnx = timed(results, "onnxruntime", "offline")
    tflite = timed(results, "litert", "offline")
    results["latency"] += [
        {**onnx, "precision": "dynamic", "timed_logit_difference": 0.3125},
        {**tflite, "precision": "dynamic"},
    ]
    assert time_sentences.company(results) == (
        "ONNX Runtime takes the range of the 8 bits of a dynamic file over all images of a call, "
        "so an image's logits depend on the others in it. In a smaller call they differed by up to "
        "0.31 from those in one call with all. Every other timed file of 8 bits gave the same "
        "logits in calls of any size."
    )


def test_the_fastest_is_named_with_what_meets_its_interval(results):
    words = time_sentences.fastest(results)
    assert words.startswith(
        "ONNX Runtime, no spinning is fastest on the whole test set (its interval meets that of "
        "ONNX Runtime), "
    )
    timed(results, "onnxruntime", "offline")["ci95_s"] = [0.0105, 0.011]
    assert time_sentences.fastest(results).startswith(
        "ONNX Runtime, no spinning is fastest on the whole test set, "
    )


def test_threads_and_flags_are_counted(results):
    assert time_sentences.threads(results) == (
        "With 2 threads instead of one PyTorch is 2 times as fast on the whole test set and "
        "2 times on a single image."
    )
    assert time_sentences.flags(results) == "Flags among 40 rows: iqr > 10 %: 5."


@pytest.mark.parametrize(
    ("ratio", "low", "high", "words"),
    [
        (0.5, 0.4, 0.6, "2.0 times as fast as"),
        (2.0, 1.9, 2.1, "2.0 times as slow as"),
        (29.4, 24, 36, "29 times as slow as"),
        (1.01, 0.9, 1.1, "tied with"),
        (1.002, 1.001, 1.003, "hardly slower than"),
        (0.998, 0.997, 0.999, "hardly faster than"),
    ],
)
def test_words_follow_the_ratio(ratio, low, high, words):
    assert time_sentences.faster(ratio, low, high) == words


def test_the_cross_table_tells_frameworks_from_runtimes(results):
    other = {"framework": "tensorflow", "model": "mlp-tensorflow-onnx-float32", "main": False}
    row = timed(results, "onnxruntime", "offline")
    results["latency"].append({**row, **other, "median_s": row["median_s"] * 1.1})
    head, *rows = cells(tables.cross(results))
    offline = dict(zip(head, rows[0], strict=True))
    assert (offline["Scenario"], offline["Weights from"]) == ("offline", "TensorFlow")
    assert (offline["ONNX Runtime"], offline["TFLite (LiteRT)"]) == ("11 ms", "25 ms")
    assert time_sentences.cross_sentence(results) == (
        "With the mlp offline, other weights change a runtime's time by a factor of at most 1.10, "
        "another runtime by up to 2.86."
    )
    assert timed(results, "onnxruntime", "offline") == row  # the main comparison has its own file
