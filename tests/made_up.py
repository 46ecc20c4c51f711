"""A small results.json with round numbers, and logits whose classes are known."""

import copy

import numpy as np

LABELS = np.arange(200) % 10

# Seconds for 10,000 images; one thread takes twice as long.
OFFLINE_S = {
    "keras-predict": 0.4,
    "tf-function": 0.03,
    "pytorch": 0.02,
    "torch-compile": 0.022,
    "litert": 0.025,
    "onnxruntime": 0.01,
    "onnxruntime-no-spin": 0.009,
    "numpy": 0.012,
}
# Those whose files come from TensorFlow.
FRAMEWORKS = dict.fromkeys(("keras-predict", "tf-function", "litert"), "tensorflow")


def logits_for(classes, margin=5.0):
    return margin * np.eye(10, dtype=np.float32)[classes]


def latency(runtime: str, scenario: str, batch_size: int, threads: int) -> dict:
    seconds = OFFLINE_S[runtime] * batch_size / 10_000 * (2 if threads == 1 else 1)
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
        "processes": 3,
        "median_s": seconds,
        "ci95_s": [seconds / 1.1, seconds / 0.9],
        "p90_s": seconds * 1.2,
        "p99_s": None,
        "images_per_s": batch_size / seconds,
        "cpu_per_wall": 1.5,
        "baseline": "pytorch",
        "ratio": OFFLINE_S[runtime] / 0.02,
        "ratio_ci95": [1.0, 1.0]
        if runtime == "pytorch"
        else [OFFLINE_S[runtime] / 0.021, OFFLINE_S[runtime] / 0.019],
        "test_accuracy": 0.97,
        "flags": ["iqr > 10 %"] if runtime == "litert" else [],
    }


def results() -> dict:
    return copy.deepcopy(
        {
            "run": {
                "profile": "standard",
                "started": "2026-01-02T03:04:05Z",
                "stages": {"01_tensorflow_tflite": 12.3},
                "git_commit": "abc",
                "dataset": {
                    "name": "mnist",
                    "origin": "MNIST_DIR",
                    "train": 60_000,
                    "test": 10_000,
                    "sha256": "0",
                },
                "machine": {
                    "cpu": "Test CPU",
                    "cores": 2,
                    "threads": 2,
                    "memory_bytes": 8 * 2**30,
                    "os": "Linux x86_64",
                    "python": "3.11.7",
                },
                "packages": {"torch": "2.13.0"},
                "parameters": {
                    "01_tensorflow_tflite": {
                        "LEARNING_RATE": 0.001,
                        "BATCH_SIZE": 128,
                        "EPOCHS": 10,
                        "SEEDS": 3,
                    },
                    "03_runtime_comparison": {"PROCESSES": 3},
                },
            },
            "models": [
                {
                    "id": f"mlp-{framework}",
                    "architecture": "mlp",
                    "framework": framework,
                    "parameters": 101_770,
                    "train_images": 55_000,
                    "bytes": 410_000,
                    "test_accuracy": accuracy,
                }
                for framework, accuracy in (("tensorflow", 0.9714), ("pytorch", 0.9739))
            ],
            "seeds": [
                {
                    "framework": framework,
                    "architecture": "mlp",
                    "recipe": "lab",
                    "seed": 1,
                    "train_seconds": 4.0,
                    "test_accuracy": accuracy,
                }
                for framework, accuracy in (("tensorflow", 0.9714), ("pytorch", 0.9739))
            ],
            "exports": [
                {
                    "id": f"{source}-{form}-float32",
                    "source": source,
                    "format": form,
                    "precision": "float32",
                    "input": "scaled",
                    "bytes": 410_000,
                    "test_accuracy": accuracy,
                    "agreement": 1.0,
                    "max_abs_logit_difference": 1e-5,
                    "mcnemar_p": 1.0,
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
                    ("sweep", 128, (2,)),
                )
                for runtime in OFFLINE_S
                for threads in counts
            ],
            "noise_floor": [
                {**latency("pytorch", scenario, size, 2), "ratio": 1.01, "ratio_ci95": [0.98, 1.04]}
                for scenario, size in (("offline", 10_000), ("single_stream", 1), ("sweep", 128))
            ],
            "failures": [],
            "cold_start": [
                {
                    "runtime": runtime,
                    "import_s": 1.0 + seconds,
                    "load_s": 0.1,
                    "first_call_s": 0.01,
                    "first_call_max_s": 0.02,
                    "peak_rss_bytes": 1e8,
                    "install_bytes": 2e9,
                }
                for runtime, seconds in OFFLINE_S.items()
            ],
            "protocols": [
                protocol("tensorflow", 0.1, 0.9),
                protocol("pytorch", 0.1, 0.9),
                protocol("onnxruntime", 0.01, 0.0),
                protocol("pytorch", 0.02, 0.001, "fair"),
            ],
            "challenges": {
                "tflite_routes": [
                    route("from_keras_model(model)", "passed"),
                    route("model._get_save_spec()", "no file"),
                    route("from_concrete_functions([f], model)", "logits are not finite"),
                ],
                "onnx_layouts": [
                    {"shape": "(10, 1, 28, 28)", "accepted": True, "answer": "logits"},
                    {"shape": "(10, 28, 28)", "accepted": False, "answer": "Invalid rank"},
                ],
                "onnx_batches": [
                    {"export": export, "shape": str(size), "accepted": taken, "answer": ""}
                    for export, size, taken in (
                        *(("fixed", 1, False), ("fixed", 2, True)),
                        *(("dynamic", 1, True), ("dynamic", 2, True)),
                    )
                ],
            },
        }
    )


def protocol(runtime: str, forward_s: float, other_s: float, protocol: str = "report_2025") -> dict:
    stages = {"forward pass": forward_s, **({"other": other_s} if other_s else {})}
    total_s = forward_s + other_s
    return {
        "runtime": runtime,
        "protocol": protocol,
        "stages": stages,
        "total_s": total_s,
    }


def route(name: str, gate: str) -> dict:
    return {"route": name, "outcome": "wrote a file", "gate": gate}
