"""The words for numbers: clauses that say the opposite when a number changes its sign."""

from types import SimpleNamespace

import pandas as pd

from helpers import claims
from helpers.plots import duration, times
from helpers.report import interval
from helpers.results import one
from helpers.runtimes import RUNTIMES


def faster(ratio: float, low: float, high: float) -> str:
    """Return how a time compares with its baseline, from its ratio and the ratio's interval."""
    if low <= 1 <= high:
        return "tied with"
    return f"{times(1 / ratio)} as fast as" if ratio < 1 else f"{times(ratio)} as slow as"


def compare_to_baseline(results: dict, runtime: str, scenario: str) -> str:
    """Return a clause such as "ONNX Runtime is 1.2 times as fast as PyTorch"."""
    row = one(results["latency"], runtime=runtime, scenario=scenario)
    words = faster(row["ratio"], *row["ratio_ci95"])
    return f"{RUNTIMES[runtime].title} is {words} {RUNTIMES[row['baseline']].title}"


def findings(results: dict) -> str:
    """Return the main findings as a Markdown list, each linked to its evidence."""
    old = claims.protocol_ratio(results, "pytorch")
    offline, single = (
        min(
            (row for row in results["latency"] if row["scenario"] == scenario),
            key=lambda row: row["median_s"],
        )
        for scenario in ("offline", "single_stream")
    )
    names = [RUNTIMES[row["runtime"]].title for row in (offline, single)]
    fastest = (
        f"{names[0]} is fastest at both batch sizes"
        if names[0] == names[1]
        else f"{names[0]} is fastest on the whole test set, {names[1]} on a single image"
    )
    passed = [row for row in results["exports"] if row["gate"] == "passed"]
    verdicts = pd.Series([row["verdict"] for row in results["claims"]]).value_counts()
    counted = ", ".join(f"{count} {verdict}" for verdict, count in verdicts.items())
    return "\n".join(
        [
            f"1. By the 2025 protocol ONNX Runtime is {times(old)} faster than PyTorch here; on "
            f"the same array {compare_to_baseline(results, 'onnxruntime', 'offline')}. "
            f"{outside_share(results):.0%} of PyTorch's 2025 time is not the forward pass. "
            "[The 2025 times taken apart](#The-2025-times-taken-apart)",
            f"2. {fastest}. [Time](#Time)",
            f"3. {accuracy_difference(results)}, one seed each. [Accuracy](#Accuracy)",
            f"4. {len(passed)} of {len(results['exports'])} exports answer as their source does. "
            "[Exports](#Exports)",
            f"5. Of the 2025 report's {len(results['claims'])} claims: {counted}. "
            "[Verdicts](#Verdicts)",
        ]
    )


def accuracy_difference(results: dict) -> str:
    """Return how PyTorch's test accuracy compares with TensorFlow's, in points."""
    pytorch, tensorflow = (
        one(results["models"], framework=name)["test_accuracy"]
        for name in ("pytorch", "tensorflow")
    )
    points = f"{100 * abs(pytorch - tensorflow):.2f} points "
    words = points + ("more accurate than" if pytorch > tensorflow else "less accurate than")
    if pytorch == tensorflow:
        words = "as accurate as"
    return f"PyTorch is {words} TensorFlow ({pytorch:.2%} and {tensorflow:.2%})"


def outside_share(results: dict, name: str = "pytorch") -> float:
    """Return the share of a 2025 time that is not the forward pass."""
    row = one(results["protocols"], protocol="report_2025", runtime=name)
    return 1 - row["stages"]["forward pass"] / row["total_s"]


def values(results: dict) -> SimpleNamespace:
    """Return what the prose of notebook 04 quotes, by short names."""
    run = results["run"]
    models = {row["framework"]: row for row in results["models"]}
    images = run["dataset"]["test"]
    exact = {name: row["test_accuracy"] for name, row in models.items()}
    given = run["parameters"]["01_tensorflow_tflite"]
    return SimpleNamespace(
        python=run["machine"]["python"],
        cpu=run["machine"]["cpu"],
        threads=run["machine"]["threads"],
        packages=run["packages"],
        architecture=models["tensorflow"]["architecture"],
        parameters=models["tensorflow"]["parameters"],
        train_images=models["tensorflow"]["train_images"],
        learning_rate=given["LEARNING_RATE"],
        batch_size=given["BATCH_SIZE"],
        epochs=given["EPOCHS"],
        seed=given["SEED"],
        test_images=images,
        processes=run["parameters"]["03_runtime_comparison"]["PROCESSES"],
        accuracy={
            name: f"{value:.2%} ({interval(value, images)})" for name, value in exact.items()
        },
        difference_points=100 * (exact["pytorch"] - exact["tensorflow"]),
        seconds_2025=claims.SECONDS_2025,
        claimed_ratio=claims.SECONDS_2025["pytorch"] / claims.SECONDS_2025["onnxruntime"],
        protocol_ratio=claims.protocol_ratio(results, "pytorch"),
        fair_ratio=claims.fair_ratio(results, "pytorch"),
        outside_share=outside_share(results),
        more_accurate=one(results["claims"], id="pytorch-more-accurate"),
        cold_start=cold_start(results),
        gates=gates(results),
    )


def cold_start(results: dict) -> str:
    """Return how long PyTorch and ONNX Runtime take to their first answer."""
    seconds = {
        row["runtime"]: row["import_s"] + row["load_s"] + row["first_call_s"]
        for row in results["cold_start"]
    }
    first = [
        f"{RUNTIMES[name].title} gives its first answer after {duration(seconds[name])}"
        for name in sorted(seconds, key=seconds.get)
        if name in ("pytorch", "tf-function", "litert", "onnxruntime")
    ]
    return ", ".join(first) + "."


def gates(results: dict) -> str:
    """Return whether the exports answer as their sources do."""
    failed = [
        f"{row['id']}: {row['gate']}" for row in results["exports"] if row["gate"] != "passed"
    ]
    if failed:
        return f"Not every export answers as its source does ({'; '.join(failed)})."
    count = len(results["exports"])
    return f"All {count} exports give the class of their source for every test image."


def dataset(results: dict) -> str:
    """Return what the choice of images limits."""
    source = results["run"]["dataset"]
    if source["name"] == "sample":
        return (
            f"A sample of {source['train']:,} training and {source['test']:,} test images, not the "
            "full MNIST: the accuracies are lower and less certain than on all of it."
        )
    return (
        f"The {source['test']:,} test images of MNIST, a few of whose labels are known to be wrong "
        "(Northcutt et al. 2021)."
    )
