"""The house: a room imports only from rooms before it, and frameworks only where they are named."""

import ast
import json
import subprocess
import sys

import pytest

from helpers import PROJECT
from helpers.benchmark.runtimes import RUNTIMES

HELPERS = PROJECT / "helpers"
# In the order in which they may import each other; the last three import nothing of each other.
ROOMS = ("core", "data.py", "models", "training", "exports", "benchmark", "report", "parameters.py")
ROOMS += ("lab.py", "chain.py", "verify.py", "sweep.py")
FILES = [file for room in ROOMS for file in sorted({HELPERS / room, *HELPERS.glob(f"{room}/**/*")})]
FILES = [file for file in FILES if file.suffix == ".py"]
NAMES = [room.removesuffix(".py") for room in ROOMS]
# The files that may import a framework are named for it.
FRAMEWORKS = {"tensorflow": "keras_", "keras": "keras_", "tf2onnx": "keras_", "torch": "torch_"}
# These do it, or import such a file, inside the function that needs it.
INSIDE = {
    *("exports/tflite.py", "exports/onnx_files.py", "exports/challenges.py"),
    *("benchmark/runtimes.py", "benchmark/timers_2025.py"),
}


def imports(part):
    """Every module that a part of a file imports, anywhere in it."""
    for node in ast.walk(part):
        if isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def framework(name):
    """The beginning of the names of files that may import a module; "" where any file may."""
    package, *parts = name.split(".")
    named = (prefix for part in parts for prefix in FRAMEWORKS.values() if part.startswith(prefix))
    return next(named, "") if package == "helpers" else FRAMEWORKS.get(package, "")


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(HELPERS)))
def test_a_room_imports_only_from_rooms_before_it_and_a_framework_where_its_name_says_so(file):
    own = file.relative_to(HELPERS)
    place = ROOMS.index(own.parts[0])
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for name in imports(tree):
        package, _, rest = name.partition(".")
        room = rest.partition(".")[0]
        if package == "helpers" and room != "PROJECT":
            assert NAMES.index(room) <= min(place, 8), f"{ROOMS[place]} imports {room}"
    parts = tree.body
    if own.as_posix() in INSIDE:
        parts = [part for part in parts if not isinstance(part, ast.FunctionDef | ast.ClassDef)]
    for name in (name for part in parts for name in imports(part)):
        assert file.name.startswith(framework(name)), name


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
    own = (f"helpers.models.{name}" for name in ("keras_models", "torch_models", "weights"))
    assert added <= {"helpers.models", *own}
    assert {name for name in first if not name.startswith("helpers.core")} == {
        *("helpers.benchmark", "helpers.benchmark.worker", "helpers.benchmark.runtimes"),
        "helpers.benchmark.timing",
    }
