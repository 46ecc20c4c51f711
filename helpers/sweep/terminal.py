"""How far a sweep is: a bar that changes, and a line that stays for each training that failed."""

import time
from collections.abc import Iterator

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from helpers.core import sweeps


def named(row: dict) -> str:
    """Return what a row is of, such as "mlp, lab, seed 3, pytorch"."""
    return f"{row['architecture']}, {row['recipe']}, seed {row['seed']}, {row['framework']}"


def followed(rows: Iterator[dict], total: int, before: int, threads: int) -> Iterator[dict]:
    """Yield the rows of a sweep as they come, and show how far it is.

    `total` counts its trainings, `before` those that had finished before, `threads` those that the
    workers do at once. Without a terminal only failures are shown.
    """
    bar = Progress(
        BarColumn(bar_width=20),
        TextColumn(
            "{task.fields[finished]} finished, {task.fields[running]} running, "
            "{task.fields[failed]} failed, {task.fields[rate]:.1f} a minute, left:"
        ),
        TimeRemainingColumn(compact=True),
        console=Console(highlight=False, soft_wrap=True),
    )
    counts = {sweeps.FINISHED: before, sweeps.FAILED: 0}
    begun = time.monotonic()

    def state() -> dict:
        missing, done = total - sum(counts.values()), sum(counts.values()) - before
        minutes = (time.monotonic() - begun) / 60
        return {**counts, "running": min(missing, threads), "rate": done / max(minutes, 1e-9)}

    with bar:
        shown = bar.add_task("", total=total - before, **state())
        for row in rows:
            counts[row["status"]] += 1
            bar.update(shown, advance=1, **state())
            if row["reason"]:
                bar.console.print(f"failed: {named(row)}: {row['reason']}", markup=False)
            yield row
