"""Tell whether a notebook would do the same again: its code, its helpers' code, its inputs."""

import ast
import hashlib
import json
import platform
from pathlib import Path

from helpers import artifacts
from helpers.artifacts import PROJECT

LOCK = PROJECT / "requirements.txt"


def fingerprint(notebook: Path, parameters: dict, inputs: list[str]) -> str:
    """Return a SHA-256 that changes when running `notebook` again could give something else.

    `inputs` are digests of what it reads. Prose counts, because it is in the page; helpers count
    if the notebook reaches them.
    """
    cells = read_cells(notebook)
    code = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    reached = {name: artifacts.sha256(path) for name, path in helper_files(code).items()}
    parts = [cells, reached, parameters, inputs, artifacts.sha256(LOCK), platform.python_version()]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def read_cells(notebook: Path) -> list[dict]:
    """Return the cells of a notebook as they stand in the file.

    Without nbformat, whose import alone takes a second.
    """
    return json.loads(notebook.read_text(encoding="utf-8"))["cells"]


def declared(notebook: Path) -> list[str]:
    """Return the names that the cell tagged `parameters` assigns."""
    for cell in read_cells(notebook):
        if "parameters" in cell["metadata"].get("tags", []):
            tree = ast.parse("".join(cell["source"]))
            return [node.targets[0].id for node in tree.body if isinstance(node, ast.Assign)]
    return []


def helper_files(code: str) -> dict[str, Path]:
    """Return {module: file} of the helpers that `code` imports, directly or through another.

    A module started by name in a process of its own (`"helpers.measure"`) counts as imported.
    """
    found: dict[str, Path] = {}
    waiting = [code]
    while waiting:
        for name in _mentioned(ast.parse(waiting.pop())):
            path = PROJECT / "helpers" / f"{name}.py"
            if name not in found and path.exists():
                found[name] = path
                waiting.append(path.read_text(encoding="utf-8"))
    return found


def _mentioned(tree: ast.AST) -> set[str]:
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "helpers":
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("helpers."):
            names.add(node.module.split(".")[1])
        elif isinstance(node, ast.Constant) and str(node.value).startswith("helpers."):
            names.add(node.value.split(".")[1])
    return names
