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

# A defect may send a test into a loop.
MOST_S = 120


def copy(folder: Path) -> Path:
    """Copy the project with its tests, and compile it so that a changed file is never passed over.

    The usual compiled files tell a change by time and size, which a defect may leave as they are.
    """
    copy_project(folder)
    shutil.copytree(PROJECT / "tests", folder / "tests", ignore=shutil.ignore_patterns("__pyc*"))
    by_content = py_compile.PycInvalidationMode.CHECKED_HASH
    compileall.compile_dir(folder, quiet=1, invalidation_mode=by_content)
    return folder


def pytest(project: Path, *tests: str) -> int:
    """Run tests of a copy with the copy's own code and return pytest's exit code; 124 is too long.

    Nothing is compiled anew.
    """
    own = {"PYTHONPATH": str(project), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "pytest", "-qx", "-p", "no:cacheprovider", *tests]
    try:
        return subprocess.run(
            command,
            cwd=project / "tests",
            env={**os.environ, **own},
            capture_output=True,
            timeout=MOST_S,
        ).returncode
    except subprocess.TimeoutExpired:
        return 124


def judge(project: Path, mutation: Mutation) -> bool:
    """Tell whether a defect in the copy makes its test fail; the copy is then as before."""
    file = project / mutation.file
    whole = file.read_text(encoding="utf-8")
    file.write_text(mutation.changed(), encoding="utf-8")
    try:
        return pytest(project, mutation.test) == 1  # other codes: no test ran, or not to its end
    finally:
        file.write_text(whole, encoding="utf-8")


def main() -> int:
    """Judge every defect, print the table and return 1 when one is not caught."""
    table, caught, begin = Table("", "defect", "where", "test"), 0, time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        project = copy(Path(folder, "project"))
        tests = dict.fromkeys(mutation.test for mutation in MUTATIONS)
        if code := pytest(project, *tests):
            print(f"error: the tests fail without any defect (pytest ended with {code})")
            return 1
        for mutation in MUTATIONS:
            good = judge(project, mutation)
            caught += good
            mark = "[green]caught[/]" if good else "[red]NOT[/]"
            table.add_row(mark, mutation.defect, mutation.file, mutation.test)
    Console().print(table)
    seconds = time.perf_counter() - begin
    print(f"{caught} of {len(MUTATIONS)} defects caught in {seconds:.0f} s")
    return int(caught < len(MUTATIONS))


if __name__ == "__main__":
    sys.exit(main())
