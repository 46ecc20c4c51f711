"""Small results of the notebooks 01 to 04 with round numbers, and logits of known classes."""

import copy

import numpy as np

from helpers.benchmark import statistics
from helpers.core.stages import NOTEBOOKS

LABELS = np.arange(200) % 10
DIGITS = tuple("0123456789")

# Seconds for 10,000 images; one thread takes twice as long.
OFFLINE_S = {
    "keras-predict": 0.4,
    "tf-function": 0.03,
    "pytorch": 0.02,
    "litert": 0.025,
    "onnxruntime": 0.01,
    "numpy": 0.012,
}
# The times of 12 processes in units of their median; each runtime has them in another order.
SPREAD = np.linspace(0.95, 1.05, 12)
SHA256 = 64 * "0"
MACHINE = {
    "cpu": "Test CPU",
    "cores": 2,
    "memory_bytes": 8 * 2**30,
    "os": "Linux x86_64",
    "python": "3.11.7",
}
# What every notebook was made with.
MADE = {
    "started": "2026-01-02T03:04:05Z",
    "machine": MACHINE,
    "packages": {"torch": "2.13.0", "tensorflow": "2.21.0"},
    "commit": "abc",
}
# Those whose files come from TensorFlow.
FRAMEWORKS = dict.fromkeys(("keras-predict", "tf-function", "litert"), "tensorflow")


def logits_for(classes, margin=5.0):
    return margin * np.eye(10, dtype=np.float32)[classes]


def digits(count=1_001):
    """Squares of 10 pixels in the middle; more than one picture full of them."""
    images = np.zeros((count, 28, 28), np.uint8)
    images[:, 9:19, 9:19] = 255
    return images


def latency(runtime: str, scenario: str, batch_size: int, threads: int) -> dict:
    row = _time(runtime, scenario, batch_size, threads)
    unit = _time("pytorch", scenario, batch_size, threads)
    ratio = statistics.ratio_by_rounds(*map(statistics.rounds_of, (row, unit)))
    return {**row, "baseline": "pytorch", **ratio}


def _time(runtime: str, scenario: str, batch_size: int, threads: int) -> dict:
    seconds = OFFLINE_S[runtime] * batch_size / 10_000 * (2 if threads == 1 else 1)
    medians_s = (seconds * np.roll(SPREAD, list(OFFLINE_S).index(runtime))).tolist()
    return {
        "model": f"mlp-{FRAMEWORKS.get(runtime, 'pytorch')}",
        "architecture": "mlp",
        "framework": FRAMEWORKS.get(runtime, "pytorch"),
        "precision": "float32",
        "main": True,
        "runtime": runtime,
        "threads": threads,
        "scenario": scenario,
        "batch_size": batch_size,
        "processes": 12,
        "quiet_processes": 12,
        "process_rounds": list(range(1, 13)),
        "process_medians_s": medians_s,
        "calls": 300,
        "median_s": seconds,
        "ci95_s": statistics.interval_of(medians_s),
        "range_s": statistics.range_of(medians_s),
        "p90_s": seconds * 1.2,
        "p99_s": None,
        "images_per_s": batch_size / seconds,
        "cpu_per_wall": 1.5,
        "others_cores": 0.01,
        "test_accuracy": 0.97,
    }


def results() -> dict:
    return copy.deepcopy(
        {
            "run": {
                "profile": "standard",
                "started": "2026-01-02T03:04:05Z",
                "stages": {"01_tensorflow_tflite": 12.3},
                "made": {name: copy.deepcopy(MADE) for name in NOTEBOOKS},
                "machine": {**MADE["machine"], "threads": 2},
                "packages": dict(MADE["packages"]),
                "dataset": {
                    "name": "mnist",
                    "origin": "MNIST_DIR",
                    "train": 60_000,
                    "test": 10_000,
                    "sha256": SHA256,
                    "classes": list(DIGITS),
                },
                "parameters": {
                    "01_tensorflow_tflite": {
                        "LEARNING_RATE": 0.001,
                        "BATCH_SIZE": 128,
                        "EPOCHS": 10,
                        "TRAININGS": [["mlp", "lab", 3, None]],
                        "TRAIN_IMAGES": None,
                        "DATASET": "sample",
                        "THREADS": 2,
                    },
                    "03_runtime_comparison": {
                        "PROCESSES": 3,
                        "THREADS": 2,
                    },
                },
                "measured_seconds": 100.0,
            },
            "models": [
                {
                    "id": f"mlp-{framework}",
                    **trained(framework, accuracy),
                    "epochs": 10,
                    "parameters": 101_770,
                    "file": f"models/mlp-{framework}.keras",
                    "sha256": SHA256,
                }
                for framework, accuracy in (("tensorflow", 0.9714), ("pytorch", 0.9739))
            ],
            "seeds": [
                trained(framework, accuracy)
                for framework, accuracy in (("tensorflow", 0.9714), ("pytorch", 0.9739))
            ],
            "history": [],
            "sgd_losses": [],
            "exports": [
                {
                    "id": f"{source}-{form}-float32",
                    "source": source,
                    "format": form,
                    "precision": "float32",
                    **file(f"models/{source}-float32.{form}"),
                    "test_accuracy": accuracy,
                    "changed": 0,
                    "max_abs_logit_difference": 1e-5,
                    "gate": "passed",
                }
                for source, form, accuracy in (
                    ("mlp-tensorflow", "tflite", 0.9714),
                    ("mlp-pytorch", "onnx", 0.9739),
                )
            ],
            "latency": [
                latency(runtime, scenario, size, threads)
                for scenario, size, counts in (
                    ("offline", 10_000, (1, 2)),
                    ("single_stream", 1, (1, 2)),
                    ("batch_sweep", 128, (2,)),
                )
                for runtime in OFFLINE_S
                for threads in counts
            ],
            "noise_floor": [
                again(latency(runtime, scenario, size, 2))
                for scenario, size in (
                    ("offline", 10_000),
                    ("single_stream", 1),
                    ("batch_sweep", 128),
                )
                for runtime in ("pytorch", "onnxruntime")
            ],
            "failures": [],
            "cold_start": [
                {
                    "model": f"mlp-{FRAMEWORKS.get(runtime, 'pytorch')}",
                    "runtime": runtime,
                    "processes": 3,
                    "first_answer_s": 1.2 + seconds,
                    "range_s": [1.1 + seconds, 1.4 + seconds],
                    "import_s": 1.0 + seconds,
                    "load_s": 0.1,
                    "first_call_s": 0.01,
                    "first_answer_rss_bytes": 60_000_000,
                    "peak_rss_bytes": 100_000_000,
                    "install_bytes": 2_000_000_000,
                    "install_without_cuda_bytes": 500_000_000,
                }
                for runtime, seconds in OFFLINE_S.items()
            ],
            "protocols": [
                protocol("tensorflow", 0.1, 0.9),
                protocol("pytorch", 0.1, 0.9),
                protocol("onnxruntime", 0.01, 0.0),
            ],
            "errors": {"confusion": [], "common_errors": [], "robustness": []},
            "challenges": [
                challenge("tflite_route", "from_keras_model(model)", True),
                challenge("tflite_route", "from_concrete_functions([f], model)", False),
                challenge("onnx_layout", "(10, 1, 28, 28)", True),
                challenge("onnx_batch", "(1, 1, 28, 28), exported with a fixed batch", False),
            ],
        }
    )


def file(name: str) -> dict:
    return {"file": name, "bytes": 410_000, "sha256": SHA256}


def trained(framework: str, accuracy: float) -> dict:
    return {
        "framework": framework,
        "architecture": "mlp",
        "recipe": "lab",
        "seed": 1,
        "train_seconds": 4.0,
        "test_accuracy": accuracy,
    }


def protocol(runtime: str, forward_s: float, other_s: float) -> dict:
    stages = {"forward pass": forward_s, **({"other": other_s} if other_s else {})}
    total_s = forward_s + other_s
    return {
        "runtime": runtime,
        "protocol": "report_2025",
        "stages": stages,
        "total_s": total_s,
        "processes": 5,
        "process_totals_s": [total_s * (1 + n / 100) for n in range(-2, 3)],
        "range_s": [total_s * 0.98, total_s * 1.02],
        "ci95_s": None,
        "spent_s": 2.0,
    }


def challenge(kind: str, tried: str, worked: bool) -> dict:
    return {
        "stack": "today",
        "challenge": kind,
        "tried": tried,
        "worked": worked,
        "outcome": "as said",
    }


def again(row: dict) -> dict:
    """The row of the noise floor for a runtime that was measured again."""
    return {**row, "baseline": row["runtime"], "ratio": 1.01, "ratio_ci95": [0.98, 1.04]}


def few(results: dict, processes: int = 3) -> dict:
    """The results as they are with so few processes that there is no interval."""
    for row in [*results["latency"], *results["noise_floor"]]:
        row |= {name: row[name][:processes] for name in ("process_rounds", "process_medians_s")}
        row |= {"processes": processes, "quiet_processes": processes}
        row |= {"ci95_s": None, "range_s": statistics.range_of(row["process_medians_s"])}
        row |= {"ratio_ci95": None, "median_s": float(np.median(row["process_medians_s"]))}
    return results
