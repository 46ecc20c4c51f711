"""The limits of containers: made-up trees as hosts show them, and a real one."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from helpers.core import cgroups, provenance


def tree(root, groups, files):
    """Make the files of a machine whose process is in `groups`: {path below sys/fs/cgroup: text}"""
    for name, text in {"../../../proc/self/cgroup": groups, **files}.items():
        file = (root / "sys/fs/cgroup" / name).resolve()
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{text}\n")
    return root


def limits(root):
    return cgroups.core_limit(root), cgroups.memory_limit_bytes(root), cgroups.throttled(root)


def test_nothing_is_limited_where_there_are_no_cgroups(tmp_path):
    assert limits(tmp_path) == (None, None, 0)


def test_version_2_in_a_container(tmp_path):
    stat = "usage_usec 5\nnr_periods 9\nnr_throttled 3\nthrottled_usec 7"
    files = {"cpu.max": "150000 100000", "memory.max": 2 * 2**30, "cpu.stat": stat}
    assert limits(tree(tmp_path, "0::/", files)) == (1.5, 2 * 2**30, 3)


def test_version_2_without_limits(tmp_path):
    files = {"cpu.max": "max 100000", "memory.max": "max", "cpu.stat": "usage_usec 5"}
    assert limits(tree(tmp_path, "0::/", files)) == (None, None, 0)


def test_the_least_limit_of_all_groups_around_counts(tmp_path):
    files = {
        "user/cpu.max": "100000 100000",
        "user/lab/cpu.max": "300000 100000",
        "user/memory.max": "max",
        "user/lab/memory.max": 5 * 2**30,
        "user/cpu.stat": "nr_throttled 2",
        "user/lab/cpu.stat": "nr_throttled 1",
    }
    assert limits(tree(tmp_path, "0::/user/lab", files)) == (1.0, 5 * 2**30, 3)


@pytest.mark.parametrize("path", ["/", "/docker/0123", "/../outside"])
@pytest.mark.parametrize("name", ["cpu", "cpu,cpuacct"])
def test_version_1_in_a_container_whose_path_is_its_own_or_the_hosts(tmp_path, path, name):
    files = {
        f"{name}/cpu.cfs_quota_us": 50_000,
        f"{name}/cpu.cfs_period_us": 100_000,
        f"{name}/cpu.stat": "nr_periods 4\nnr_throttled 4\nthrottled_time 1",
        "memory/memory.limit_in_bytes": 2**31,
    }
    groups = f"12:memory:{path}\n4:{name}:{path}\n1:name=systemd:{path}\n0::/"
    assert limits(tree(tmp_path, groups, files)) == (0.5, 2**31, 4)


def test_version_1_without_limits(tmp_path):
    files = {
        "cpu/cpu.cfs_quota_us": -1,
        "cpu/cpu.cfs_period_us": 100_000,
        "memory/memory.limit_in_bytes": 9_223_372_036_854_771_712,
    }
    assert limits(tree(tmp_path, "3:memory:/\n2:cpu:/", files)) == (None, None, 0)


@pytest.mark.parametrize(("limit", "cores"), [(0.5, 1), (1.5, 1), (2.0, 2), (64, 4), (None, 4)])
def test_a_core_that_is_there_in_part_does_not_count(monkeypatch, limit, cores):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(4)), raising=False)
    monkeypatch.setattr(cgroups, "core_limit", lambda: limit)
    assert provenance.cores() == cores


def test_the_memory_is_that_of_the_container(monkeypatch):
    whole = provenance.memory_bytes()
    monkeypatch.setattr(cgroups, "memory_limit_bytes", lambda: 2**29)
    assert provenance.describe()["memory_bytes"] == 2**29 < whole


@pytest.fixture
def fifth_of_a_core():
    """A real cgroup that may keep a fifth of a core busy; skip where none can be made."""
    mount = Path("/sys/fs/cgroup")
    old = mount / "cpu" / "cpu.cfs_quota_us"
    group = (old.parent if old.exists() else mount) / f"lab-test-{os.getpid()}"
    quota = ("cpu.cfs_quota_us", "20000") if old.exists() else ("cpu.max", "20000 100000")
    try:
        group.mkdir()
        (group / quota[0]).write_text(quota[1])
    except OSError as error:
        if group.exists():
            group.rmdir()
        pytest.skip(f"no cgroup can be made here: {error}")
    yield group
    time.sleep(0.1)  # until the system notices that it is empty
    group.rmdir()


def test_a_real_container_limits_and_throttles(fifth_of_a_core):
    code = (
        "import os, sys, time\n"
        "from helpers.core import cgroups, provenance\n"
        "open(sys.argv[1] + '/cgroup.procs', 'w').write(str(os.getpid()))\n"
        "before, end = cgroups.throttled(), time.monotonic() + 20\n"
        "while cgroups.throttled() == before and time.monotonic() < end: pass\n"
        "print(provenance.cores(), cgroups.core_limit(), cgroups.throttled() > before)\n"
    )
    command = [sys.executable, "-c", code, str(fifth_of_a_core)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.stdout.split() == ["1", "0.2", "True"], done.stderr
