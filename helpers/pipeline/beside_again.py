"""The comparison with another run, made again from its results and from those of this one."""

from helpers.core import artifacts
from helpers.core import old_results as results
from helpers.core.console import LabError
from helpers.findings import beside
from helpers.pipeline.tally import NOTHING, Run, Tally, plain


def comparison(tally: Tally, run: Run) -> None:
    """Compare every table of two runs with what both give; a run without another has none.

    Where the file of the other is not there any more, what results.json holds of it stands for it.
    """
    found = run.found
    taken = found.get("beside")
    if not found.keys() & {"beside", *beside.TABLES}:
        return
    again = plain(beside.tables(found)) if taken else {}
    for name in beside.TABLES:
        tally.compare(name, found.get(name, NOTHING), again.get(name, NOTHING), 0)
    if taken:
        _its_file(tally, run, taken)


def _its_file(tally: Tally, run: Run, taken: dict) -> None:
    """Compare what is taken of the other run with its file, which may be outside the folder."""
    file = run.folder / taken["file"]
    if not file.is_file():
        return tally.lacks(taken["file"], "not there any more")
    try:
        other = results.read(file)
    except LabError as error:
        return tally.lacks(taken["file"], str(error))
    again = {"file": taken["file"], "sha256": artifacts.sha256(file), **plain(beside.parts(other))}
    return tally.compare("beside", taken, again)
