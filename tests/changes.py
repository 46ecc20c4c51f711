"""A copy of the project to change, as a student changes it, and the chain on it."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from helpers import PROJECT
from helpers.core.results import NOTEBOOKS, REPORT

# What the chain reads.
NEEDED = ("helpers", "notebooks", "requirements.txt", "requirements-2025.txt")


def copy_project(folder: Path) -> Path:
    """Copy what the chain needs into `folder`, and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in NEEDED:
        source, target = PROJECT / name, folder / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", ".*"))
        else:
            shutil.copy(source, target)
    return folder


def replace_once(file: Path, old: str, new: str) -> None:
    """Replace the only place of `old` in a file."""
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{file.name} has {old!r} {text.count(old)} times"
    file.write_text(text.replace(old, new), encoding="utf-8")


def command(*words: str) -> list[str]:
    """What `make report` runs, with this Python."""
    return [sys.executable, "-m", "helpers.chain", *words]


def variables(project: Path, folder: Path, **others: str) -> dict[str, str]:
    """The environment of the chain of a project, into a folder."""
    return os.environ | {"PYTHONPATH": str(project), "LAB_ARTIFACTS": str(folder)} | others


def run_chain(
    folder: Path, *words: str, project: Path = PROJECT, **others: str
) -> subprocess.CompletedProcess:
    """Run the chain of a project into `folder`, as a user does."""
    env = variables(project, folder, **others)
    return subprocess.run(
        command(*words), cwd=project, env=env, capture_output=True, text=True, timeout=900
    )


WORK = """# Work
import os, sys
from helpers.core import files, machine, results

facts = {name: os.environ.get(name) for name in ("KERAS_BACKEND", "PYTHONPATH", "MPLBACKEND")}
facts |= {"python": sys.executable, "started_up": "STARTED_UP" in globals()}
"""
RECORD = "results.write_record(NAME, started=machine.now(), facts=facts)"
RESULTS = "files.write_json(results.path(), facts)"


def small_project(folder: Path) -> Path:
    """A copy of the project whose notebooks do nothing but leave a record; return it."""
    copy_project(folder)
    for name in NOTEBOOKS:
        file = folder / "notebooks" / f"{name}.ipynb"
        book = json.loads(file.read_text(encoding="utf-8"))
        (given,) = (c for c in book["cells"] if "parameters" in c["metadata"].get("tags", []))
        work = given | {"id": "work", "metadata": {}, "source": WORK}
        end = RESULTS if name == REPORT else RECORD.replace("NAME", repr(name))
        last = work | {"id": "last", "source": f"# End\n{end}"}
        file.write_text(json.dumps(book | {"cells": [given, work, last]}), encoding="utf-8")
    return folder
