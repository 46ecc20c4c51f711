"""The claims of 2025: a table of cases, each a few numbers of the fixture changed."""

import copy
import re

import pytest

from helpers.benchmark.statistics import verdict_on_accuracy
from helpers.core import results
from helpers.core.artifacts import PROJECT
from helpers.core.results import first, main_row, where
from helpers.models.metrics import difference_of_means
from helpers.report import claims

FIXTURE = results.read(PROJECT / "tests" / "fixtures" / "results.json")
LAB = {"architecture": "mlp", "recipe": "lab"}
# How far ten seeds lie from their mean, in points; its interval reaches 0.07 to either side.
SPREAD = (-0.15, -0.12, -0.09, -0.06, -0.03, 0.03, 0.06, 0.09, 0.12, 0.15)


@pytest.fixture
def found():
    return copy.deepcopy(FIXTURE)


def judged(found):
    return {row["id"]: row for row in claims.judge(found)}


def means(tensorflow, pytorch, spread=SPREAD):
    """Mean accuracies in percent by the lab recipe, and seeds around them."""

    def change(found):
        runs = []
        for framework, mean in (("tensorflow", tensorflow), ("pytorch", pytorch)):
            rows = where(found["seeds"], framework=framework, **LAB)
            for row, points in zip(rows, spread, strict=False):
                row["test_accuracy"] = (mean + points) / 100
            for row in rows[len(spread) :]:
                found["seeds"].remove(row)
            runs.append([row["test_accuracy"] for row in rows[: len(spread)]])
        difference, ci95 = difference_of_means(*runs)
        verdict = verdict_on_accuracy(ci95)
        first(found["differences"], **LAB).update(difference=difference, ci95=ci95, verdict=verdict)

    return change


def takes(scenario="offline", rounds=None, **units):
    """Times in units of ONNX Runtime's, within every round; fewer `rounds`, where given."""

    def change(found):
        own = main_row(found, "onnxruntime", scenario)
        own["rounds"] = own["rounds"][:rounds]
        for name, unit in units.items():
            row = main_row(found, name.replace("_", "-"), scenario)
            row["rounds"] = [{**r, "median_s": unit * r["median_s"]} for r in own["rounds"]]
            row["median_s"] = unit * own["median_s"]

    return change


def crosses(found):
    """PyTorch's time is 30 to 90 times ONNX Runtime's, by rounds: half of 115 lies between."""
    takes(pytorch=60)(found)
    for place, each in enumerate(main_row(found, "pytorch", "offline")["rounds"]):
        each["median_s"] *= 0.5 if place % 2 else 1.5


def run_with(**changes):
    return lambda found: found["run"]["dataset"].update(changes)


def some_images(count):
    return lambda found: found["run"]["parameters"]["01"].update(TRAIN_IMAGES=count)


def wider(found):
    for row in where(found["models"], architecture="mlp"):
        row["parameters"] = 203_530


def without(table, **wanted):
    def change(found):
        rows = where(found[table], **wanted)
        assert rows
        found[table] = [row for row in found[table] if row not in rows]

    return change


def export(id, **values):
    return lambda found: first(found["exports"], id=id).update(values)


def tried(challenge, *, worked, stack="today", **wanted):
    """What the tries of a challenge did; rows of 2025's versions are added."""

    def change(found):
        rows = where(found["challenges"], challenge=challenge, **wanted)
        if stack == "2025":
            rows = [{**row, "stack": stack, "outcome": "raised AttributeError"} for row in rows]
            found["challenges"] += rows
        for row in rows:
            row["worked"] = worked

    return change


DIRECT = {"tried": claims.DIRECT}
ACCURACIES = ("accuracy-tensorflow", "accuracy-pytorch", "pytorch-more-accurate", "both-viable")
CASES = [
    *((name, change, "not testable") for name in ACCURACIES for change in (
        run_with(name="fashion"), run_with(name="sample"), some_images(2_000), wider,
        without("seeds", **LAB), without("history", **LAB), means(97.9, 97.9, spread=(0,)),
    )),
    ("pytorch-more-accurate", some_images(55_000), "refuted"),
    ("accuracy-tensorflow", means(97.14, 97.39), "confirmed"),
    ("accuracy-pytorch", means(97.14, 97.39), "confirmed"),
    ("accuracy-tensorflow", means(96.90, 97.39), "no clear difference"),
    ("accuracy-tensorflow", means(97.40, 97.39), "no clear difference"),
    ("accuracy-tensorflow", means(95.00, 97.39), "not testable"),
    ("pytorch-more-accurate", means(97.14, 97.39), "confirmed"),
    ("pytorch-more-accurate", means(97.14, 97.30), "no clear difference"),
    ("pytorch-more-accurate", means(97.14, 97.14), "refuted"),
    ("pytorch-more-accurate", means(97.39, 97.14), "refuted"),
    ("both-viable", means(97.9, 97.9), "confirmed"),
    ("both-viable", means(97.9, 97.15), "no clear difference"),
    ("both-viable", means(97.9, 96.9), "refuted"),
    ("both-viable", export("mlp-pytorch-onnx-float32", gate="no file"), "refuted"),
    ("onnx-equals-pytorch", export("mlp-pytorch-onnx-float32", changed=1), "refuted"),
    ("onnx-equals-pytorch", export("mlp-pytorch-onnx-float32", changed=None), "not testable"),
    ("onnx-equals-pytorch", run_with(name="fashion"), "confirmed"),
    ("factor-of-115", takes(pytorch=1.2), "refuted"),
    ("factor-of-115", takes(pytorch=1.2, rounds=6), "refuted"),
    ("factor-of-115", takes(pytorch=1.2, rounds=5), "not testable"),
    ("factor-of-115", takes(pytorch=110), "confirmed"),
    ("factor-of-115", takes(pytorch=300), "refuted"),
    ("factor-of-115", crosses, "no clear difference"),
    ("factor-of-115", without("latency", runtime="pytorch"), "not testable"),
    ("factor-of-115", without("timers_2025", runtime="pytorch"), "refuted"),
    ("factor-of-115", run_with(test_images=1_000), "not testable"),
    ("factor-of-115", wider, "not testable"),
    ("best-speed", takes(litert=0.5), "refuted"),
    ("best-speed", takes(litert=1.0), "no clear difference"),
    ("best-speed", takes("single_stream", litert=0.1), "confirmed"),
    ("best-speed", takes(pytorch=2, rounds=3), "not testable"),
    ("best-speed", takes(pytorch=2, rounds=0), "not testable"),
    ("best-speed", without("latency", runtime="litert"), "not testable"),
    ("tflite-workaround", tried("tflite_route", worked=False, **DIRECT), "confirmed"),
    ("tflite-workaround", tried("tflite_route", worked=False, stack="2025"), "no longer true"),
    ("tflite-workaround", tried("tflite_route", worked=True, stack="2025"), "refuted"),
    ("tflite-workaround", without("challenges", challenge="tflite_route"), "not testable"),
    ("onnx-nchw", tried("onnx_layout", worked=True), "no longer true"),
    ("onnx-shapes", tried("onnx_batch", worked=True), "no longer true"),
    ("smoother-export", tried("onnx_batch", worked=True), "confirmed"),
    ("smoother-export", tried("tflite_route", worked=True), "refuted"),
]  # fmt: skip


@pytest.mark.parametrize(("claim", "change", "verdict"), CASES)
def test_other_numbers_give_another_verdict(found, claim, change, verdict):
    change(found)
    row = judged(found)[claim]
    assert row["verdict"] == verdict, row["evidence"]


def test_the_verdicts_on_the_reference_are_these(found):
    assert {name: row["verdict"] for name, row in judged(found).items()} == {
        **dict.fromkeys(("accuracy-tensorflow", "accuracy-pytorch"), "not testable"),
        **dict.fromkeys(("pytorch-more-accurate", "factor-of-115"), "refuted"),
        **dict.fromkeys(("onnx-equals-pytorch", "both-viable", "best-speed"), "confirmed"),
        **dict.fromkeys(("onnx-nchw", "onnx-shapes"), "confirmed"),
        "tflite-workaround": "no longer true",
        "smoother-export": "no clear difference",
        **dict.fromkeys(("times", "limited-by-cpu"), "not testable"),
    }


def test_the_evidence_of_the_factor_names_the_three_clocks_and_that_of_the_accuracies_both(found):
    rows = judged(found)
    assert rows["factor-of-115"]["evidence"] == (
        "2025's table: 115. Its timers, rebuilt: 32.4 (29.3 to 34.5). The same array for both: "
        "1.19 (1.17 to 1.24)."
    )
    evidence = rows["pytorch-more-accurate"]["evidence"]
    assert "-0.05 (-0.12 to +0.02) points" in evidence
    assert evidence.endswith("no clear difference.")


def test_the_evidence_of_few_rounds_has_their_range(found):
    own = main_row(found, "onnxruntime", "offline")
    own["rounds"] = own["rounds"][:3]
    rows = judged(found)
    for name, said in (("factor-of-115", "array for both"), ("best-speed", "all images")):
        assert rows[name]["verdict"] == "not testable"
        evidence = rows[name]["evidence"]
        assert re.search(rf"{said}:? [\d.]+ \([\d.]+ to [\d.]+\)", evidence), evidence


def test_what_2025s_versions_did_stands_beside_todays(found):
    tried("tflite_route", worked=False, stack="2025")(found)
    evidence = judged(found)["tflite-workaround"]["evidence"]
    assert evidence.startswith("Today from_keras_model wrote 409,688 bytes, _get_save_spec ret")
    assert "With 2025's versions from_keras_model raised AttributeError, " in evidence


def test_nearly_equal_intervals_beside_one_margin_give_one_verdict(found):
    means(97.87, 97.88)(found)  # 97.65 to 98.09 and 97.62 to 98.14 gave two
    rows = judged(found)
    assert rows["accuracy-tensorflow"]["verdict"] == rows["accuracy-pytorch"]["verdict"]


def test_one_claim_is_one_row_in_plain_words(found):
    rows = claims.judge(found)
    assert 12 <= len(rows) <= 14
    assert len({row["id"] for row in rows}) == len(rows)
    assert sum("115" in row["claim"] for row in rows) == 1
    for row in rows:
        said = f"{row['claim']} {row['evidence']}"
        assert not re.search(r"[`*\n]|tied|noise|undecided|explain|told apart|likely", said), said
        assert len(row["evidence"].split()) < 35, said
    results.check({**found, "claims": rows}, "results.json")
