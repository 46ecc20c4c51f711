"""The report on the fixture, which is version 1's full run: its numbers are that run's."""

import pytest

from helpers import verify
from helpers.core import results
from helpers.core.artifacts import PROJECT
from helpers.report import claims, page

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def text(tmp_path_factory):
    """The main part of the page that notebook 05 makes of the fixture: {cell id: text}."""
    folder = PROJECT / "artifacts" / "reference"  # the mlp's exported file is there
    found = results.read(PROJECT / "tests" / "fixtures" / "results.json")
    found["claims"] = claims.judge(found)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAB_ARTIFACTS", str(tmp_path_factory.mktemp("report")))
        return page.main_text(verify.page_again(verify.Run(folder, found)))


def test_the_three_clocks_and_the_four_runtimes_stand_in_the_summary(text, dataset):
    assert "TensorFlow tf.function 99.06 % 17.1 ms 377 µs 97.14 %, 1.36 s" in text["summary-table"]
    assert "ONNX Runtime 99.08 % 11.5 ms 9.90 µs 97.39 %, 0.045 s" in text["summary-table"]
    assert "115 times as long as ONNX Runtime by the table of 2025" in text["clocks"]
    assert "PyTorch takes 1.19 (1.17 to 1.24) times as long" in text["bullets"]
    assert "32.4 (29.3 to 34.5) times by the usual timers" in text["bullets"]
    assert "in 108 steps their losses differ by 2.4e-07 at most" in text["training"]
