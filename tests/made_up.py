"""A small results.json with round numbers, for tests of what is said of results."""

import copy

RUNTIMES = ("keras-predict", "tf-function", "pytorch", "litert", "onnxruntime")


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
                        "SEED": 1,
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
                    "bytes": 410_000,
                    "test_accuracy": accuracy,
                    "agreement": 1.0,
                    "max_abs_logit_difference": 1e-5,
                    "gate": "passed",
                }
                for source, form, accuracy in (
                    ("mlp-tensorflow", "tflite", 0.9714),
                    ("mlp-pytorch", "onnx", 0.9739),
                )
            ],
            "latency": [
                {
                    "runtime": runtime,
                    "scenario": scenario,
                    "batch_size": size,
                    "median_s": seconds * size / 10_000,
                    "ci95_s": [seconds * size / 11_000, seconds * size / 9_000],
                    "baseline": "pytorch",
                    "ratio": seconds / 0.02,
                    "ratio_ci95": [seconds / 0.021, seconds / 0.019],
                    "test_accuracy": 0.97,
                }
                for scenario, size in (("offline", 10_000), ("single_stream", 1))
                for runtime, seconds in zip(RUNTIMES, (0.4, 0.03, 0.02, 0.025, 0.01), strict=True)
            ],
            "cold_start": [
                {
                    "runtime": runtime,
                    "import_s": 1.0,
                    "load_s": 0.1,
                    "first_call_s": 0.01,
                    "peak_rss_bytes": 1e8,
                    "install_bytes": 2e9,
                }
                for runtime in RUNTIMES
            ],
            "protocols": [
                protocol("tensorflow", 0.1, 0.9),
                protocol("pytorch", 0.1, 0.9),
                protocol("onnxruntime", 0.01, 0.0),
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


def protocol(runtime: str, forward_s: float, other_s: float) -> dict:
    stages = {"forward pass": forward_s, **({"other": other_s} if other_s else {})}
    total_s = forward_s + other_s
    return {
        "runtime": runtime,
        "protocol": "report_2025",
        "stages": stages,
        "total_s": total_s,
    }


def route(name: str, gate: str) -> dict:
    return {"route": name, "outcome": "wrote a file", "gate": gate}
