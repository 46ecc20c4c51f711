"""Verify a run from its files alone: make its numbers again, compare them with results and page.

For the grader: `make verify REPORT=folder`. Nothing in the folder is changed.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table

from helpers.core import artifacts
from helpers.core import old_results as results
from helpers.core.console import LabError, one_line
from helpers.pipeline import models_again, numbers_again, page_again, sums
from helpers.pipeline.tally import Run, Tally

CHECKS: dict[str, Callable[[Tally, Run], None]] = {
    "digests in SHA256SUMS": lambda tally, run: sums.check(tally),
    "model files, by size and digest": numbers_again.files,
    "old_results.json, by the records": numbers_again.records,
    "results.json, by old_results.json": numbers_again.contract_again,
    "the images": models_again.data,
    "what each model file answers": models_again.answers,
    "what the networks get wrong": models_again.mistakes,
    "trainings, epoch by epoch": numbers_again.trainings,
    "times, intervals and ratios": numbers_again.times,
    "the claims of 2025": numbers_again.judgements,
    "report.html, by the notebooks": page_again.of_notebooks,
    "report.html, by old_results.json": page_again.of_results,
    "the network in report.html": page_again.network,
}
# So many differences of one check are listed.
MOST = 20


def verify(folder: Path) -> list[Tally]:
    """Return what each check found in the run of a folder.

    Raises LabError when it holds no run, or one of another version.
    """
    _refuse(folder)
    tallies = []
    with tempfile.TemporaryDirectory() as name:
        # What is made again is written beside a copy.
        _copy(folder, Path(name))
        os.environ["LAB_ARTIFACTS"] = name
        try:
            found = results.read()
        except LabError as error:
            return [
                Tally("old_results.json, by its schema", 1, [("old_results.json", str(error), "")])
            ]
        page = Path(name, "report.html")
        run = Run(found, page.read_text(encoding="utf-8") if page.is_file() else None, folder)
        with Console().status("") as status:
            for subject, check in CHECKS.items():
                status.update(f"checking {subject}")
                tallies.append(Tally(subject))
                try:
                    check(tallies[-1], run)
                except Exception as error:  # whatever a value does to a check, it is no run's value
                    tallies[-1].differ(subject, "cannot be checked", repr(error))
    return tallies


def _refuse(folder: Path) -> None:
    """Raise LabError when `folder` holds no results of the version that this code reads."""
    path = folder / results.path().name
    if not path.is_file():
        raise LabError(
            f"{folder} is no run: there is no {path.name} in it; name the folder of one, such "
            "as REPORT=artifacts/reference"
        )
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise LabError(
            f"{path} cannot be read: {one_line(error)}; make the report again"
        ) from error
    version = found.get("schema_version") if isinstance(found, dict) else None
    if version != results.version():
        raise LabError(
            f"{path} is of schema_version {version}, this code reads {results.version()}; verify "
            "it with the code that made it, or make the report again"
        )


def _copy(folder: Path, target: Path) -> None:
    for file in [*sums.files(folder), folder / sums.NAME]:
        if file.is_file():
            place = target / file.relative_to(folder)
            place.parent.mkdir(exist_ok=True)
            shutil.copyfile(file, place)


def tell(tallies: list[Tally]) -> None:
    """Print what was checked, what differs, what is not there."""
    console = Console(markup=False, highlight=False, emoji=False)
    checked = Table("", "checked", "differ", "not there")
    differing = Table("what differs", "in the file", "made again")
    absent = Table("not there, so not checked", "why")
    for tally in tallies:
        missing = sum(map(len, tally.absent.values()))
        numbers = tally.checked, len(tally.differences), missing
        checked.add_row(tally.subject, *(f"{number:,}" if number else "–" for number in numbers))
        for difference in tally.differences[:MOST]:
            differing.add_row(*difference)
        if (more := len(tally.differences) - MOST) > 0:
            differing.add_row(f"and {more:,} more: {tally.subject}", "", "")
        for why, what in tally.absent.items():
            absent.add_row(f"{tally.subject}: {', '.join(what)}", why)
    for table in (checked, absent, differing):
        if table.row_count:
            console.print(table)


def main(words: list[str]) -> int:
    """Verify the folder that is named; return 0, 1 when anything differs, 2 when it is no run."""
    parser = argparse.ArgumentParser(prog="python -m helpers.pipeline.verify", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=artifacts.root())
    folder = parser.parse_args(words).folder
    os.environ["MPLBACKEND"] = "agg"
    try:
        tallies = verify(folder)
    except LabError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    tell(tallies)
    differ = sum(len(tally.differences) for tally in tallies)
    checked = sum(tally.checked for tally in tallies)
    end = f"{differ:,} differ" if differ else "none differs from what the files give"
    print(f"{folder}: {checked:,} values checked, {end}")
    return int(differ > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
