"""What the notebooks record as results.json, and that the fixture agrees with itself."""

import datetime

import made_up
import numpy as np
import pytest
from scipy import stats

from helpers.benchmark import contract
from helpers.core import results
from helpers.core.artifacts import PROJECT
from helpers.core.old_results import one, where

LAB = {"author": "A. Student", "student_id": "00123456"}


@pytest.fixture(scope="module")
def fixture():
    return results.read(PROJECT / "tests" / "fixtures" / "results.json")


def test_every_estimate_lies_in_its_interval_and_follows_from_the_rounds(fixture):
    units = {
        (row["scenario"], row["batch_size"], row["threads"], row["file"][:3]): row
        for row in where(fixture["latency"], runtime="pytorch")
    }
    for row in fixture["latency"]:
        medians_s = [each["median_s"] for each in row["rounds"]]
        assert row["median_s"] == pytest.approx(np.median(medians_s))
        unit = units[row["scenario"], row["batch_size"], row["threads"], row["file"][:3]]
        other_s = {each["round"]: each["median_s"] for each in unit["rounds"]}
        ratios = [
            each["median_s"] / other_s[each["round"]]
            for each in row["rounds"]
            if each["round"] in other_s
        ]
        assert row["ratio"] == pytest.approx(np.median(ratios))
        for value, ci95 in (("median_s", "ci95_s"), ("ratio", "ratio_ci95")):
            assert row[ci95][0] <= row[value] <= row[ci95][1]


def test_verdicts_follow_from_ratio_interval_and_noise_floor(fixture):
    for row in fixture["latency"]:
        low, high = row["ratio_ci95"]
        floor = where(
            fixture["noise_floor"], scenario=row["scenario"], batch_size=row["batch_size"]
        )
        furthest = max(max(1 / r["ratio_ci95"][0], r["ratio_ci95"][1]) for r in floor)
        if row["runtime"] == "pytorch" and row["file"].endswith("pytorch"):
            expected = None
        elif low <= 1 <= high or 1 / furthest <= row["ratio"] <= furthest:
            expected = "no clear difference"
        else:
            expected = "slower" if low > 1 else "faster"
        assert row["verdict"] == expected, row


@pytest.mark.filterwarnings("ignore:Precision loss")
def test_differences_are_welchs(fixture):
    for row in fixture["differences"]:
        tensorflow, pytorch = (
            [
                r["test_accuracy"]
                for r in where(
                    fixture["seeds"],
                    framework=name,
                    architecture=row["architecture"],
                    recipe=row["recipe"],
                )
            ]
            for name in ("tensorflow", "pytorch")
        )
        test = stats.ttest_ind(pytorch, tensorflow, equal_var=False)
        assert row["difference"] == pytest.approx(np.mean(pytorch) - np.mean(tensorflow))
        assert row["ci95"] == pytest.approx(list(test.confidence_interval(0.95)))
        assert row["verdict"] == "no clear difference"


def test_what_the_notebooks_record_is_what_the_contract_allows(run_folder):
    found = contract.gather(made_up.results(), LAB)
    results.write(found)
    assert found["run"]["lab"]["student_id"] == "00123456"
    assert found["run"]["lab"]["course"] == ""
    assert found["challenges"] == made_up.results()["challenges"]
    started = datetime.datetime.fromisoformat(found["run"]["started"])
    assert started == datetime.datetime.fromisoformat(made_up.results()["run"]["started"])
    assert started.utcoffset() == started.astimezone().utcoffset()


def test_few_rounds_have_a_ratio_and_no_verdict(run_folder):
    found = contract.gather(made_up.few(made_up.results()), LAB)
    results.write(found)
    row = one(where(found["latency"], scenario="offline", threads=2), runtime="onnxruntime")
    assert (row["ci95_s"], row["ratio_ci95"], row["verdict"]) == (None, None, "range only")
    assert row["ratio"] == pytest.approx(0.5, rel=0.1)


def test_the_challenges_of_a_run_with_the_versions_of_2025_stand_beside_todays(
    run_folder, todays_stack
):
    made = contract.gather(made_up.results(), LAB)
    of_2025 = contract.convert(made_up.results(), LAB)
    of_2025["challenges"] = [row | {"stack": "2025"} for row in of_2025["challenges"]]
    results.write(of_2025, contract.results_of_2025())
    both = contract.gather(made_up.results(), LAB)
    assert both["challenges"] == made["challenges"] + of_2025["challenges"]
    assert both["failures"] == made["failures"]
    results.write(both)
    contract.results_of_2025().write_text("{")
    found = contract.gather(made_up.results(), LAB)
    assert found["challenges"] == made["challenges"]
    assert found["failures"][-1]["reason"].startswith("the challenges with the versions of 2025: ")
    results.write(found)
