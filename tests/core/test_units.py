import pytest

from helpers.core.units import counted, duration, ends, points, ratio, supported, times, within


@pytest.mark.parametrize(
    ("value", "text"),
    [
        *((0.618, "0.62"), (9.5, "9.50"), (9.996, "10.0")),
        *((14.1, "14.1"), (99.97, "100"), (1447.4, "1,450")),
    ],
)
def test_ratios_have_no_digits_they_do_not_earn(value, text):
    assert ratio(value) == text


@pytest.mark.parametrize(
    ("value", "interval", "text"),
    [
        (29.4, (24, 36), "29"),
        (1.2412, (1.2, 1.28), "1.24"),
        (1.2412, (1.06, 1.45), "1.2"),
        (115.3, (90, 140), "120"),
        (0.22, (0.19, 0.4), "0.22"),
        (0.62, (0.1, 3), "0.62"),  # the second digit always stays
        (1.24125, (1.24124, 1.24126), "1.24"),  # and no fourth is shown
        (0.0812, (0.08, 0.083), "0.081"),
        (1.0, (1.0, 1.0), "1.00"),
        (14_478, (14_000, 15_000), "14,500"),
        (0, (-1, 1), "0.0"),
    ],
)
def test_a_value_has_the_digits_that_its_interval_supports(value, interval, text):
    assert supported(value, interval) == text
    assert times(value, interval) == f"{text} times"


@pytest.mark.parametrize(
    ("value", "interval", "text", "shown"),
    [
        (5.861, (4.18, 5.863), "5.86", ("4.18", "5.86")),  # 5.9 lies outside
        (12.24, (12.24, 14.7), "12.2", ("12.2", "14.7")),
        (5.72, (4.18, 5.86), "5.7", ("4.18", "5.86")),
        (1.04, (1.01, 3.5), "1.04", ("1.01", "3.50")),
        (1_996, (1_990, 2_600), "2,000", ("1,990", "2,600")),
    ],
)
def test_a_value_is_not_shown_outside_its_interval(value, interval, text, shown):
    assert within(value, interval) == text
    assert ends(value, interval) == shown


@pytest.mark.parametrize(
    ("value", "text"), [(1.0001, "1.00 times"), (2, "2 times"), (1.2345, "1.23 times")]
)
def test_a_factor_without_an_interval_has_three_digits_and_is_never_1_times(value, text):
    assert times(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        *((5.19, "5.19 s"), (0.0125, "12.5 ms"), (5.05e-6, "5.05 µs"), (2e-9, "2 ns")),
        *((115, "115 s"), (1234.5, "1,230 s"), (0.99961, "1 s"), (9.9999e-4, "1 ms")),
    ],
)
def test_durations_have_three_digits_and_a_unit(seconds, text):
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        *((0.05, "+0.05"), (-1.234, "-1.23"), (0, "0.00"), (-0.0, "0.00"), (-1e-15, "0.00")),
        *((-0.0002, "-0.0002"), (0.0002, "+0.0002"), (-0.0049, "-0.005"), (2e-7, "+0.0000002")),
    ],
)
def test_points_say_on_which_side_of_zero_they_lie(value, text):
    assert points(value) == text
    assert points(value, "-") == text.removeprefix("+")


@pytest.mark.parametrize(
    ("number", "noun", "text"),
    [
        (1, "process", "1 process"),
        (0, "process", "0 processes"),
        (2, "batch", "2 batches"),
        (2, "accuracy", "2 accuracies"),
        (2, "day", "2 days"),
        (55_000, "image", "55,000 images"),
    ],
)
def test_one_is_singular(number, noun, text):
    assert counted(number, noun) == text


@pytest.mark.parametrize(
    ("value", "interval", "text"),
    [
        (0.1703, (0.1675, 0.1784), ("0.168", "0.178")),
        (1.32, (1.06, 1.36), ("1.06", "1.36")),
        (22, (19.6, 26.9), ("19.6", "26.9")),
        (1_507, (1_410, 1_630), ("1,410", "1,630")),
    ],
)
def test_an_intervals_ends_have_no_fewer_decimals_than_its_value(value, interval, text):
    assert ends(value, interval) == text
