import pytest

from helpers.core.units import duration


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        *((5.19, "5.19 s"), (0.0125, "12.5 ms"), (5.05e-6, "5.05 µs"), (2e-9, "2.00 ns")),
        *((115, "115 s"), (1234.5, "1,230 s"), (0.99961, "1.00 s"), (9.9999e-4, "1.00 ms")),
    ],
)
def test_durations_have_three_digits_and_a_unit(seconds, text):
    assert duration(seconds) == text
