"""How far a notebook is: which cell runs, since when, and how long it may still take."""

import os
import threading
import time
from typing import Self, TextIO

from helpers.core import environment

with environment.without(*environment.SLOW):
    from papermill.engines import NBClientEngine, NotebookExecutionManager, papermill_engines

# How often the line changes on a terminal, and how often there is another one elsewhere. What
# wakes so seldom, and only looks at the clock, takes nothing from what is timed beside it.
CHANGE_S, LINE_S = 1.0, 15.0


def told(cell: str, number: int, cells: int, seconds: float, usual_s: float | None) -> str:
    """Return what to tell after `seconds` of a notebook that takes `usual_s` as a rule."""
    if usual_s is None:
        left = "no estimate yet"
    elif seconds < usual_s:
        left = f"about {usual_s - seconds:.0f} s left"
    else:
        left = f"longer than usual ({usual_s:.0f} s)"
    return f"{number:>2}/{cells} cells  {seconds:.0f} s, {left}: {cell}"


class Progress:
    """Tells how far a notebook is as long as the block runs.

    On a terminal it is a line that changes, elsewhere a line every LINE_S.
    """

    def __init__(self, notebook: str, usual_s: float | None, to: TextIO) -> None:
        """Begin the notebook's clock; `usual_s` is what it takes as a rule, None if unknown."""
        self.notebook, self.usual_s, self.to = notebook, usual_s, to
        self.begun, self.changes = time.perf_counter(), to.isatty()
        self.cell, self.number, self.cells = "starting", 0, 0
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._tell_again, daemon=True)

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()

    def end(self, line: str) -> None:
        """Tell no more; leave `line`."""
        self._stop()
        self.to.write(f"{line}\n")

    def _stop(self) -> None:
        if not self.over.is_set():
            self.over.set()
            self.thread.join()
            if self.changes:
                self._write("")

    def at(self, source: str, number: int, cells: int) -> None:
        """Note which cell has begun: the first line of its source says what it does."""
        self.cell = (source.splitlines() or [""])[0].lstrip("# ")
        self.number, self.cells = number, cells

    def _tell_again(self) -> None:
        while not self.over.wait(CHANGE_S if self.changes else LINE_S):
            seconds = time.perf_counter() - self.begun
            line = told(self.cell, self.number, self.cells, seconds, self.usual_s)
            self._write(f"{self.notebook:<22}{line}" if self.changes else f"  {line}")

    def _write(self, line: str) -> None:
        if self.changes:
            width = os.get_terminal_size(self.to.fileno()).columns - 1
            self.to.write(f"\r{line[:width]:<{width}}\r")
        else:
            self.to.write(f"{line}\n")
        self.to.flush()


class Engine(NBClientEngine):
    """Papermill's own, which tells a Progress when a cell begins, and writes the notebook once.

    Papermill writes the whole notebook before and after each cell, in a third of the time of one
    with many figures.
    """

    NAME = "progress"

    @classmethod
    def execute_managed_notebook(
        cls, nb_man: NotebookExecutionManager, kernel_name: str, *, progress: Progress, **given
    ) -> None:
        """Execute the notebook of `nb_man`."""
        cell_start, cells = nb_man.cell_start, nb_man.nb.cells

        def begin(cell, cell_index=None, **more):
            progress.at(cell.source, cell_index + 1, len(cells))
            return cell_start(cell, cell_index, **more)

        nb_man.cell_start, nb_man.save = begin, lambda **_: None
        try:
            super().execute_managed_notebook(nb_man, kernel_name, **given)
        finally:  # whatever ends it, it is written now
            del nb_man.save


papermill_engines.register(Engine.NAME, Engine)
