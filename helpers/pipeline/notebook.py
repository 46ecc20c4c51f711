"""Run one notebook through papermill."""

import os
import time
from pathlib import Path

from helpers.core import artifacts, environment
from helpers.core.artifacts import PROJECT
from helpers.core.console import INTERRUPTED, LabError, one_line
from helpers.pipeline import fingerprint

FOLDER = PROJECT / "notebooks"
# A cell that takes longer will never end: one of the full profile takes half an hour, and a laptop
# may sleep a night meanwhile.
CELL_LIMIT_S = 12 * 3600


class NotebookFailed(Exception):
    """A notebook stopped; `line` says where and why, `cell` is its id in the page.

    `resume` is the notebook to go on from.
    """

    def __init__(
        self, notebook: str, line: str, cell: str | None, code: int, resume: str = ""
    ) -> None:
        super().__init__(f"{notebook} {line}")
        self.notebook, self.line, self.cell, self.code = notebook, line, cell, code
        self.resume = resume or notebook


def executed(notebook: str) -> Path:
    """Return where the executed copy of a notebook is kept."""
    return artifacts.root() / "notebooks" / f"{notebook}.ipynb"


def execute(notebook: str, values: dict[str, object]) -> float:
    """Run one notebook with parameters, keep its executed copy and return the seconds it took.

    On a terminal papermill's bar tells how far it is; then cells and time stand in one line. All
    other output goes to logs/notebooks.log. Raises NotebookFailed when a cell fails or never ends,
    when the kernel dies and at Ctrl-C.
    """
    from helpers.pipeline import kernel

    with (
        os.fdopen(os.dup(1), "w") as terminal,
        artifacts.output_to_log("notebooks.log"),
        kernel.own_folders(),
    ):
        # Written when it ends, and renamed once it is whole.
        part = executed(notebook).with_name(f".{notebook}.ipynb")
        part.parent.mkdir(parents=True, exist_ok=True)
        start = time.perf_counter()
        try:
            with environment.without(*environment.SLOW):
                import papermill

            papermill.execute_notebook(
                FOLDER / f"{notebook}.ipynb",
                part,
                values,
                cwd=FOLDER,
                execution_timeout=CELL_LIMIT_S,
                kernel_name="python3",
                language="python",
                kernel_manager_class=kernel.OwnKernel,
                shutdown_kernel="immediate",  # every record is on the disk by then
                progress_bar={
                    "desc": notebook,
                    "leave": False,
                    "file": terminal,
                    "disable": not terminal.isatty(),
                },
            )
        except (Exception, KeyboardInterrupt) as error:
            raise _failed(notebook, _keep(part, notebook), error) from error
        seconds, cells = time.perf_counter() - start, len(_keep(part, notebook))
        terminal.write(f"{notebook:<22}{cells:>3} cells  {seconds:.0f} s\n")
    return seconds


def _keep(part: Path, notebook: str) -> list[dict]:
    """Keep the executed copy and return its cells; none of a copy that was written half."""
    try:
        cells = fingerprint.read_cells(part)
    except (OSError, ValueError):
        part.unlink(missing_ok=True)
        return []
    part.replace(executed(notebook))
    return cells


def _failed(notebook: str, cells: list[dict], error: BaseException) -> NotebookFailed:
    """Return where a notebook stopped and why, in one line."""
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill import PapermillExecutionError
    from papermill.execute import ERROR_MARKER_TAG

    how, code, why = "stopped", 1, one_line(error)
    if isinstance(error, PapermillExecutionError):
        how, why = "failed", one_line(f"{error.ename}: {error.evalue}")
        code = 2 if error.ename == LabError.__name__ else 1
    elif isinstance(error, KeyboardInterrupt):
        how, code, why = "was stopped", INTERRUPTED, "interrupted"
    elif isinstance(error, CellTimeoutError):
        why = one_line(str(error).partition("\nHere is")[0])
    elif isinstance(error, DeadKernelError):
        why = "the kernel died; perhaps it had not enough memory"
    cells = [c for c in cells if ERROR_MARKER_TAG not in c["metadata"].get("tags", [])]
    status = [cell["metadata"].get("papermill", {}).get("status") for cell in cells]
    begun = [number for number, found in enumerate(status, 1) if found not in (None, "pending")]
    if not begun:
        return NotebookFailed(notebook, f"{how}: {why}", None, code)
    number = begun[-1]
    first = ("".join(cells[number - 1]["source"]).splitlines() or [""])[0].lstrip("# ")
    cell = f"{notebook[:2]}-cell-{cells[number - 1]['id']}"
    return NotebookFailed(notebook, f"{how} in cell {number} ({first}): {why}", cell, code)
