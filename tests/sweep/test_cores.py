import os
import subprocess
import sys

import pytest

from helpers.core import provenance
from helpers.sweep import cores

TAKE = """
import sys
from helpers.sweep import cores
with cores.group(int(sys.argv[1])) as load:
    print(load, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def own_locks(tmp_path, monkeypatch):
    monkeypatch.setattr(cores.tempfile, "gettempdir", lambda: str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))


def other(threads):
    """Another process that has a group."""
    process = subprocess.Popen(
        [sys.executable, "-c", TAKE, str(threads)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "1\n"
    return process


def test_a_group_is_pinned_to_its_cores_and_released(own_locks):
    before = os.sched_getaffinity(0)
    with cores.group(1) as load:
        assert load == 1
        assert os.sched_getaffinity(0) == {min(before)}
    assert os.sched_getaffinity(0) == before


@pytest.mark.skipif(provenance.cores() != 2, reason="as many cores as the figures below are of")
def test_two_trainings_have_cores_of_their_own_and_know_of_each_other(own_locks):
    assert cores.groups(1) == 2
    assert cores.groups(2) == cores.groups(3) == 1
    first = other(1)
    with cores.group(1) as load:
        assert load == 2
        assert os.sched_getaffinity(0).isdisjoint(os.sched_getaffinity(first.pid))
    first.communicate()


def test_the_group_of_a_process_that_is_killed_is_free_again(own_locks):
    first = other(provenance.cores())
    first.kill()
    first.communicate()
    with cores.group(provenance.cores()) as load:
        assert load == 1
