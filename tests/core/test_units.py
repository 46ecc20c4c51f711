import pytest

from helpers.core.units import duration, ratio


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
