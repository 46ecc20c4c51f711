"""SHA256SUMS: a digest of each file that a run left, as `sha256sum --check` reads it."""

from pathlib import Path

from helpers.core import artifacts
from helpers.core import old_results as results
from helpers.core.stages import STAGES, notes_path
from helpers.pipeline.tally import MISSING, Tally

NAME = "SHA256SUMS"


def files(root: Path) -> list[Path]:
    """Return the files below `root` that the chain wrote, but for logs and the digests."""
    folders = ["models", "notebooks"]
    folders += [stage.folder for stage in STAGES.values() if stage.folder]
    names = ("report.html", "results.json", "old_results.json", notes_path().name)
    single = (root / name for name in names)
    inside = (file for folder in folders for file in sorted((root / folder).glob("*")))
    return [file for file in (*single, *inside) if file.is_file() and file.name[0] != "."]


def write() -> None:
    """Write the digests of a run that has ended, without the files that git leaves out of it."""
    root = artifacts.root()
    there = {file.relative_to(root).as_posix(): file for file in files(root)}
    left_out = results.left_out(there)
    lines = (
        f"{artifacts.sha256(file)}  {name}\n"
        for name, file in there.items()
        if name not in left_out
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
        again = artifacts.sha256(there[name]) if name in there else MISSING
        tally.compare(f"{name}, SHA-256", again, digest)
    return None
