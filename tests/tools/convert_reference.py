"""Make tests/fixtures/results.json of the committed reference, which is of version 1.

python tests/tools/convert_reference.py
"""

import json
from pathlib import Path

from helpers.benchmark import contract
from helpers.core import results, stack
from helpers.core.artifacts import PROJECT

REFERENCE = PROJECT / "artifacts" / "reference" / "results.json"
FIXTURE = PROJECT / "tests" / "fixtures" / "results.json"
# What version 2 does not measure any more.
GONE = {"torch-compile", "torch-export", "onnxruntime-no-spin"}
# Version 1's results do not hold what stood in lab.yaml.
LAB = {"title": "Lab03: TensorFlow and PyTorch", "author": "A. Student", "student_id": "00123456"}


def converted(reference: Path) -> dict:
    """Return version 1's results in the form of today, without what is not measured any more."""
    old = json.loads(reference.read_text(encoding="utf-8"))
    old["exports"] = [
        row
        for row in old["exports"]
        if row["format"] in ("tflite", "onnx") and row["input"] == "scaled"
    ]
    files = {row["id"] for row in [*old["models"], *old["exports"]]}
    for name in ("latency", "noise_floor", "cold_start"):
        old[name] = [
            row for row in old[name] if row["model"] in files and row["runtime"] not in GONE
        ]
    return contract.convert(old, LAB, stack.TODAY)


if __name__ == "__main__":
    results.write(converted(REFERENCE), FIXTURE)
