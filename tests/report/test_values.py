"""Numbers as text."""

import pytest

from helpers.core import results
from helpers.report import values


@pytest.mark.parametrize(
    ("form", "value", "said"),
    [
        (values.time, 0.0137277, "13.7 ms"),
        (values.time, 5.0235e-06, "5.02 µs"),
        (values.time, 0.0009999, "1.00 ms"),
        (values.percent, 0.978661, "97.87 %"),
        (values.points, -0.00051, "-0.05"),
        (values.points, -0.000002, "-0.0002"),
        (values.points, 0.0, "0.00"),
        (values.ratio, 0.8411, "0.84"),
        (values.ratio, 9.996, "10.0"),
        (values.ratio, 115.33, "115"),
        (values.ratio, 0.00243, "0.00243"),
        (values.size, 3_758_079_874, "3.8 GB"),
    ],
)
def test_a_number_has_the_digits_and_the_unit_that_a_reader_expects(form, value, said):
    assert form(value) == said


@pytest.mark.parametrize(
    ("value", "ends", "form", "said"),
    [
        (5.857, [4.18, 5.8605], values.ratio, "5.86 (4.18 to 5.86)"),
        (0.0137, [0.0134, 0.0141], values.time, "13.7 ms (13.4 to 14.1 ms)"),
        (0.0010, [0.0009, 0.0011], values.time, "1.00 ms (900 µs to 1.10 ms)"),
        (1.19, [1.19, 1.19], values.ratio, "1.19 (measured once)"),
        (1.19, None, values.ratio, "1.19"),
        (None, None, values.ratio, "not measured"),
    ],
)
def test_a_value_stands_with_its_interval(value, ends, form, said):
    assert values.with_interval(value, ends, form) == said


def test_what_was_measured_in_few_rounds_has_its_range(found):
    row = results.main_row(found, "onnxruntime", "offline")
    row["rounds"] = [{"round": n, "median_s": 0.0105 + 0.0006 * n} for n in (1, 2)]
    row["median_s"] = 0.0114
    assert values.timed(found, "onnxruntime", "offline") == "11.4 ms (11.1 to 11.7 ms)"
    unit = results.main_row(found, "pytorch", "offline")
    unit["rounds"] = [{"round": n, "median_s": 0.01} for n in (1, 2, 3)]
    assert values.beside(row, unit) == "1.14 (1.11 to 1.17)"
    found["noise_floor"] = results.where(found["noise_floor"], runtime="pytorch")
    for again in found["noise_floor"]:
        again["rounds"] = [{"round": n, "median_s": 0.009 + 0.001 * n} for n in (1, 3)]
    assert values.noise(found, "offline") == "1.00 to 1.20"


def test_accuracies_are_means_over_the_seeds(found):
    kind = {"framework": "tensorflow", "architecture": "mlp", "recipe": "lab"}
    assert values.mean_accuracy(found, **kind) == "97.87 % (97.81 to 97.93 %, 10 seeds)"
    found["seeds"] = results.where(found["seeds"], **kind)[:1]
    assert values.mean_accuracy(found, **kind).endswith("% (1 seed)")
    assert values.mean_accuracy({**found, "seeds": []}, **kind) == "not measured"


def test_the_losses_of_the_epoch_by_hand_are_compared_step_by_step(found):
    steps, furthest = values.sgd_epoch(found)
    assert steps == 108
    assert 1e-8 < furthest < 1e-6
    found["sgd_losses"][0]["loss"] += 0.5
    assert values.sgd_epoch(found)[1] == pytest.approx(0.5, rel=1e-5)
    found["sgd_losses"].pop()
    assert values.sgd_epoch(found) is None
