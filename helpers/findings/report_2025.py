"""What the 2025 report states, and its factor of 115 taken apart."""

from helpers.benchmark.timers_2025 import FAIR, FORWARD
from helpers.core.results import one, timed
from helpers.findings.seeds import FRAMEWORKS

# What it states: test accuracies, and the seconds for all test images.
IMAGES_2025 = 10_000
ACCURACY_2025 = {"tensorflow": 0.9714, "pytorch": 0.9739}
SECONDS_2025 = {"tensorflow": 1.36, "pytorch": 5.19, "onnxruntime": 0.045}
NAMES = {**FRAMEWORKS, "onnxruntime": "ONNX Runtime"}


def claimed_ratio(slow: str, fast: str = "onnxruntime") -> float:
    """Return how many times longer `slow` took than `fast` in the 2025 report."""
    return SECONDS_2025[slow] / SECONDS_2025[fast]


def protocol_ratio(results: dict, slow: str, fast: str = "onnxruntime") -> float:
    """Return how many times longer `slow` took than `fast` by the 2025 protocol here."""
    return _timer(results, slow)["total_s"] / _timer(results, fast)["total_s"]


def fair_ratio(results: dict, slow: str, fast: str = "onnxruntime") -> float:
    """Return how many times longer `slow` takes than `fast` offline here, by medians."""
    rows = [timed(results, FAIR[name], "offline") for name in (slow, fast)]
    return rows[0]["median_s"] / rows[1]["median_s"]


def outside_share(results: dict, name: str) -> float:
    """Return the share of a 2025 time that is not the forward pass."""
    row = _timer(results, name)
    return 1 - row["stages"][FORWARD] / row["total_s"]


def inference_ratio(results: dict, slow: str = "pytorch") -> float:
    """Return what the 2025 factor comes to when only `slow`'s forward pass is counted."""
    return protocol_ratio(results, slow) * (1 - outside_share(results, slow))


def steps(results: dict) -> list[tuple[str, float]]:
    """Return PyTorch's time over ONNX Runtime's with less and less beside inference in the timers.

    The stages of PyTorch's 2025 time are taken out one after the other, the longest first.
    """
    fast_s = _timer(results, "onnxruntime")["total_s"]
    row = _timer(results, "pytorch")
    left_s = row["total_s"]
    found = [
        ("as the 2025 report gives it, on its machine", claimed_ratio("pytorch")),
        ("the same timers here", left_s / fast_s),
    ]
    outside = {stage: s for stage, s in row["stages"].items() if stage != FORWARD}
    for number, stage in enumerate(sorted(outside, key=outside.get, reverse=True)):
        left_s -= outside[stage]
        found.append((f"{'nor' if number else 'without'} {stage}", left_s / fast_s))
    name = "the same array, all images in one call, warmed up, for both"
    return [*found, (name, fair_ratio(results, "pytorch"))]


def _timer(results: dict, name: str) -> dict:
    return one(results["protocols"], protocol="report_2025", runtime=name)
