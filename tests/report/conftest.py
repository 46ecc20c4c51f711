"""What the tests of the report share."""

import json

import pytest

from helpers.core.files import PROJECT

FIXTURE = (PROJECT / "tests" / "fixtures" / "results.json").read_text(encoding="utf-8")


@pytest.fixture
def found() -> dict:
    """The results of version 1's full run, to be changed at will."""
    return json.loads(FIXTURE)
