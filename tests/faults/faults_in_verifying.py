"""Faults in what `make verify` is given."""

import json
import subprocess

from faults import Fault, Place

VERIFY = "import sys; from helpers.pipeline import verify; sys.exit(verify.main(sys.argv[1:]))"


def verify(place: Place, content: object = None) -> subprocess.CompletedProcess:
    """Verify a folder whose results.json holds `content`, None for an empty folder."""
    place.artifacts.mkdir()
    if content is not None:
        (place.artifacts / "results.json").write_text(json.dumps(content))
    return place.python(VERIFY, str(place.artifacts))


def untouched(place: Place) -> bool:
    return [file.name for file in place.artifacts.iterdir()] == ["results.json"]


FAULTS = [
    Fault(
        "make verify REPORT=a folder that holds no run",
        verify,
        r"^error: .+ is no run: there is no results\.json in it; name the folder of one",
    ),
    Fault(
        "make verify of a run that an earlier version made",
        lambda place: verify(place, {"schema_version": 3}),
        r"results\.json is of schema_version 3, this code reads \d+; verify it with the code that",
        left="the folder as it was",
        holds=untouched,
    ),
]
