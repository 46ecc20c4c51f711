"""Tell whether a notebook would do the same again: its cells, its numbers' code, its inputs."""

import ast
import hashlib
import json
import platform
from pathlib import Path

from helpers.core import artifacts, provenance, stack
from helpers.core.console import LabError, one_line

LOCK = artifacts.PROJECT / stack.LOCKS[stack.name()]


def fingerprint(notebook: Path, code: tuple[str, ...], parameters: dict, inputs: list[str]) -> str:
    """Return a SHA-256 that changes when running `notebook` again could give other numbers.

    `code` names the rooms and files of helpers/ that its numbers come from, `inputs` are digests of
    what it reads. Prose counts, because it is in the page.
    """
    patterns = (f"helpers/{place}" for place in code)
    parts = [
        *(read_cells(notebook), provenance.code_sha256("helpers/__init__.py", *patterns)),
        *(parameters, inputs, artifacts.sha256(LOCK), platform.python_version()),
    ]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def read_cells(notebook: Path) -> list[dict]:
    """Return the cells of a notebook as they stand in the file.

    Without nbformat, whose import alone takes a second.
    """
    return json.loads(notebook.read_text(encoding="utf-8"))["cells"]


def declared(notebook: Path) -> list[str]:
    """Return the names that the cell tagged `parameters` assigns, in whatever form.

    Raises LabError when the notebook or its cell cannot be read.
    """
    try:
        cells = read_cells(notebook)
        tagged = [c for c in cells if "parameters" in c["metadata"].get("tags", [])]
        tree = ast.parse("".join(tagged[0]["source"])) if tagged else ast.Module([], [])
    except SyntaxError as error:
        raise LabError(
            f"{notebook.name}: line {error.lineno} of its cell tagged `parameters` is no Python: "
            f"{error.msg}"
        ) from error
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise LabError(f"{notebook.name} is no notebook: {one_line(error)}") from error
    names = (node for node in ast.walk(tree) if isinstance(node, ast.Name))
    return [node.id for node in names if isinstance(node.ctx, ast.Store)]
