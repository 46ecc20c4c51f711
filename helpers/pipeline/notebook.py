"""Run one notebook through papermill."""

import os
import time
from pathlib import Path

from helpers.core import artifacts
from helpers.core.artifacts import PROJECT
from helpers.core.console import LabError, one_line
from helpers.pipeline import fingerprint

FOLDER = PROJECT / "notebooks"
PROGRESS = "{desc} {n_fmt:>2}/{total_fmt} cells  {elapsed}"  # in tqdm's words


class NotebookFailed(Exception):
    """A notebook stopped; `line` says where and why, `cell` is its id in the page."""

    def __init__(self, notebook: str, line: str, cell: str | None, code: int) -> None:
        super().__init__(f"{notebook} {line}")
        self.notebook, self.line, self.cell, self.code = notebook, line, cell, code


def executed(notebook: str) -> Path:
    """Return where the executed copy of a notebook is kept."""
    return artifacts.root() / "notebooks" / f"{notebook}.ipynb"


def execute(notebook: str, values: dict[str, object]) -> float:
    """Run one notebook with parameters, keep its executed copy and return the seconds it took.

    Shows one line with cells and time; all other output goes to logs/notebooks.log.
    Raises NotebookFailed when a cell fails or the kernel dies.
    """
    import papermill

    from helpers.pipeline import kernel
    from helpers.report import page

    with (
        os.fdopen(os.dup(1), "w") as terminal,
        artifacts.output_to_log("notebooks.log"),
        kernel.own_folders(),
    ):
        executed(notebook).parent.mkdir(parents=True, exist_ok=True)
        start = time.perf_counter()
        try:
            papermill.execute_notebook(
                FOLDER / f"{notebook}.ipynb",
                executed(notebook),
                values,
                cwd=FOLDER,
                kernel_name="python3",
                language="python",
                kernel_manager_class=kernel.OwnKernel,
                shutdown_kernel="immediate",  # every record is on the disk by then
                progress_bar=terminal.isatty()
                and {"desc": f"{notebook:<22}", "bar_format": PROGRESS, "file": terminal},
            )
        except papermill.PapermillExecutionError as error:
            cell = page.failed_cell(executed(notebook))
            number, first = (cell or "").split("-")[-1], error.source.splitlines()[0].lstrip("# ")
            line = f"failed in cell {number} ({first}): {error.ename}: {error.evalue}"
            code = 2 if error.ename == LabError.__name__ else 1
            raise NotebookFailed(notebook, line, cell, code) from error
        except Exception as error:  # a kernel that died, above all
            line = f"stopped: {one_line(error)}"
            raise NotebookFailed(notebook, line, None, 1) from error
        seconds = time.perf_counter() - start
        if not terminal.isatty():  # only a terminal can overwrite a line; a log gets the last one
            cells = len(fingerprint.read_cells(executed(notebook)))
            line = PROGRESS.format(
                desc=f"{notebook:<22}", n_fmt=cells, total_fmt=cells, elapsed=f"{seconds:.0f} s"
            )
            terminal.write(f"{line}\n")
    return seconds
