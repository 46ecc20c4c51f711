import re

import made_up
import pytest

from helpers.core.results import one, timed
from helpers.findings import claims, report_2025, verdicts


def decided(results):
    return verdicts.decide(claims.CLAIMS, results, "claim")


def models(accuracies):
    def change(results):
        for row in results["models"] + results["seeds"]:
            row["test_accuracy"] = accuracies[row["framework"]]

    return change


def both(accuracy):
    return models({"tensorflow": accuracy, "pytorch": accuracy})


def sample(results):
    results["run"]["dataset"] |= {"name": "sample", "test": 1_000}


def fashion(results):
    results["run"]["dataset"] |= {"name": "fashion"}


def export(**values):
    return lambda results: one(results["exports"], format="onnx").update(values)


def timer(name, forward_s, other_s):
    def change(results):
        row = one(results["protocols"], runtime=name, protocol="report_2025")
        row.update(made_up.protocol(name, forward_s, other_s))

    return change


def offline(seconds):
    def change(results):
        for name, value in seconds.items():
            timed(results, name, "offline")["median_s"] = value

    return change


def routes(*gates):
    def change(results):
        for row, gate in zip(results["challenges"]["tflite_routes"], gates, strict=True):
            row["gate"] = gate

    return change


def accepted(table, *taken):
    def change(results):
        for row, accepted in zip(results["challenges"][table], taken, strict=True):
            row["accepted"] = accepted

    return change


def training(seconds):
    return lambda results: results["seeds"][0].update(train_seconds=seconds)


def pairs(*points):
    """PyTorch's accuracy less TensorFlow's at each seed, in points."""

    def change(results):
        results["seeds"] = [
            {**row, "seed": seed, "test_accuracy": 0.975 + more}
            for seed, point in enumerate(points)
            for row, more in zip(results["seeds"], (0, point / 100), strict=True)
        ]

    return change


CASES = [
    ("accuracy-tensorflow", both(0.9714), "confirmed"),
    ("accuracy-tensorflow", both(0.9850), "explained"),
    ("accuracy-tensorflow", both(0.9500), "refuted"),
    ("accuracy-tensorflow", sample, "not testable"),
    ("accuracy-pytorch", both(0.9739), "confirmed"),
    ("accuracy-pytorch", both(0.9850), "explained"),
    ("accuracy-pytorch", both(0.9500), "refuted"),
    ("accuracy-pytorch", sample, "not testable"),
    (
        "pytorch-more-accurate",
        models({"tensorflow": 0.9714, "pytorch": 0.9739}),
        "explained",
    ),
    ("pytorch-more-accurate", models({"tensorflow": 0.96, "pytorch": 0.98}), "confirmed"),
    ("pytorch-more-accurate", models({"tensorflow": 0.98, "pytorch": 0.96}), "refuted"),
    ("pytorch-more-accurate", sample, "not testable"),
    ("pytorch-more-accurate", pairs(0.1, -0.1, 0.05), "explained"),
    ("pytorch-more-accurate", pairs(0.25, 0.2, 0.3), "confirmed"),
    ("pytorch-more-accurate", pairs(0.05, 0.06, 0.04), "refuted"),  # better, but not by as much
    ("pytorch-more-accurate", pairs(-0.25, -0.2, -0.3), "refuted"),
    ("onnx-equals-pytorch", export(), "confirmed"),
    ("onnx-equals-pytorch", export(agreement=0.999), "refuted"),
    ("onnx-equals-pytorch", export(test_accuracy=0.97), "refuted"),
    *[
        case
        for name, seconds in report_2025.SECONDS_2025.items()
        for case in (
            (f"time-{name}", timer(name, seconds * 0.9, seconds * 0.1), "confirmed"),
            (f"time-{name}", timer(name, seconds * 0.1, seconds * 0.9), "explained"),
            (f"time-{name}", timer(name, seconds * 9, 0.0), "not testable"),
            (f"time-{name}", sample, "not testable"),
        )
    ],
    ("onnxruntime-faster-than-pytorch", offline({"pytorch": 0.015}), "explained"),
    ("onnxruntime-faster-than-pytorch", offline({"pytorch": 1.1}), "confirmed"),
    ("onnxruntime-faster-than-pytorch", timer("pytorch", 0.02, 0.0), "refuted"),
    ("onnxruntime-faster-than-tensorflow", offline({"tf-function": 0.015}), "explained"),
    ("onnxruntime-faster-than-tensorflow", offline({"tf-function": 0.3}), "confirmed"),
    ("onnxruntime-faster-than-tensorflow", timer("tensorflow", 0.02, 0.0), "refuted"),
    ("tflite-workaround", routes("passed", "no file", "no file"), "refuted"),
    ("tflite-workaround", routes("no file", "no file", "passed"), "confirmed"),
    ("onnx-nchw", accepted("onnx_layouts", True, False), "confirmed"),
    ("onnx-nchw", accepted("onnx_layouts", True, True), "refuted"),
    ("onnx-shapes", accepted("onnx_batches", False, True, True, True), "explained"),
    ("onnx-shapes", accepted("onnx_batches", False, True, False, True), "confirmed"),
    ("onnx-shapes", accepted("onnx_batches", True, True, True, True), "refuted"),
    ("smoother-export", routes("passed", "no file", "bytes"), "confirmed"),
    ("smoother-export", routes("passed", "no file", "passed"), "refuted"),
    ("smoother-export", export(gate="bytes"), "refuted"),
    ("both-viable", both(0.98), "confirmed"),
    ("both-viable", both(0.95), "refuted"),
    ("both-viable", export(gate="bytes"), "refuted"),
    ("both-viable", sample, "not testable"),
    ("limited-by-cpu", training(5.0), "refuted"),
    ("limited-by-cpu", training(600.0), "confirmed"),
]


@pytest.mark.parametrize(("claim", "change", "verdict"), CASES)
def test_other_numbers_give_another_verdict(claim, change, verdict):
    results = made_up.results()
    change(results)
    found = one(decided(results), id=claim)
    assert found["verdict"] == verdict, found["evidence"]


def test_every_claim_has_cases_with_different_verdicts():
    found = {}
    for claim, _, verdict in CASES:
        found.setdefault(claim, set()).add(verdict)
    assert set(found) == {claim.id for claim in claims.CLAIMS}
    assert min(map(len, found.values())) >= 2


@pytest.mark.parametrize(
    ("table", "claim"),
    [
        ("seeds", "accuracy-pytorch"),
        ("exports", "onnx-equals-pytorch"),
        ("protocols", "time-onnxruntime"),
        ("protocols", "onnxruntime-faster-than-pytorch"),
        ("latency", "onnxruntime-faster-than-tensorflow"),
    ],
)
def test_what_was_not_measured_is_not_testable(table, claim):
    results = made_up.results()
    del results[table][:]
    if table == "seeds":
        results["seeds"] = made_up.results()["seeds"][:1]  # TensorFlow's alone
    found = one(decided(results), id=claim)
    assert found["verdict"] == "not testable"
    assert re.match("No |.* not measured", found["evidence"])


NETWORK_2025 = (
    *("accuracy-tensorflow", "accuracy-pytorch", "pytorch-more-accurate", "limited-by-cpu"),
    *("time-tensorflow", "time-pytorch", "time-onnxruntime"),
    *("onnxruntime-faster-than-pytorch", "onnxruntime-faster-than-tensorflow"),
)


def wider(results):
    for row in results["models"]:
        row["parameters"] = 203_530


def other_recipe(results):
    for row in results["models"] + results["seeds"]:
        row["recipe"] = "strong"


def deep(results):
    for row in results["models"] + results["seeds"]:
        row["architecture"] = "deep"


def deep_first(results):
    first = [{**row, "architecture": "deep"} for row in results["models"]]
    results["models"] = first + results["models"]


@pytest.mark.parametrize(
    ("change", "claims", "reason"),
    [
        (wider, NETWORK_2025, "The mlp here has 203,530 weights, that of 2025 101,770."),
        (deep, NETWORK_2025, "No mlp was trained."),
        (other_recipe, NETWORK_2025[:4], "No mlp by the lab recipe was trained."),
        (deep_first, NETWORK_2025[4:], "The timed network is the deep, that of 2025 the mlp."),
    ],
)
def test_claims_about_the_network_of_2025_need_that_network(change, claims, reason):
    results = made_up.results()
    change(results)
    told = {row["id"]: row["verdict"] for row in decided(results) if row["evidence"] == reason}
    assert told == dict.fromkeys(claims, "not testable")
    same = report_2025.difference(results)
    assert same == f"This is not the network of 2025: {reason[0].lower()}{reason[1:]}"
    assert report_2025.difference(made_up.results()) == ""


def test_the_ratios_are_of_the_2025_table():
    texts = [claim.statement for claim in claims.CLAIMS]
    assert "ONNX Runtime is 115 times faster than PyTorch." in texts
    assert "ONNX Runtime is 30 times faster than TensorFlow." in texts


def test_the_evidence_speaks_of_this_runs_numbers():
    found = one(decided(made_up.results()), id="onnxruntime-faster-than-pytorch")
    assert found["evidence"] == (
        "100 times by the 2025 protocol here, 2 times when both get the same array and return "
        "logits."
    )


OF_MNIST = {
    *("accuracy-tensorflow", "accuracy-pytorch", "pytorch-more-accurate", "both-viable"),
    *("time-tensorflow", "time-pytorch", "time-onnxruntime", "limited-by-cpu"),
}


@pytest.mark.parametrize(
    ("change", "images"),
    [
        (sample, "1,000 test images of a sample of MNIST"),
        (fashion, "10,000 test images of fashion"),
    ],
)
def test_claims_of_mnist_are_not_decided_on_other_images(change, images):
    results = made_up.results()
    change(results)
    open_claims = {row["id"]: row for row in decided(results) if row["verdict"] == "not testable"}
    assert set(open_claims) == OF_MNIST
    evidence = f"The chain's run used {images}, not the full MNIST."
    assert {row["evidence"] for row in open_claims.values()} == {evidence}
