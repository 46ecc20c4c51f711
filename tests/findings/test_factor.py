import made_up
import pytest

from helpers.core.old_results import where
from helpers.findings import factor


@pytest.fixture
def results():
    """The timers as on the machine of the committed run; PyTorch takes twice as long offline."""
    made = made_up.with_claims()
    for name, total_s in (("tensorflow", 0.449), ("pytorch", 0.455), ("onnxruntime", 0.0155)):
        for row in where(made["protocols"], protocol="report_2025", runtime=name):
            row |= {"total_s": total_s, "range_s": [total_s * 0.98, total_s * 1.02]}
    return made


def test_the_headline_says_what_becomes_of_the_factor(results):
    assert factor.headline(results) == (
        "From the 2025 report's table it follows that ONNX Runtime is 115 times faster than "
        "PyTorch. The timers as they are reconstructed here differ by 29 (28 to 31) times. When "
        "both get the same array and return logits, PyTorch takes 2.00 (2.00 to 2.04) times as "
        "long as ONNX Runtime. A factor of 3.9 of the 2025 report is not reproduced."
    )
    assert factor.three_factors(results) == (
        "PyTorch beside ONNX Runtime: 115 times in the table of 2025, 29 by the timers as "
        "reconstructed, 2.00 on the same array"
    )


def test_what_was_not_measured_is_left_out(results):
    rows = made_up.results()["latency"]
    results["latency"] = [row for row in rows if row["runtime"] != "onnxruntime"]
    assert "same array" not in factor.headline(results)
    assert factor.three_factors(results).endswith("29 by the timers as reconstructed")
    results["protocols"] = []
    assert factor.headline(results) == factor.three_factors(results) == ""


def test_one_process_shows_no_spread_and_nothing_is_concluded_from_it(results):
    for row in results["protocols"]:
        row["range_s"] = [row["total_s"]] * 2
    words = factor.headline(results)
    assert "differ by 29.4 (1 process) times." in words
    assert "not reproduced" not in words
