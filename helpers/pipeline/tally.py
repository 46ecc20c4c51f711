"""What a check of a run is given, and what it finds: values compared, different, not there."""

import itertools
import json
import math
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from helpers.core import artifacts
from helpers.data.mnist import Dataset

NOTHING = "(nothing)"
MISSING = "not in the folder"
# Characters of a value that are shown, around the first place where two differ.
SHOWN, BEFORE = 90, 30


@dataclass
class Run:
    """What is known of a run: its results and page, and what the checks found out for others."""

    found: dict  # old_results.json
    page: str | None  # report.html
    folder: Path  # where it stands; its files are read from a copy
    dataset: Dataset | None = None
    logits: dict[str, np.ndarray] = field(default_factory=dict)  # of the saved networks, by id


@dataclass
class Tally:
    """The values that one check compared."""

    subject: str
    checked: int = 0
    differences: list[tuple[str, str, str]] = field(default_factory=list)  # where, found, again
    absent: dict[str, list[str]] = field(default_factory=dict)  # why: what

    def lacks(self, what: str, why: str = MISSING) -> None:
        """Note what could not be checked."""
        self.absent.setdefault(why, []).append(what)

    def differ(self, where: str, found: str, again: str) -> None:
        """Note a place that holds something else than what was made again."""
        self.differences.append((where, *excerpts(found, again)))

    def compare(
        self, where: str, found: object, again: object, allowed: float | None = None
    ) -> None:
        """Count what a file holds, and note what is other than what was made again.

        Both are JSON. Numbers may be `allowed` apart, and 1e-9 of themselves; None allows neither.
        """
        if isinstance(found, dict) and isinstance(again, dict):
            for key in found | again:
                values = found.get(key, NOTHING), again.get(key, NOTHING)
                self.compare(f"{where}/{key}", *values, allowed)
        elif isinstance(found, list) and isinstance(again, list):
            pairs = itertools.zip_longest(found, again, fillvalue=NOTHING)
            for number, (one, other) in enumerate(pairs):
                name = one.get("id", number) if isinstance(one, dict) else number
                self.compare(f"{where}/{name}", one, other, allowed)
        else:
            self.checked += 1
            if not _same(found, again, allowed):
                self.differ(where, str(found), str(again))


def _same(found: object, again: object, allowed: float | None) -> bool:
    kinds = {type(found), type(again)}
    if allowed is None or not kinds <= {int, float}:
        return found == again and (bool in kinds) <= (len(kinds) == 1)
    return math.isclose(found, again, rel_tol=1e-9, abs_tol=allowed)


def excerpts(found: str, again: str) -> tuple[str, str]:
    """Return the part of two texts in which they first differ."""
    pairs = enumerate(zip(found, again, strict=False))
    first = next((place for place, (a, b) in pairs if a != b), min(len(found), len(again)))
    start = max(0, first - BEFORE) if max(len(found), len(again)) > SHOWN else 0
    return tuple(_window(text, start) for text in (found, again))


def _window(text: str, start: int) -> str:
    part = text[start : start + SHOWN]
    shown = "".join(letter if letter.isprintable() else "·" for letter in part)
    return f"{'…' * (start > 0)}{shown}{'…' * (len(text) > start + SHOWN)}"


def plain(value: object) -> object:
    """Return a value as JSON would give it back."""
    return json.loads(artifacts.to_json(value))


def there(name: str) -> Path | None:
    """Return a file of the run, None where it is absent or leads out of the folder."""
    root = artifacts.root().resolve()
    path = (root / name).resolve()
    return path if path.is_relative_to(root) and path.is_file() else None


def why_missing(entry: dict) -> str:
    """Return why the file of an entry of old_results.json is not in the folder."""
    return "left out of git" if entry.get("committed") is False else MISSING
