"""What is told while a notebook runs: what it does, since when, and how long it may take."""

import io
import os
import time
from types import SimpleNamespace

import pytest

from helpers.core import artifacts, stages
from helpers.core.stages import NOTEBOOKS, SEED_STUDY, STAGES
from helpers.data import mnist
from helpers.pipeline import chain, parameters, progress


@pytest.mark.parametrize(
    ("usual_s", "left"),
    [
        (None, "no estimate yet"),
        (100.0, "about 70 s left"),
        (20.0, "longer than usual (20 s)"),
    ],
)
def test_the_time_left_comes_from_the_last_run_or_is_not_told(usual_s, left):
    line = progress.told("Train the others", 7, 58, 30.4, usual_s)
    assert line == f" 7/58 cells  30 s, {left}: Train the others"


def test_a_log_gets_a_line_now_and_then_and_the_last_one(monkeypatch):
    monkeypatch.setattr(progress, "LINE_S", 0.02)
    log = io.StringIO()
    with progress.Progress("01", None, log) as shown:
        shown.at("# Train the others\ndone = []", 7, 58)
        time.sleep(0.1)
        shown.end("01 58/58 cells  1 s")
    first, *_, last = log.getvalue().splitlines()
    assert first == "   7/58 cells  0 s, no estimate yet: Train the others"
    assert last == "01 58/58 cells  1 s"
    assert "\r" not in log.getvalue()


def test_a_short_notebook_leaves_one_line_in_a_log():
    log = io.StringIO()
    with progress.Progress("01", None, log) as shown:
        shown.end("01 58/58 cells  1 s")
    assert log.getvalue() == "01 58/58 cells  1 s\n"


def test_on_a_terminal_the_line_changes_and_never_breaks(monkeypatch):
    monkeypatch.setattr(progress, "CHANGE_S", 0.02)
    monkeypatch.setattr(os, "get_terminal_size", lambda number: os.terminal_size((30, 24)))
    terminal = io.StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(terminal, "fileno", lambda: 1, raising=False)
    with progress.Progress("01", 9.0, terminal) as shown:
        shown.at("# Train the others", 7, 58)
        time.sleep(0.1)
    assert "\n" not in terminal.getvalue()
    *told, last, end = terminal.getvalue().split("\r")
    assert {len(line) for line in told if line} == {29}
    assert "01                     7/58 c" in told
    assert (last.strip(), end) == ("", "")  # what comes next begins on a clean line


def test_each_cell_is_told_and_the_notebook_is_written_when_it_ends_however_that_is(monkeypatch):
    told, written = [], []

    class Manager:
        nb = SimpleNamespace(
            cells=[SimpleNamespace(source=source) for source in ("# One", "# Two")]
        )

        def cell_start(self, cell, cell_index=None):
            self.save()

        def save(self):
            written.append("whole")

    def execute(cls, manager, kernel_name):
        for place, cell in enumerate(manager.nb.cells):
            manager.cell_start(cell, place)
        raise KeyboardInterrupt

    monkeypatch.setattr(progress.NBClientEngine, "execute_managed_notebook", classmethod(execute))
    shown, manager = SimpleNamespace(at=lambda *cell: told.append(cell)), Manager()
    with pytest.raises(KeyboardInterrupt):
        progress.Engine.execute_managed_notebook(manager, "python3", progress=shown)
    assert told == [("# One", 1, 2), ("# Two", 2, 2)]
    assert written == []
    manager.save()  # as papermill does after it
    assert written == ["whole"]


def test_what_a_notebook_took_is_kept_by_profile_when_all_runs_again(run_folder, monkeypatch):
    asked = []

    def execute(notebook, values, usual_s):
        asked.append(usual_s)
        artifacts.write_json(STAGES[notebook].record, {})
        return float(len(asked))

    monkeypatch.setattr(chain, "execute", execute)
    monkeypatch.setattr(chain.results, "read_record", lambda notebook: {})
    source = mnist.Source("sample", "here", 1, 1, "0")
    for profile in ("quick", "quick", "full"):
        request = chain.Request(profile, [], {"DATASET": "sample"}, source, 0, force=True)
        chain.run_all(request)
    count = len(NOTEBOOKS)
    assert asked == [
        *chain.ELSEWHERE_S["quick"].values(),
        *map(float, range(1, count + 1)),
        *chain.ELSEWHERE_S["full"].values(),
    ]
    assert stages.notes()[stages.USUAL]["quick"][NOTEBOOKS[0]] == count + 1


def test_there_is_an_estimate_for_every_notebook_of_every_profile(run_folder):
    for profile in parameters.PROFILES:
        assert all(chain.usual_seconds(profile, notebook) for notebook in NOTEBOOKS)
    assert chain.usual_seconds("quick", SEED_STUDY) is None
