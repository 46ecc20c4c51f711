"""Two runs side by side: what is compared has known answers, what cannot be compared is refused."""

import json
import re

import made_up_beside
import pytest

from helpers.core import artifacts
from helpers.core import old_results as results
from helpers.core.old_results import one, where
from helpers.findings import beside, beside_sentences


@pytest.fixture
def both(run_folder):
    return made_up_beside.both()


def again(found):
    """The results with the tables made again, after a test has changed what they follow from."""
    return found | beside.tables(found)


# --- where it is, and what is refused


def test_without_another_run_there_is_nothing(run_folder):
    assert beside.gather(made_up_beside.here(), beside.AUTO) == {}


def test_none_leaves_out_what_is_there(both):
    assert beside.gather(made_up_beside.here(), beside.NONE) == {}


@pytest.mark.parametrize("place", ["old", "old/old_results.json"])
def test_another_run_is_named_by_its_file_or_its_folder(place, run_folder):
    made_up_beside.write(made_up_beside.older(), "old")
    found = beside.gather(made_up_beside.here(), str(run_folder / place))
    assert found["beside"]["file"] == "old/old_results.json"
    assert found["beside"]["sha256"] == artifacts.sha256(run_folder / "old" / "old_results.json")
    assert set(found) == {"beside", *beside.TABLES}


def test_a_relative_path_starts_at_the_project(run_folder):
    assert beside.file("artifacts/reference").samefile("artifacts/reference/results.json")


def earlier(other):
    other["schema_version"] = 3


def damaged(other):
    other["latency"] = "fast"


def other_images(other):
    other["run"]["dataset"] |= {"name": "sample", "sha256": 64 * "1"}


def same_versions(other):
    other["run"]["packages"] |= {"tensorflow": "2.21.0", "torch": "2.13.0+cpu"}


REFUSED = [
    (earlier, "old_results.json has schema_version 3, allowed is 5"),
    (damaged, "old_results.json is not what old_results.schema.json says: latency: 'fast' is not"),
    (other_images, r"its images \(sample\) have another SHA-256 than those of this run \(mnist\)"),
    (same_versions, "it was made with TensorFlow 2.21.0 and PyTorch 2.13.0, as this run is"),
]


@pytest.mark.parametrize(("change", "why"), REFUSED, ids=[row[0].__name__ for row in REFUSED])
@pytest.mark.parametrize("asked", ["auto", "2025"])
def test_a_run_that_cannot_be_compared_is_named_in_one_line_and_left_out(
    run_folder, change, why, asked
):
    other = made_up_beside.older()
    change(other)
    made_up_beside.write(other, "2025")
    made = made_up_beside.here()
    found = beside.gather(made, asked if asked == "auto" else str(run_folder / asked))
    (line,) = found.values()
    assert line.startswith("2025/old_results.json is not compared with this run: ")
    assert re.search(why, line), line
    assert "\n" not in line
    assert set(found) == {"beside_left_out"}
    results.write(made | found)


def test_what_is_no_json_is_left_out_too(run_folder):
    artifacts.write_text(run_folder / "2025" / "old_results.json", "{")
    found = beside.gather(made_up_beside.here(), beside.AUTO)
    assert "old_results.json cannot be read: " in found["beside_left_out"]


def test_one_framework_of_another_version_is_enough(run_folder):
    other = made_up_beside.older()
    other["run"]["packages"]["tensorflow"] = "2.21.0"
    made_up_beside.write(other, "2025")
    found = made_up_beside.here()
    found |= beside.gather(found, beside.AUTO)
    assert beside_sentences.heading(found) == "PyTorch 2.2.2 beside 2.13.0"
    assert beside_sentences.other(found) == "the other stack"


def test_the_results_with_another_run_follow_the_contract(both):
    results.write(both)
    assert results.read() == json.loads(json.dumps(both))


# --- the numbers


def test_the_accuracy_is_compared_over_paired_seeds(both):
    tensorflow, pytorch = both["beside_accuracy"]
    assert (tensorflow["framework"], tensorflow["pairs"]) == ("tensorflow", 3)
    assert tensorflow["difference"] == pytest.approx(0.007 / 3)
    # The deviation of 2, 2 and 3 is 0.57735; t is 4.30265 with two degrees of freedom.
    half = 4.30265 * 0.57735e-3 / 3**0.5
    low, high = tensorflow["difference_ci95"]
    assert (low, high) == pytest.approx((0.007 / 3 - half, 0.007 / 3 + half), rel=1e-5)
    assert (pytorch["difference"], pytorch["difference_ci95"]) == (0, [0, 0])
    assert beside_sentences.accuracy(both).startswith(
        "This run's accuracy is not that of the stack of 2025 for the mlp by the lab recipe in "
        "TensorFlow (+0.23 points over 3 pairs, 95 % interval +0.09 to +0.38). No difference "
        "between the runs is shown for the mlp by the lab recipe in PyTorch."
    )


@pytest.mark.parametrize(
    ("notebook", "name", "value"),
    [
        ("01_tensorflow_tflite", "BATCH_SIZE", 256),
        ("01_tensorflow_tflite", "LEARNING_RATE", 0.01),
        ("02_pytorch_onnx", "BATCH_SIZE", 256),
    ],
)
def test_trainings_by_other_numbers_are_no_pair(both, notebook, name, value):
    given = both["beside"]["run"]["parameters"]
    given[notebook] = given[notebook] | {name: value}
    pairs = {row["framework"]: row["pairs"] for row in again(both)["beside_accuracy"]}
    changed = "tensorflow" if notebook.startswith("01") else "pytorch"
    assert pairs == {"tensorflow": 3, "pytorch": 3} | {changed: 0}
    trained = {row["framework"] for row in again(both)["beside_training"]}
    assert trained == pairs.keys() - {changed}


@pytest.mark.parametrize(("table", "key"), [("seeds", "epochs"), ("models", "train_images")])
def test_other_epochs_or_images_are_no_pair(both, table, key):
    for row in where(both["beside"][table], framework="pytorch"):
        row[key] += 1
    found = again(both)
    assert [row["pairs"] for row in found["beside_accuracy"]] == [3, 0]
    assert found["beside_accuracy"][1]["difference"] is None
    assert "There is no pair for the mlp by the lab recipe in PyTorch" in beside_sentences.accuracy(
        found
    )


def test_few_pairs_say_nothing(both):
    both["beside"]["seeds"] = [row for row in both["beside"]["seeds"] if row["seed"] > 1]
    found = again(both)
    assert [row["difference_ci95"] for row in found["beside_accuracy"]] == [None, None]
    assert beside_sentences.accuracy(found) == (
        "So few pairs say nothing: there are fewer than 3 for each kind."
    )
    both["beside"]["seeds"].append(both["seeds"][0])
    assert "for the mlp by the lab recipe in PyTorch." in beside_sentences.accuracy(again(both))


def test_pairs_of_the_strong_recipe_are_said_to_see_other_images(both):
    said = "not quite the same images"
    assert said not in beside_sentences.accuracy(both)
    for run in (both, both["beside"]):
        for row in where(run["seeds"], framework="pytorch"):
            row["recipe"] = "strong"
    assert said in beside_sentences.accuracy(again(both))


def test_the_factors_are_those_of_each_run(both):
    slower = one(both["beside"]["protocols"], runtime="pytorch", protocol="report_2025")
    slower |= {"total_s": 0.4, "range_s": [0.36, 0.44]}
    found = again(both)
    timers, array, *_ = found["beside_factors"]
    assert (timers["other"], timers["here"]) == pytest.approx((40, 100))
    assert timers["other_bounds"] == pytest.approx([0.36 / 0.0102, 0.44 / 0.0098])
    assert (array["other"], array["here"]) == pytest.approx((2, 2))
    assert beside_sentences.factors(found) == (
        "By the reconstructed timers PyTorch takes 40 (35 to 45) times as long as ONNX Runtime "
        "with the stack of 2025 and 100 (96 to 104) times in this run. So the versions of 2025 "
        "alone do not give its factor of 115."
    )


def test_a_factor_without_its_timer_is_null(both):
    both["beside"]["protocols"] = where(both["beside"]["protocols"], runtime="pytorch")
    found = again(both)
    assert [row["other"] is None for row in found["beside_factors"]] == [True, False, True, False]
    assert beside_sentences.factors(found) == ""


def test_times_are_ratios_with_the_bounds_of_both(both):
    tensorflow, pytorch = both["beside_training"]
    assert (tensorflow["other_s"], tensorflow["here_s"]) == pytest.approx((0.4, 0.2))
    assert (tensorflow["ratio"], pytorch["ratio"]) == pytest.approx((2, 1))
    assert (tensorflow["ratio_ci95"], tensorflow["samples"]) == (None, 3)
    row = one(both["beside_latency"], scenario="offline", runtime="pytorch")
    assert (row["other_s"], row["here_s"], row["ratio"]) == pytest.approx((0.03, 0.02, 1.5))
    # Of twelve processes from 0.95 to 1.05 the third from either end bounds the median.
    low, high = 0.95 + 0.2 / 11, 1.05 - 0.2 / 11
    assert row["ratio_ci95"] == pytest.approx([1.5 * low / high, 1.5 * high / low])
    assert row["ratio_range"] == pytest.approx([1.5 * 0.95 / 1.05, 1.5 * 1.05 / 0.95])
    assert row["smallest_ratio"] == 1.04
    said = beside_sentences.times(both)
    assert said.startswith("The two runs were made one after the other, not side by side: ")
    assert (
        "In training the runs are told apart by 1 of 2 times, most by that of TensorFlow (mlp, lab "
        "recipe): it is 2.00 times as fast (2.00 to 2.00 over 3 trainings) as with the stack"
        in said
    )
    assert "On a single image the runs are told apart by 7 of 7 times, " in said


@pytest.mark.parametrize(
    ("factor", "said"),
    [
        (1, "On a single image the runs are not told apart by the one time that has at least 3 "),
        (5, "On a single image the runs are told apart by the one time that has at least 3 "),
    ],
)
def test_of_a_single_time_that_can_be_compared_is_spoken_as_of_one(both, factor, said):
    for run in (both, both["beside"]):
        for row in where(run["latency"], scenario="single_stream"):
            kept = 3 if row["runtime"] == "pytorch" else 1
            row |= {name: row[name][:kept] for name in ("process_medians_s", "process_rounds")}
    (here,) = where(both["latency"], scenario="single_stream", runtime="pytorch", threads=2)
    for row in where(both["beside"]["latency"], scenario="single_stream", runtime="pytorch"):
        row["process_medians_s"] = [factor * each for each in here["process_medians_s"]]
    told = beside_sentences.times(again(both))
    assert said in told
    assert ("in each, that of PyTorch: it is 5.0" in told) is (factor > 1)


def test_a_runtime_that_became_slower_is_said_to_be(both):
    for row in both["beside"]["latency"]:
        row["process_medians_s"] = [each / 3 for each in row["process_medians_s"]]
    said = beside_sentences.times(again(both))
    assert "it is 2.0 times as slow (1.88 to 2.13) as with the stack of 2025" in said


def test_of_two_processes_or_trainings_nothing_is_told(both):
    for run in (both, both["beside"]):
        for row in run["latency"]:
            row |= {name: row[name][:2] for name in ("process_medians_s", "process_rounds")}
        run["seeds"] = [row for row in run["seeds"] if row["seed"] < 3]
    said = beside_sentences.times(again(both))
    assert said.endswith(
        "They are not told apart by their times: that takes 3 trainings or processes in each."
    )


@pytest.mark.parametrize(
    ("key", "value"), [("cpu", "x"), ("cores", 4), ("os", "x"), ("threads", 1)]
)
def test_times_of_different_machines_are_not_compared(both, key, value):
    both["beside"]["run"]["machine"] |= {key: value}
    found = again(both)
    assert found["beside_training"] == found["beside_latency"] == []
    assert found["beside_accuracy"] == both["beside_accuracy"]
    assert beside_sentences.times(found) == (
        "The two runs have other machines or numbers of threads, so their times are not compared."
    )


def test_another_python_or_memory_is_the_same_machine(both):
    both["beside"]["run"]["machine"] |= {"python": "3.12.1", "memory_bytes": 1}
    assert again(both)["beside_latency"] == both["beside_latency"]


@pytest.mark.parametrize(
    ("model", "named"), [("mlp-tensorflow", " with mlp-tensorflow"), (None, "")]
)
def test_what_one_run_could_not_measure_is_told_with_its_file_and_reason(both, model, named):
    (failure,) = where(both["beside"]["failures"], runtime="litert")
    failure["model"] = model
    (row,) = beside.cannot(both)
    assert (row["where"], row["runtime"], row["reason"]) == ("other", "litert", "it crashed")
    assert beside_sentences.cannot(both) == (
        f"What the stack of 2025 could not measure and the other could: TFLite (LiteRT){named}."
    )


@pytest.mark.parametrize(
    "change",
    [
        lambda found: found["failures"].extend(found["beside"]["failures"]),
        lambda found: found["beside"]["failures"][0].update(processes_measured=2),
        lambda found: found.update(latency=[]),
    ],
    ids=["failed in both", "measured all the same", "not asked for here"],
)
def test_what_neither_lacks_alone_is_not_told(both, change):
    change(both)
    assert beside.cannot(both) == []
    assert beside_sentences.cannot(both).startswith("Each run measured and wrote what the other")


def test_a_format_that_one_run_alone_wrote_is_told(both):
    both["exports"].append({**both["exports"][0], "format": "pt2"})
    assert beside_sentences.cannot(both).endswith(" Only this run wrote files in pt2.")


def test_only_arrays_that_one_run_refuses_are_offers(both):
    (row,) = beside.offers(both)
    assert (row["export"], row["shape"]) == ("dynamic", "(10, 28, 28)")
    assert (row["other_accepted"], row["here_accepted"]) == (True, False)


def test_the_section_is_headed_by_the_versions_that_are_there(both):
    assert beside_sentences.heading(both) == "2025's versions and today's"
    both["beside"]["run"]["packages"]["tensorflow"] = "2.19.0"
    assert beside_sentences.heading(both).startswith("TensorFlow 2.19.0 and PyTorch 2.2.2 beside ")
    assert beside_sentences.runs(both) == (
        "On the same images the chain ran with TensorFlow 2.19.0 and PyTorch 2.2.2 too, on "
        "2025-06-13. That run is called the other stack here."
    )
    assert "judged by both" not in beside_sentences.challenges(both)
