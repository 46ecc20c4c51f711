"""Tables and figure of two runs: what they show is what both results say."""

import made_up_beside
import pytest
from bs4 import BeautifulSoup
from made_up import cells

from helpers.findings import beside
from helpers.report import beside_figures, beside_tables, figures

OLD, NEW = "Stack of 2025", "This run"


@pytest.fixture
def both(run_folder):
    return made_up_beside.both()


def column(html, heading):
    head, *rows = cells(html)
    return [row[head.index(heading)] for row in rows]


def test_the_first_table_has_versions_machine_and_start_of_both(both):
    rows = {name: values for name, *values in cells(beside_tables.runs(both))}
    assert rows[""] == [OLD, NEW]
    assert rows["tensorflow"] == ["2.16.2", "2.21.0"]
    assert rows["torch"] == ["2.2.2+cpu", "2.13.0"]
    assert rows["onnxruntime"] == ["1.19.2", "–"]
    assert rows["Python"] == ["3.11.7", "3.11.7"]
    assert rows["Processor"] == ["Test CPU", "Test CPU"]
    assert rows["Started"] == ["2025-06-13 08:00:00 UTC", "2026-01-02 03:04:05 UTC"]


def test_the_accuracy_says_in_which_direction_it_is_apart(both):
    head, tensorflow, pytorch = cells(beside_tables.accuracy(both))
    assert head[4:6] == ["This run less the stack of 2025", "95 % interval"]
    assert tensorflow[3:6] == ["3", "+0.23 points", "+0.09 to +0.38"]
    assert pytorch[4] == "0.00 points"


def test_every_route_stands_below_itself_with_what_it_did_in_both(both):
    del both["beside"]["challenges"]["tflite_routes"][0]
    head, *rows = cells(beside_tables.routes(both))
    assert head == ["Route", "In", "Outcome", "Gate"]
    assert rows[0] == ["from_keras_model(model)", NEW, "wrote a file", "passed"]
    assert [row[0] for row in rows[1:3]] == 2 * ["model._get_save_spec()"]
    assert rows[1][1:] == [OLD, made_up_beside.ABORTED, "no file"]
    assert len(rows) == 5


def test_arrays_are_shown_only_where_the_runs_differ(both):
    assert cells(beside_tables.offers(both))[1:] == [["dynamic", "(10, 28, 28)", "yes", "no"]]
    both["challenges"] = both["beside"]["challenges"]
    assert beside_tables.offers(both) == ""


def test_the_factors_have_their_bounds_and_a_dash_where_one_is_missing(both):
    both["beside"]["protocols"] = []
    both |= beside.tables(both)
    html = beside_tables.factors(both)
    assert column(html, OLD) == ["–", "2.0 (1.8 to 2.1)", "–", "0.667 (0.660 to 0.667)"]
    assert column(html, NEW)[0] == "100 (96 to 104)"
    assert column(html, "Clock") == 2 * ["reconstructed timers", "same array"]


def test_times_stand_beside_their_ratio(both):
    _, tensorflow, pytorch = cells(beside_tables.training(both))
    assert tensorflow[3:] == ["400 ms", "200 ms", "2.00 (2.00–2.00 over 3 trainings)"]
    assert pytorch[5] == "1.00 (1.00–1.00 over 3 trainings), not told apart"
    html = beside_tables.latency(both)
    assert column(html, f"{OLD} / this run")[0] == "1.50 (1.41–1.60)"
    assert "TFLite (LiteRT)" not in column(html, "Runtime")


def test_import_and_size_are_those_of_the_runtimes_that_both_started(both):
    both["beside"]["cold_start"][0] |= {"import_s": 9.0, "install_bytes": 7_000_000}
    html = beside_tables.cold_start(both)
    assert column(html, "Import, stack of 2025")[0] == "9 s"
    assert column(html, "Import, this run")[0] == "1.4 s"
    assert column(html, "Size, stack of 2025")[0] == "7 MB"
    assert "TFLite (LiteRT)" not in column(html, "Runtime")


def test_what_one_lacks_is_shown_with_the_reason(both):
    (row,) = cells(beside_tables.cannot(both))[1:]
    assert row == [OLD, "TFLite (LiteRT)", "mlp-tensorflow", "failed: it crashed"]
    both["beside"]["failures"] = []
    assert beside_tables.cannot(both) == ""


@pytest.fixture
def shown(monkeypatch):
    """The figures displayed, parsed."""
    seen = []
    monkeypatch.setattr(
        figures, "display", lambda shown: seen.append(BeautifulSoup(shown.data, "html.parser"))
    )
    return seen


def test_the_figure_counts_what_is_told_apart_and_holds_both_tables(both, shown):
    beside_figures.times(both)
    (figure,) = shown
    # One of two trainings; seven runtimes in two scenarios.
    assert figure.img["alt"].endswith("15 of 16 times of the two runs are told apart.")
    assert len(figure("table")) == 2


def test_without_times_there_is_no_figure(both, shown):
    beside_figures.times(both | {"beside_training": [], "beside_latency": []})
    assert shown == []
