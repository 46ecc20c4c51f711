"""Numbers as text."""

import copy

import pytest

from helpers.benchmark.statistics import fair_ratio, timer_ratio
from helpers.core import results
from helpers.core.artifacts import PROJECT
from helpers.report import values


@pytest.fixture(scope="module")
def found():
    return results.read(PROJECT / "tests" / "fixtures" / "results.json")


@pytest.mark.parametrize(
    ("form", "value", "said"),
    [
        (values.time, 1.36, "1.36 s"),
        (values.time, 0.0137277, "13.7 ms"),
        (values.time, 0.00037694, "377 µs"),
        (values.time, 5.0235e-06, "5.02 µs"),
        (values.time, 0.0009999, "1.00 ms"),
        (values.percent, 0.978661, "97.87 %"),
        (values.points, -0.00051, "-0.05"),
        (values.points, -0.000002, "-0.0002"),
        (values.points, 0.0, "0.00"),
        (values.ratio, 0.8411, "0.84"),
        (values.ratio, 9.996, "10.0"),
        (values.ratio, 32.4002, "32.4"),
        (values.ratio, 115.33, "115"),
        (values.size, 3_758_079_874, "3.8 GB"),
    ],
)
def test_a_number_has_the_digits_and_the_unit_that_a_reader_expects(form, value, said):
    assert form(value) == said


def test_a_value_stands_with_its_interval_and_one_that_is_missing_is_not_measured():
    assert values.with_interval(5.857, [4.18, 5.8605], values.ratio) == "5.86 (4.18 to 5.86)"
    assert (
        values.with_interval(0.0137, [0.0134, 0.0141], values.time) == "13.7 ms (13.4 to 14.1 ms)"
    )
    assert values.between([0.0009, 0.0011], values.time) == "900 µs to 1.10 ms"
    assert values.with_interval(1.19, [1.19, 1.19], values.ratio) == "1.19"
    assert values.with_interval(None, None, values.ratio) == "not measured"


def test_what_was_measured_in_few_rounds_has_its_range_and_in_one_none(found):
    found = copy.deepcopy(found)
    rows = results.where(found["latency"], runtime="onnxruntime")
    for number, said in ((2, "11.4 ms (11.1 to 11.7 ms)"), (1, "11.1 ms (measured once)")):
        for row in rows:
            row["rounds"] = [{"round": n, "median_s": 0.0105 + 0.0006 * n} for n in (1, 2)][:number]
            row["median_s"] = 0.0105 + 0.0003 * (number + 1)
        assert values.timed(found, "onnxruntime", "offline") == said
    fair = fair_ratio(found, "pytorch", "onnxruntime")
    assert values.factor(fair).endswith("(measured once)")
    assert " to " in values.factor(timer_ratio(found, "pytorch", "onnxruntime"))


def test_below_six_rounds_the_noise_floor_is_what_the_ratios_within_them_span(found):
    found = copy.deepcopy(found)
    found["noise_floor"] = results.where(found["noise_floor"], runtime="pytorch")
    once, again = (results.main_row(found, "pytorch", "offline"), found["noise_floor"])
    once["rounds"] = [{"round": n, "median_s": 0.01} for n in (1, 2, 3)]
    for row in again:
        row["rounds"] = [{"round": n, "median_s": 0.009 + 0.001 * n} for n in (1, 3)]
    assert values.noise(found, "offline") == "1.00 to 1.20"


def shown(text):
    """The number that a text such as "1,580" or "+0.05" is."""
    return float(text.replace(",", ""))


def test_no_shown_value_lies_outside_its_shown_interval(found):
    for row in [*found["latency"], *found["noise_floor"]]:
        value, low, high = map(
            shown, map(values.ratio, (row["ratio"], *(row["ratio_ci95"] or (row["ratio"],) * 2)))
        )
        assert low <= value <= high
    for row in found["differences"]:
        value, low, high = map(shown, map(values.points, (row["difference"], *row["ci95"])))
        assert low <= value <= high


def test_accuracies_are_means_over_the_seeds(found):
    kind = {"framework": "tensorflow", "architecture": "mlp", "recipe": "lab"}
    assert values.mean_accuracy(found, **kind) == "97.87 % (97.81 to 97.93 %, 10 seeds)"
    one = {**found, "seeds": results.where(found["seeds"], **kind)[:1]}
    assert values.mean_accuracy(one, **kind).endswith("% (1 seed)")
    assert values.mean_accuracy({**found, "seeds": []}, **kind) == "not measured"


def test_the_losses_of_the_epoch_by_hand_are_compared_step_by_step(found):
    steps, furthest = values.sgd_epoch(found)
    assert steps == 108
    assert 1e-8 < furthest < 1e-6
    rows = found["sgd_losses"]
    other = [{**rows[0], "loss": rows[0]["loss"] + 0.5}, *rows[1:]]
    assert values.sgd_epoch({**found, "sgd_losses": other})[1] == pytest.approx(0.5, rel=1e-5)
    for fewer in (rows[:-1], rows[: len(rows) // 2], []):
        assert values.sgd_epoch({**found, "sgd_losses": fewer}) is None
