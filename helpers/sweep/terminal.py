"""How far a sweep is: a bar that changes, and a line that stays for each training that failed."""

import time
from collections.abc import Callable, Iterator

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from helpers.core import sweeps

# How often a line tells how far it is where no bar can change.
LINE_S = 15.0


def named(row: dict) -> str:
    """Return what a row is of, such as "mlp, lab, seed 3, pytorch"."""
    return f"{row['architecture']}, {row['recipe']}, seed {row['seed']}, {row['framework']}"


def followed(
    rows: Iterator[dict], total: int, before: int, at_once: Callable[[], int]
) -> Iterator[dict]:
    """Yield the rows of a sweep as they come, and show how far it is.

    `total` counts its trainings, `before` those that had finished before; `at_once` returns how
    many the workers do at once. Without a terminal a line every `LINE_S` takes the bar's place.
    """
    bar = Progress(
        BarColumn(bar_width=20),
        TextColumn(
            "{task.fields[finished]} finished, {task.fields[running]} running, "
            "{task.fields[failed]} failed, {task.fields[rate]:.1f} a minute, left:"
        ),
        TimeRemainingColumn(compact=True),
        console=Console(highlight=False, soft_wrap=True),
        get_time=time.monotonic,
    )
    changes = bar.console.is_terminal
    bar.disable = not changes
    counts = {sweeps.FINISHED: before, sweeps.FAILED: 0}
    begun = told = time.monotonic()

    def state() -> dict:
        missing, done = total - sum(counts.values()), sum(counts.values()) - before
        minutes = (time.monotonic() - begun) / 60
        return {**counts, "running": min(missing, at_once()), "rate": done / max(minutes, 1e-9)}

    with bar:
        shown = bar.add_task("", total=total - before, **state())
        for row in rows:
            counts[row["status"]] += 1
            bar.update(shown, advance=1, **state())
            if row["reason"]:
                bar.console.print(f"failed: {named(row)}: {row['reason']}", markup=False)
            if not changes and time.monotonic() - told >= LINE_S:
                told = time.monotonic()
                parts = (column.render(bar.tasks[0]).plain for column in bar.columns[1:])
                bar.console.print(" ".join(parts))
            yield row
