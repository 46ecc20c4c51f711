"""Apply every seeded defect to a copy of the project and print whether its test catches it."""

import compileall
import os
import py_compile
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from changes import copy_project
from mutations import MUTATIONS, Mutation
from rich.console import Console
from rich.table import Table

from helpers.core.artifacts import PROJECT

CAUGHT, SURVIVED, GONE = "[green]caught[/]", "[red]NOT caught[/]", "[red]applies no more[/]"
# pytest's exit code when a test failed; others say that none ran, or not to its end.
FAILED = 1
# A defect may send a test into a loop.
MOST_S, MOST_FOR_ALL_S = 120, 900


def copy(folder: Path) -> Path:
    """Copy the project with its tests, compiled so that a changed file is never passed over.

    The usual compiled files tell a change by time and size, which a defect may leave as they are.
    """
    copy_project(folder)
    left_out = shutil.ignore_patterns("__pycache__")
    shutil.copytree(PROJECT / "tests", folder / "tests", ignore=left_out)
    by_content = py_compile.PycInvalidationMode.CHECKED_HASH
    compileall.compile_dir(folder, quiet=1, invalidation_mode=by_content)
    return folder


def pytest(project: Path, *tests: str, most_s: float = MOST_S, shown: bool = False) -> int | None:
    """Run tests of a copy with the copy's own code: pytest's exit code, None after `most_s`."""
    own = {"PYTHONPATH": str(project), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "pytest", "-qx", "-p", "no:cacheprovider", *tests]
    try:
        return subprocess.run(
            command,
            cwd=project / "tests",
            env={**os.environ, **own},
            stdout=None if shown else subprocess.DEVNULL,
            timeout=most_s,
        ).returncode
    except subprocess.TimeoutExpired:
        return None


def judge(project: Path, mutation: Mutation) -> str:
    """Return what the test says to a defect in the copy, which is then as before."""
    file = project / mutation.file
    whole = file.read_text(encoding="utf-8")
    if whole.count(mutation.old) != 1:
        return GONE
    file.write_text(whole.replace(mutation.old, mutation.new), encoding="utf-8")
    try:
        return CAUGHT if pytest(project, mutation.test) == FAILED else SURVIVED
    finally:
        file.write_text(whole, encoding="utf-8")


def main() -> int:
    """Judge every defect, print the table and return 1 unless all are caught."""
    table, caught, begin = Table("", "defect", "file", "test"), 0, time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        project = copy(Path(folder, "project"))
        tests = dict.fromkeys(mutation.test for mutation in MUTATIONS)
        if pytest(project, *tests, most_s=MOST_FOR_ALL_S, shown=True) != 0:
            print("error: a test of the list fails without any defect", file=sys.stderr)
            return 1
        for mutation in MUTATIONS:
            found = judge(project, mutation)
            caught += found == CAUGHT
            table.add_row(found, mutation.defect, mutation.file, mutation.test)
    Console().print(table)
    seconds = time.perf_counter() - begin
    print(f"{caught} of {len(MUTATIONS)} defects caught in {seconds:.0f} s")
    return int(caught < len(MUTATIONS))


if __name__ == "__main__":
    sys.exit(main())
