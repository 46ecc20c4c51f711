"""Numbers as text, whatever the number: what is read back is the number, to its last digit."""

import re

from hypothesis import given
from hypothesis import strategies as st

from helpers.core.units import counted, duration, megabytes, ratio, supported, times

POSITIVE = st.floats(1e-9, 1e9)
UNITS_S = {"s": 1, "ms": 1e-3, "µs": 1e-6, "ns": 1e-9}
PLAIN = re.compile(r"-?\d{1,3}(,\d{3})*(\.\d+)?")  # no exponent


def read(text):
    assert PLAIN.fullmatch(text), text
    return float(text.replace(",", ""))


def digits(text):
    return len(re.sub(r"[.,-]", "", text).lstrip("0"))


@given(POSITIVE)
def test_a_duration_reads_back_to_three_digits_from_1_to_999(seconds):
    number, unit = duration(seconds).split(" ")
    assert abs(read(number) * UNITS_S[unit] - seconds) <= 0.00501 * seconds
    assert read(number) >= 1
    assert read(number) < 1_000 or unit == "s"


@given(POSITIVE)
def test_a_ratio_reads_back_to_two_decimals_or_three_digits(value):
    text = ratio(value)
    assert abs(read(text) - value) <= max(0.00501, 0.00501 * value)
    assert "." not in text or digits(text) <= 3


@given(POSITIVE)
def test_a_factor_reads_back_to_three_digits_and_is_never_1_times(value):
    number = times(value).removesuffix(" times")
    assert abs(read(number) - value) <= 0.00501 * value
    assert number != "1"


@given(POSITIVE, st.floats(1e-6, 10), st.floats(0, 1))
def test_a_supported_value_reads_back_within_its_interval_or_three_digits(value, width, where):
    low = value * (1 - width * where)
    interval = (low, low + value * width)
    number = read(supported(value, interval))
    # Half the last digit: at most a half-width's own digit, or half of the second digit.
    assert abs(number - value) <= max(0.51 * width * value / 2, 0.0501 * value)


@given(st.integers(0, 10**12), st.sampled_from(["image", "process", "batch", "seed", "accuracy"]))
def test_a_counted_noun_tells_its_number(number, noun):
    text, word = counted(number, noun).split(" ")
    assert read(text) == number
    assert (word == noun) == (number == 1)


@given(st.integers(0, 10**15))
def test_megabytes_read_back_to_the_megabyte(size):
    number, unit = megabytes(size).split(" ")
    assert unit == "MB"
    assert abs(read(number) * 1e6 - size) <= 0.501e6
