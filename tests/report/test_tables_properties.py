"""The tables, whatever an allowed row holds: every cell is text, and numbers read back."""

import re

import made_up
from bs4 import BeautifulSoup
from hypothesis import assume, given
from hypothesis import strategies as st

from helpers.core import old_results as results
from helpers.core.console import LabError
from helpers.report import tables

RESULTS = made_up.whole("mlp")
ROWS = {name: rows[0] for name, rows in RESULTS.items() if isinstance(rows, list) and rows}
# Text that the contract leaves free; the other names are known ones.
FREE = {"reason", "gate", "evidence", "claim", "goal", "task", "target", "outcome", "input_layout"}
TEXT = st.text(max_size=20) | st.sampled_from(
    ["<script>alert(1)</script>", '<img src=x onerror="alert(1)">', "&amp;", "'\"", "</td></table>"]
)


def drawn(draw, key, value):
    """Return another value of the same kind."""
    if isinstance(value, bool):
        return draw(st.booleans())
    if isinstance(value, int):
        return draw(st.integers(0, 10**12))
    if isinstance(value, float):
        return draw(st.floats(0, 1 if value <= 1 else 1e9))
    if isinstance(value, str) and key in FREE:
        return draw(TEXT)
    if isinstance(value, list) and len(value) == 2 and all(isinstance(v, float) for v in value):
        return sorted(drawn(draw, key, each) for each in value)
    return value


@st.composite
def allowed_rows(draw):
    """A table's name and a row that the contract allows in it."""
    name = draw(st.sampled_from(sorted(ROWS)))
    row = {key: drawn(draw, key, value) for key, value in ROWS[name].items()}
    try:
        results._refuse({name: [row]}, "a row", partly=True)
    except LabError:
        assume(False)
    return name, row


@given(allowed_rows())
def test_every_cell_of_an_allowed_row_is_text(named):
    _, row = named
    shown = {
        key: column
        for key, column in tables.COLUMNS.items()
        if key in row and all(name in row for name in column.also)
    }
    assert shown
    soup = BeautifulSoup(tables.table([row], shown), "html.parser")
    assert len(soup("tr")) == 2
    assert len(soup("td")) == len(soup("th")) == len(shown)
    assert not soup(["script", "img"])
    for cell, key in zip(soup("td"), shown, strict=True):
        assert cell.get_text() or row[key] in ("", {}, [])
        if key in FREE - {"reason"}:
            assert cell.get_text() == row[key]


NUMBERS = {
    key: column
    for key, column in tables.COLUMNS.items()
    if column.kind == tables.NUMBER and not column.also
}


@given(st.sampled_from(sorted(NUMBERS)), st.floats(1e-6, 1))
def test_a_number_reads_back_to_its_last_digit(key, value):
    try:
        text = NUMBERS[key].show(value)
    except TypeError:  # a column of intervals
        text = NUMBERS[key].show([value, value])
        text = re.split("–| to ", text)[0] + ("%" if text.endswith("%") else " points")
    match = re.match(r"([+-]?[\d,]*\.?\d*(?:e[+-]?\d+)?)", text)
    number = float(match[1].replace(",", ""))
    rest = text[match.end() :].strip() or NUMBERS[key].heading.rpartition(", ")[2]
    factor = {"%": 100, "points": 100, "s": 1, "ms": 1e3, "µs": 1e6, "ns": 1e9, "MB": 1e-6}
    expected = value * factor.get(rest, 1)
    _, _, decimals = match[1].partition(".")
    decimals, _, exponent = decimals.partition("e")
    last = 10.0 ** (int(exponent or 0) - len(decimals))
    assert abs(number - expected) <= 0.5001 * max(last, 0.00999 * expected)


def test_the_numbers_of_the_table_are_found():
    assert len(NUMBERS) > 40
