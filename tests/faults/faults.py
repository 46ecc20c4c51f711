"""A fault: what is done, what the user sees, what is left on the disk. `make faults` lists all."""

import re
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest
from changes import as_a_user, copy_project
from conftest import pipeline

from helpers.core import stack
from helpers.core.artifacts import PROJECT


@dataclass
class Place:
    """Where a fault happens: an empty folder of its own, and the artifacts folder in it."""

    folder: Path

    @property
    def artifacts(self) -> Path:
        return self.folder / "artifacts"

    def copy(self) -> Path:
        """Return a copy of the project to break, without .venv and git."""
        return copy_project(self.folder / "project")

    def chain(self, *words: str, project: Path = PROJECT, **environment: str):
        """Run the pipeline of `project` as `make report` does: how it ended."""
        environment.setdefault("PYTHONPATH", str(project))
        return pipeline(self.artifacts, *words, project=project, **environment)

    def python(self, code: str, *words: str, project: Path = PROJECT, **environment: str):
        """Run Python code that uses the helpers of `project` in a fresh process: how it ended."""
        return subprocess.run(
            [sys.executable, "-c", code, *words],
            cwd=project,
            env=as_a_user(**{"LAB_ARTIFACTS": str(self.artifacts), **environment}),
            capture_output=True,
            text=True,
            timeout=300,
        )


def nothing(place: Place) -> bool:
    """Tell whether a fault left no file at all."""
    return not any(path.is_file() for path in place.artifacts.rglob("*"))


@dataclass(frozen=True)
class Fault:
    """One row of the table."""

    done: str  # what is done, in words
    act: Callable[[Place], subprocess.CompletedProcess]  # does it
    sees: str  # a regular expression for the line that tells the user
    code: int = 2  # the exit code; 2 is bad input, 1 a fault, 0 a correct report
    left: str = "nothing"  # what is on the disk afterwards, in words
    holds: Callable[[Place], bool] = nothing  # whether that is so
    real: bool = False  # takes a training, a browser or minutes
    versions: bool = False  # depends on how new the runtimes are
    shared: str = ""  # what it shares with other rows, made once

    def check(self, place: Place) -> str:
        """Do it, assert that it ends as the row says, and return the line that the user sees."""
        done = self.act(place)
        said = done.stdout + done.stderr
        assert done.returncode == self.code, said
        found = re.search(self.sees, said)
        assert found, said
        if self.code == 2:  # bad input: one line, no traceback
            assert done.stderr.startswith("error: "), done.stderr
            assert done.stderr.count("\n") == 1, done.stderr
        assert self.holds(place), sorted(map(str, place.artifacts.rglob("*")))
        begin = said.rfind("\n", 0, found.start()) + 1
        return said[begin:].splitlines()[0].replace(str(place.folder), "…")


def rows(faults: Iterable[Fault]) -> list:
    """Return the faults as parameters of a test, with what marks them."""

    def marks(fault: Fault) -> list:
        found = [pytest.mark.real] if fault.real else []
        if fault.versions:
            old = stack.name() != stack.TODAY
            found.append(pytest.mark.skipif(old, reason="older versions do otherwise"))
        return found + ([pytest.mark.xdist_group(fault.shared)] if fault.shared else [])

    return [pytest.param(fault, id=fault.done, marks=marks(fault)) for fault in faults]
