"""The numbers of the seed study, made again from the rows of the sweep."""

from helpers.core import artifacts, sweeps
from helpers.core.stages import SEED_STUDY, STAGES
from helpers.findings import seed_study
from helpers.pipeline.tally import NOTHING, Run, Tally, plain


def study(tally: Tally, run: Run) -> None:
    """Compare every table of the seed study with what the rows give; a run without has none."""
    said = [name for name in STAGES[SEED_STUDY].tables if name in run.found]
    if not said:
        return
    rows = seed_study.rows(run.found["run"]["dataset"]["sha256"])
    if not rows:
        tally.lacks(sweeps.folder().relative_to(artifacts.root()).as_posix())
        return
    for name, again in seed_study.tables(rows).items():
        tally.compare(name, run.found.get(name, NOTHING), plain(again), 0)
