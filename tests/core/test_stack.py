import importlib.metadata
import os
import subprocess

import pytest

from helpers.core import artifacts, stack
from helpers.core.artifacts import PROJECT

INTEL_MAC = 'case "$1" in -sm) echo Darwin x86_64;; *) echo Darwin;; esac'


@pytest.fixture
def installed(monkeypatch):
    """Lets a test say which versions are installed."""
    versions = {}

    def version(package):
        if package not in versions:
            raise importlib.metadata.PackageNotFoundError(package)
        return versions[package]

    monkeypatch.setattr(importlib.metadata, "version", version)
    stack.before.cache_clear()
    yield versions
    stack.before.cache_clear()


@pytest.mark.parametrize(
    ("found", "expected"),
    [("2.16.2", True), ("2.9.1", True), ("2.17.0", False), ("2.100.0rc1", False), ("3.0", False)],
)
def test_versions_are_compared_as_numbers(installed, found, expected):
    installed["tensorflow"] = found
    assert stack.before("tensorflow", "2.17") is expected


def test_tensorflow_decides_which_stack_it_is_and_where_its_run_goes(installed, monkeypatch):
    monkeypatch.delenv("LAB_ARTIFACTS", raising=False)
    assert stack.name() == stack.TODAY  # without TensorFlow too
    installed["tensorflow"] = "2.21.1"
    assert stack.name() == stack.TODAY
    assert artifacts.root() == PROJECT / "artifacts"
    stack.before.cache_clear()
    installed["tensorflow"] = "2.16.2"
    assert stack.name() == stack.OF_2025
    assert artifacts.root() == PROJECT / "artifacts" / "2025"
    monkeypatch.setenv("LAB_ARTIFACTS", "elsewhere")
    assert artifacts.root() == PROJECT / "elsewhere"


def make(*words, folder=None, uname=None, **variables):
    """Run make, with another machine's uname if it is given."""
    path = os.environ["PATH"]
    if uname:
        program = folder / "uname"
        program.write_text(f"#!/bin/sh\n{uname}\n")
        program.chmod(0o755)
        path = f"{folder}{os.pathsep}{path}"
    own = {name: text for name, text in os.environ.items() if name not in ("STACK", "MAKEFLAGS")}
    return subprocess.run(
        ["make", "--no-print-directory", *words],
        cwd=PROJECT,
        env={**own, "PATH": path, **variables},
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("words", [["report", "STACK=2024"], ["test", "STACK="]])
def test_another_stack_is_told_in_one_line(words):
    done = make("--dry-run", *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert "is no stack of packages; allowed are today and 2025" in done.stderr
    assert done.stderr.count("\n") == 1


def test_the_stack_of_2025_has_an_environment_of_its_own():
    done = make("--dry-run", "report", "STACK=2025", "PROFILE=quick", "SEED=3")
    (line,) = (line for line in done.stdout.splitlines() if "helpers.pipeline" in line)
    assert line == ".venv-2025/bin/python -m helpers.pipeline --profile 'quick'  'SEED=3'"
    assert "requirements.txt" not in done.stdout


def test_an_intel_mac_takes_the_stack_of_2025_and_says_so(tmp_path):
    done = make("--dry-run", "lab", folder=tmp_path, uname=INTEL_MAC)
    assert done.stdout.count("STACK=2025: the last packages that were made for an Intel Mac") == 1
    assert ".venv-2025/bin/python -m jupyterlab" in done.stdout
    asked = make("--dry-run", "lab", "STACK=today", folder=tmp_path, uname=INTEL_MAC)
    assert "STACK=2025" not in asked.stdout
    assert ".venv/bin/python -m jupyterlab" in asked.stdout
