"""Read an executed notebook as the page needs it, whatever its file holds."""

import itertools
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

import nbformat

from helpers.core.console import one_line

MARKER_TAG = "papermill-error-cell-tag"
EMPTY = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}}
BLANK = {"metadata": {}, "source": "", "outputs": [], "execution_count": None}
UNREADABLE = {"cell_type": "markdown", "source": "This cell cannot be read."}


def prefix(path: Path) -> str:
    """Return the number of a notebook, which begins every id of its part of the page."""
    return path.stem.partition("_")[0]


def read(path: Path) -> nbformat.NotebookNode:
    """Read a notebook without papermill's marker cells; it raises for nothing that a file holds.

    A cell's metadata.page is {id, failed, whole}; not `whole` is a cell of which something is left
    out. The notebook's metadata.page is {started}.
    """
    try:
        text = json.dumps(json.loads(path.read_text(encoding="utf-8")), ensure_ascii=False)
        content = json.loads(text.encode(errors="replace"))  # half a character becomes a "?"
        cells = list(content["cells"])
    except Exception as error:  # no JSON, another JSON, too deep, …
        why = f"{path.name} cannot be read as a notebook: {one_line(error)[:200]}"
        content, cells = {}, [{"cell_type": "markdown", "source": why}]
    sound = [cell for cell in map(_sound, cells) if MARKER_TAG not in cell.metadata.get("tags", [])]
    for number, cell in enumerate(sound, start=1):
        stopped = _papermill(cell).get("exception") is True
        failed = stopped or any(output.output_type == "error" for output in cell.outputs)
        cell.id = f"{prefix(path)}-cell-{number}"
        page = {"id": cell.id, "failed": failed, "whole": cell.metadata.whole}
        cell.metadata = nbformat.from_dict({"tags": cell.metadata.get("tags", []), "page": page})
        cell.outputs = list(_as_on_a_terminal(cell.outputs, errors=failed))
    started = str(_papermill(content).get("start_time") or "")
    return nbformat.from_dict({**EMPTY, "cells": sound, "metadata": {"page": {"started": started}}})


def _papermill(noted: object) -> Mapping:
    """Return what papermill noted of a notebook or a cell."""
    for name in ("metadata", "papermill"):
        noted = noted.get(name) if isinstance(noted, Mapping) else None
    return noted if isinstance(noted, Mapping) else {}


def _sound(own: object) -> nbformat.NotebookNode:
    """Return a cell as the format has it: if it must be without its outputs, or as a sentence."""
    own = own if isinstance(own, Mapping) else {}
    bare = {**own, "metadata": {}}
    tries = (own, bare, {**bare, "outputs": []}, UNREADABLE)
    number, cell = next((n, valid) for n, cell in enumerate(tries) if (valid := _valid(cell)))
    cell.metadata.whole = number < 2
    return cell


def _valid(cell: Mapping) -> nbformat.NotebookNode | None:
    """Return a cell with all that the format asks for, None when something in it is wrong."""
    filled = {**BLANK, **{name: value for name, value in cell.items() if value is not None}}
    try:
        read = nbformat.v4.to_notebook({**EMPTY, "cells": [{**filled, "id": "cell"}]})
        nbformat.validate(read, relax_add_props=True)
    except Exception:  # the reader takes for granted what the check after it asks for
        return None
    (cell,) = read.cells
    if cell.cell_type != "code":
        cell.outputs = []
    return cell


def _as_on_a_terminal(outputs: Iterable, *, errors: bool) -> Iterable:
    r"""Join what a stream wrote in pieces; of each line show what its last "\r" has left.

    Without `errors` the stream of that name is left out.
    """
    shown = [output for output in outputs if errors or output.get("name") != "stderr"]
    for (kind, name), pieces in itertools.groupby(
        shown, key=lambda output: (output.output_type, output.get("name"))
    ):
        if kind == "stream":
            lines = "".join(piece.text for piece in pieces).split("\n")
            text = "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in lines)
            yield nbformat.v4.new_output(kind, name=name, text=text)
        else:
            yield from pieces
