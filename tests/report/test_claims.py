"""The claims of 2025: a table of cases, each a few numbers of the fixture changed."""

import pytest

from helpers.benchmark.statistics import verdict_on_accuracy
from helpers.core import results
from helpers.core.results import first, main_row, where
from helpers.models.metrics import difference_of_means
from helpers.report import claims

LAB = {"architecture": "mlp", "recipe": "lab"}
# How far ten seeds lie from their mean, in points; its interval reaches 0.07 to either side.
SPREAD = (-0.15, -0.12, -0.09, -0.06, -0.03, 0.03, 0.06, 0.09, 0.12, 0.15)


def judged(found):
    return {row["id"]: row for row in claims.judge(found)}


def means(tensorflow, pytorch, spread=SPREAD):
    """Mean accuracies in percent by the lab recipe, and seeds around them."""

    def change(found):
        means = {"tensorflow": tensorflow, "pytorch": pytorch}
        runs = [[(mean + points) / 100 for points in spread] for mean in means.values()]
        found["seeds"] = [
            {"framework": framework, **LAB, "seed": seed, "test_accuracy": accuracy}
            for framework, run in zip(means, runs, strict=True)
            for seed, accuracy in enumerate(run)
        ]
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
            row = main_row(found, name, scenario)
            row["rounds"] = [{**r, "median_s": unit * r["median_s"]} for r in own["rounds"]]
            row["median_s"] = unit * own["median_s"]

    return change


def crosses(found):
    """PyTorch's time is 30 to 90 times ONNX Runtime's, by rounds: half of 115 lies between."""
    takes(pytorch=60)(found)
    for place, each in enumerate(main_row(found, "pytorch", "offline")["rounds"]):
        each["median_s"] *= 0.5 if place % 2 else 1.5


def images(**changes):
    return lambda found: found["run"]["dataset"].update(changes)


def trained_on(count):
    return lambda found: found["run"]["parameters"]["01"].update(TRAIN_IMAGES=count)


def wider(found):
    for row in where(found["models"], architecture="mlp"):
        row["parameters"] = 203_530


def without(table, **wanted):
    def change(found):
        rows = where(found[table], **wanted)
        found[table] = [row for row in found[table] if row not in rows]

    return change


def onnx_file(**values):
    return lambda found: first(found["exports"], id="mlp-pytorch-onnx-float32").update(values)


def tried(challenge, worked, stack="today"):
    """What the tries of a challenge did; rows of 2025's versions are added."""

    def change(found):
        rows = where(found["challenges"], challenge=challenge)
        if stack == "2025":
            rows = [{**row, "stack": stack, "outcome": "raised AttributeError"} for row in rows]
            found["challenges"] += rows
        for row in rows:
            row["worked"] = worked

    return change


CASES = [
    ("accuracy-tensorflow", images(name="fashion"), "not testable"),
    ("accuracy-pytorch", trained_on(2_000), "not testable"),
    ("pytorch-more-accurate", wider, "not testable"),
    ("pytorch-more-accurate", without("history", **LAB), "not testable"),
    ("both-viable", means(97.9, 97.9, spread=(0,)), "not testable"),
    ("accuracy-tensorflow", means(97.14, 97.39), "confirmed"),
    ("accuracy-tensorflow", means(96.90, 97.39), "no clear difference"),
    ("accuracy-tensorflow", means(95.00, 97.39), "not testable"),
    ("pytorch-more-accurate", means(97.14, 97.39), "confirmed"),
    ("pytorch-more-accurate", means(97.14, 97.30), "no clear difference"),
    ("pytorch-more-accurate", means(97.39, 97.14), "refuted"),
    ("both-viable", means(97.9, 97.9), "confirmed"),
    ("both-viable", means(97.9, 97.15), "no clear difference"),
    ("both-viable", means(97.9, 96.9), "refuted"),
    ("both-viable", onnx_file(gate="no file"), "refuted"),
    ("onnx-equals-pytorch", onnx_file(changed=1), "refuted"),
    ("onnx-equals-pytorch", onnx_file(changed=None), "not testable"),
    ("factor-of-115", takes(pytorch=1.2, rounds=6), "refuted"),
    ("factor-of-115", takes(pytorch=1.2, rounds=5), "not testable"),
    ("factor-of-115", takes(pytorch=110), "confirmed"),
    ("factor-of-115", crosses, "no clear difference"),
    ("factor-of-115", without("latency", runtime="pytorch"), "not testable"),
    ("factor-of-115", images(test_images=1_000), "not testable"),
    ("best-speed", takes(litert=0.5), "refuted"),
    ("best-speed", takes(litert=1.0), "no clear difference"),
    ("best-speed", takes("single_stream", litert=0.1), "confirmed"),
    ("best-speed", without("latency", runtime="litert"), "not testable"),
    ("tflite-workaround", tried("tflite_route", False), "confirmed"),
    ("tflite-workaround", tried("tflite_route", False, "2025"), "no longer true"),
    ("tflite-workaround", tried("tflite_route", True, "2025"), "refuted"),
    ("onnx-nchw", tried("onnx_layout", True), "no longer true"),
    ("onnx-shapes", tried("onnx_batch", True), "no longer true"),
    ("smoother-export", tried("onnx_batch", True), "confirmed"),
    ("smoother-export", tried("tflite_route", True), "refuted"),
]


@pytest.mark.parametrize(("claim", "change", "verdict"), CASES)
def test_other_numbers_give_another_verdict(found, claim, change, verdict):
    change(found)
    row = judged(found)[claim]
    assert row["verdict"] == verdict, row["evidence"]


def test_the_verdicts_on_the_full_run_of_version_1_are_these(found):
    rows = judged(found)
    assert {name: row["verdict"] for name, row in rows.items()} == {
        **dict.fromkeys(("accuracy-tensorflow", "accuracy-pytorch"), "not testable"),
        **dict.fromkeys(("pytorch-more-accurate", "factor-of-115"), "refuted"),
        **dict.fromkeys(("onnx-equals-pytorch", "both-viable", "best-speed"), "confirmed"),
        **dict.fromkeys(("onnx-nchw", "onnx-shapes"), "confirmed"),
        "tflite-workaround": "no longer true",
        "smoother-export": "no clear difference",
        **dict.fromkeys(("times", "limited-by-cpu"), "not testable"),
    }
    assert max(len(row["evidence"].split()) for row in rows.values()) < 35
    results.check({**found, "claims": list(rows.values())}, "results.json")


def test_the_evidence_holds_the_numbers_that_decided(found):
    tried("tflite_route", False, "2025")(found)
    rows = judged(found)
    assert rows["factor-of-115"]["evidence"] == (
        "2025's table: 115. Its timers, rebuilt: 32.4 (29.3 to 34.5). The same array for both: "
        "1.19 (1.17 to 1.24)."
    )
    assert rows["pytorch-more-accurate"]["evidence"] == (
        "-0.05 (-0.12 to +0.02) points. Its accuracy beside TensorFlow's: no clear difference."
    )
    assert "all images 0.84 (0.81 to 0.86) times that of PyTorch" in rows["best-speed"]["evidence"]
    workaround = rows["tflite-workaround"]["evidence"]
    assert workaround.startswith("Today from_keras_model wrote 409,688 bytes, _get_save_spec ret")
    assert "With 2025's versions from_keras_model raised AttributeError, " in workaround
