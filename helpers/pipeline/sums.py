"""SHA256SUMS: a digest of each file that a run left, as `sha256sum --check` reads it."""

from pathlib import Path

from helpers.core import artifacts, sweeps
from helpers.core.stages import STAGES, notes_path
from helpers.pipeline.tally import Tally

NAME = "SHA256SUMS"


def files(root: Path) -> list[Path]:
    """Return the files below `root` that the chain wrote, and the rows of the sweep that it read.

    Without logs and the digests themselves.
    """
    folders = ["models", "notebooks", sweeps.folder().name]
    folders += [stage.folder for stage in STAGES.values() if stage.folder]
    single = (root / name for name in ("report.html", "results.json", notes_path().name))
    inside = (file for folder in folders for file in sorted((root / folder).glob("*")))
    return [file for file in (*single, *inside) if file.is_file() and file.name[0] != "."]


def write() -> None:
    """Write the digests of a run that has ended."""
    root = artifacts.root()
    lines = (
        f"{artifacts.sha256(file)}  {file.relative_to(root).as_posix()}\n" for file in files(root)
    )
    artifacts.write_text(root / NAME, "".join(lines))


def check(tally: Tally) -> None:
    """Compare the digests with the files that are there."""
    root = artifacts.root()
    if not (root / NAME).is_file():
        return tally.lacks(NAME)
    there = {file.relative_to(root).as_posix(): file for file in files(root)}
    for line in (root / NAME).read_text(encoding="utf-8").splitlines():
        digest, _, name = line.partition("  ")
        if name in there:
            tally.compare(f"{name}, SHA-256", artifacts.sha256(there[name]), digest)
        else:
            tally.lacks(name)
    return None
