import pytest
from made_up_sweep import a_row

from helpers.sweep import terminal


@pytest.fixture
def clock(monkeypatch):
    """One that stands still until it is told what time it is."""
    now = [0.0]
    monkeypatch.setattr(terminal.time, "monotonic", lambda: now[0])
    return now


def test_without_a_terminal_a_line_tells_now_and_then_how_far_it_is(clock, capsys):
    def rows():
        for number in range(1, 5):
            clock[0] = number * 10.0
            yield a_row(seed=number, reason="its loss is nan" if number == 3 else "")

    workers = iter([2, 2, 2, 1, 1])
    followed = terminal.followed(rows(), total=7, before=2, at_once=lambda: next(workers))
    assert [row["seed"] for row in followed] == [1, 2, 3, 4]
    assert capsys.readouterr().out.splitlines() == [
        "4 finished, 2 running, 0 failed, 6.0 a minute, left: 00:30",
        "failed: mlp, lab, seed 3, pytorch: its loss is nan",
        "5 finished, 1 running, 1 failed, 6.0 a minute, left: 00:10",
    ]
