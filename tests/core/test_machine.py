import importlib.metadata
import os
import subprocess
import sys

import pytest

from helpers import PROJECT
from helpers.core import files, machine


def test_the_machine_and_its_packages():
    described = machine.describe()
    assert described["cores"] >= 1
    assert described["memory_bytes"] > 1e9
    assert described["cpu"]
    assert machine.versions()["torch"] == importlib.metadata.version("torch")
    assert 20e6 < machine.peak_rss_bytes() < 20e9


def test_the_memory_is_the_lesser_of_the_machines_and_the_containers(tmp_path, monkeypatch):
    monkeypatch.setattr(machine, "MEMORY_LIMITS", [tmp_path / "v2", tmp_path / "v1"])
    total = machine.describe()["memory_bytes"]
    (tmp_path / "v1").write_text(f"{2**63 - 4096}\n")
    (tmp_path / "v2").write_text("max\n")
    assert machine.describe()["memory_bytes"] == total
    (tmp_path / "v2").write_text("1000000\n")
    assert machine.describe()["memory_bytes"] == 1_000_000


@pytest.mark.skipif(sys.platform != "linux", reason="no affinity elsewhere")
def test_the_cores_are_those_that_this_process_may_use():
    code = "from helpers.core import machine; print(machine.cores())"
    command = ["taskset", "-c", "0", sys.executable, "-c", code]
    assert subprocess.check_output(command, text=True) == "1\n"


def test_an_installed_size_includes_what_is_required():
    assert machine.install_bytes("pandas") > machine.install_bytes("numpy") > 10e6
    assert machine.install_bytes("no-such-package") == 0


@pytest.mark.parametrize(
    ("found", "stack", "folder"),
    [
        ("2.16.2", "2025", "artifacts/2025"),
        ("2.9.1", "2025", "artifacts/2025"),
        ("2.17.0", "today", "artifacts"),
        ("2.100.0rc1", "today", "artifacts"),
        (None, "today", "artifacts"),
    ],
)
def test_the_version_of_tensorflow_says_which_stack_it_is_and_where_its_run_goes(
    monkeypatch, found, stack, folder
):
    monkeypatch.setattr(machine, "version", lambda package: found)
    monkeypatch.delenv("LAB_ARTIFACTS", raising=False)
    machine.before.cache_clear()
    assert machine.stack() == stack
    assert files.root() == PROJECT / folder
    machine.before.cache_clear()


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A project that is a checkout of its own, with one commit."""
    own = tmp_path / "outside" / "project"
    (own / "helpers").mkdir(parents=True)
    (own / "helpers" / "code.py").write_text("1")
    monkeypatch.setattr(machine, "PROJECT", own)
    for words in ("init -q", "add -A", "-c user.name=A -c user.email=a@b commit -q -m first"):
        subprocess.run(["git", *words.split()], cwd=own, check=True)
    return own


def test_the_commit_of_the_project_and_whether_its_code_differs(checkout, monkeypatch):
    clean = machine.git_commit()
    assert len(clean) == 40
    monkeypatch.setenv("GIT_DIR", str(PROJECT / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(PROJECT))
    (checkout / "README.md").write_text("no code")
    assert machine.git_commit() == clean
    (checkout / "helpers" / "code.py").write_text("2")
    assert machine.git_commit() == f"{clean}-dirty"


def test_where_git_tells_no_commit_of_the_project_there_is_none(checkout, tmp_path, monkeypatch):
    inside = checkout / "helpers" / "unpacked"
    inside.mkdir()
    monkeypatch.setattr(machine, "PROJECT", inside)
    assert machine.git_commit() is None
    (inside / ".git").mkdir()  # one that is broken leads git to the checkout around it
    assert machine.git_commit() is None
    monkeypatch.setattr(machine, "PROJECT", checkout)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert machine.git_commit() is None


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root")
def test_a_checkout_of_another_user_gives_no_commit(checkout, monkeypatch):
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)  # which may trust every folder
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    for path in (checkout, checkout / ".git"):
        os.chown(path, 12_345, 12_345)
    assert machine.git_commit() is None
