"""The house: a room imports only from rooms before it, and frameworks only where they are named."""

import ast
import json
import re
import subprocess
import sys

import pytest

from helpers.benchmark.runtimes import RUNTIMES
from helpers.core.artifacts import PROJECT
from helpers.core.stages import ROOMS

HELPERS = PROJECT / "helpers"
FILES = sorted(HELPERS.glob("*/**/*.py"))
# The files that may import a framework are named for it.
FRAMEWORKS = {"tensorflow": "keras_", "keras": "keras_", "tf2onnx": "keras_", "torch": "torch_"}


def imports(file):
    """Every module that a file imports, anywhere in it."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(HELPERS)))
def test_a_room_imports_only_from_rooms_before_it(file):
    place = ROOMS.index(file.relative_to(HELPERS).parts[0])
    for name in imports(file):
        package, _, rest = name.partition(".")
        if package == "helpers":
            room = rest.partition(".")[0]
            assert ROOMS.index(room) <= place, f"{ROOMS[place]} imports {room}"
        if package in FRAMEWORKS:
            assert file.name.startswith(FRAMEWORKS[package]), name


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_says_what_is_in_it_for_whom_and_what_it_may_import(room):
    said = ast.get_docstring(ast.parse((HELPERS / room / "__init__.py").read_text("utf-8")))
    for words in (r"^[A-Z].+\.\n", r"\nFor those who ", r"(May import|Imports no other) "):
        assert re.search(words, said), words
    *before, last = ROOMS[: ROOMS.index(room)] or ("",)
    if 0 < ROOMS.index(room) < 6:
        assert f"May import {', '.join(before)}{' and ' * bool(before)}{last}." in " ".join(
            said.split()
        )


@pytest.mark.real
@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_measuring_process_imports_little_of_the_project(runtime):
    """What `import_s` holds beside the runtime: its network's definition and what that needs."""
    code = f"""
import json, sys
import helpers.core.process, helpers.benchmark.worker
before = set(sys.modules)
helpers.benchmark.worker.RUNTIMES[{runtime!r}](1)
print(json.dumps([sorted(name for name in names if name.startswith("helpers."))
                  for names in (before, set(sys.modules) - before)]))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    first, added = map(set, json.loads(done.stdout.splitlines()[-1]))
    assert added <= {f"helpers.models.{name}_networks" for name in ("keras", "torch")}
    assert {name for name in first if not name.startswith("helpers.core")} == {
        *("helpers.benchmark", "helpers.benchmark.worker", "helpers.benchmark.runtimes"),
        *("helpers.benchmark.timing", "helpers.benchmark.noise"),
        *("helpers.exports", "helpers.exports.gate", "helpers.models", "helpers.models.metrics"),
    }
