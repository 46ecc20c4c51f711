"""A copy of the project to change, as a student changes it, and the chain on it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from helpers.core.artifacts import PROJECT

# What the chain reads.
NEEDED = ("helpers", "notebooks", "requirements.txt", "requirements-2025.txt", "pyproject.toml")


def as_a_user(**variables: str) -> dict[str, str]:
    """The environment of what a user starts: of this process, with nothing kept out of it yet."""
    return {k: v for k, v in os.environ.items() if k != "LAB_KEPT_OUT"} | variables


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


def run_chain(project: Path, *words: str, **environment: str) -> subprocess.CompletedProcess:
    """Run the chain of a copy into its own artifacts/, with its own helpers."""
    own = {"PYTHONPATH": str(project), "LAB_ARTIFACTS": str(project / "artifacts")}
    mnist = os.environ.get("MNIST_DIR")
    if mnist:  # relative to the project, which is another one here
        own["MNIST_DIR"] = str((PROJECT / Path(mnist).expanduser()).resolve())
    return subprocess.run(
        [sys.executable, "-m", "helpers.pipeline", "--profile", "quick", *words],
        cwd=project,
        env=as_a_user(**own | environment),
        capture_output=True,
        text=True,
        timeout=900,
    )
