"""Train what a sweep's file asks for on a Dask cluster."""

import argparse
import contextlib
import sys
from pathlib import Path

from helpers.core import console, environment, sweeps
from helpers.core.units import counted
from helpers.pipeline.__main__ import Parser
from helpers.sweep import cluster, drive, grid
from helpers.sweep.grid import Sweep


def parse(words: list[str]) -> argparse.Namespace:
    """Read the command line. Raises LabError when it cannot."""
    parser = Parser(prog="python -m helpers.sweep", description=__doc__)
    parser.add_argument("file", type=Path, help="a sweep, such as notebooks/parameters/sweep.yaml")
    parser.add_argument("--scheduler", help="the address of a Dask cluster: tcp://host:8786")
    parser.add_argument(
        "--yes", action="store_true", help=f"even if they are more than {grid.USUAL:,}"
    )
    return parser.parse_args(words)


def run(sweep: Sweep, scheduler: str | None) -> int:
    """Train what is missing, keep its rows, and return the exit code: 1 when trainings failed.

    Raises LabError for rows of another schema, and as `cluster.connected` and `drive.rows` do.
    """
    sweeps.read()
    finished = sweeps.keys()
    missing = {key: task for key, task in sweep.tasks.items() if key not in finished}
    total, done, failed = len(sweep.tasks), len(sweep.tasks) - len(missing), 0
    print(f"{counted(total, 'training')} on {sweep.source.title}, {done:,} of them done before")
    if missing:
        grid.check_architectures(missing)
        threads = next(iter(missing.values()))["threads"]
        with cluster.connected(scheduler, threads=threads) as client:
            print(f"dashboard: {client.dashboard_link}", flush=True)
            with contextlib.closing(drive.rows(client, missing.values())) as rows:
                for row in rows:
                    sweeps.write(row)
                    done += 1
                    failed += row["status"] == sweeps.FAILED
                    print(f"{done:,}/{total:,} {told(row)}", flush=True)
    print(f"{total - failed:,} finished, {failed:,} failed; their rows are in {sweeps.folder()}")
    return 1 if failed else 0


def told(row: dict) -> str:
    """Return what a row is of and what became of it."""
    what = f"{row['architecture']}, {row['recipe']}, seed {row['seed']}, {row['framework']}"
    if row["status"] == sweeps.FAILED:
        return f"{what}: failed: {row['reason']}"
    return f"{what}: {row['test_accuracy']:.2%} in {row['train_seconds']:.1f} s"


def main(words: list[str]) -> int:
    """Do what the command line asks and return the exit code."""

    def work() -> int:
        asked = parse(words)
        return run(grid.read(asked.file, yes=asked.yes), asked.scheduler)

    return console.exit_code(work)


if __name__ == "__main__":
    environment.restart_in_utf8()
    sys.exit(main(sys.argv[1:]))
