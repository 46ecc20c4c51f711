"""How claims about exporting are decided: from the routes that were tried, and from the exports."""

from helpers.core.old_results import Missing, main_architecture, one, where
from helpers.core.units import counted
from helpers.findings.verdicts import (
    CONFIRMED,
    EXPLAINED,
    NO_LONGER_TRUE,
    REFUTED,
    UNDECIDED,
    Verdict,
)

DIRECT, SAVE_SPEC = "from_keras_model(model)", "model._get_save_spec()"


def _pytorch_and_its_onnx(results: dict) -> tuple[dict, dict]:
    """Return the rows of PyTorch's main network and of its float32 ONNX file."""
    network = main_architecture(results["models"])
    source = one(results["models"], architecture=network, framework="pytorch")
    return source, one(results["exports"], id=f"{source['id']}-onnx-float32")


def onnx_equals_pytorch(results: dict) -> Verdict:
    """Decide by the test images whose class the float32 ONNX file changes: none may."""
    source, export = _pytorch_and_its_onnx(results)
    images = results["run"]["dataset"]["test"]
    other = round((1 - export["agreement"]) * images)
    evidence = (
        f"{export['test_accuracy']:.2%} against {source['test_accuracy']:.2%}; "
        f"{other} of {images:,} images get another class."
    )
    return (REFUTED if other else CONFIRMED), evidence


def _route(results: dict, name: str) -> dict:
    return one(results["challenges"]["tflite_routes"], route=name)


def _tensorflow(results: dict) -> str:
    packages = results["run"]["made"]["01_tensorflow_tflite"]["packages"]
    return f"TensorFlow {packages.get('tensorflow', 'here')}"


def answer(asked: dict) -> str:
    """Return what `_get_save_spec` did; the signature that it returns is in the table of routes."""
    return "returned" if asked["outcome"].startswith("returned") else _outcome(asked)


def _outcome(route: dict) -> str:
    return route["outcome"].rstrip(".")  # an error may end with a full stop


def save_spec(results: dict) -> Verdict:
    """Decide whether `_get_save_spec` still stands in the converter's way."""
    asked, direct = _route(results, SAVE_SPEC), _route(results, DIRECT)
    evidence = (
        f"With {_tensorflow(results)} `_get_save_spec()` "
        f"{answer(asked)}, and `from_keras_model` {_outcome(direct)}."
    )
    fails = direct["gate"] == "no file"
    return (CONFIRMED if fails else NO_LONGER_TRUE), evidence


KNOWN = (
    " TensorFlow 2.16, which 2025 used, is known to need another route (tensorflow/tensorflow "
    "issue 63867)."
)


def tflite_workaround(results: dict) -> Verdict:
    """Decide whether the direct route to TFLite writes a file that passes the gate."""
    direct = _route(results, DIRECT)
    evidence = (
        f"With {_tensorflow(results)} the direct route "
        f"`from_keras_model` {_outcome(direct)} (gate: {direct['gate']})."
    )
    if direct["gate"] == "passed":
        return NO_LONGER_TRUE, evidence + KNOWN
    return CONFIRMED, evidence


def worked_after_adjustments(results: dict) -> Verdict:
    """Decide whether the TFLite files give their source's logits."""
    rows = where(results["exports"], format="tflite", precision="float32")
    if not rows:
        raise Missing("no TFLite file was written")
    passed = sum(row["gate"] == "passed" for row in rows)
    evidence = (
        f"{passed} of {counted(len(rows), 'float32 TFLite file')} "
        f"{'passes' if passed == 1 else 'pass'} the gate. The report does not say which "
        "adjustments it means."
    )
    return (CONFIRMED if passed == len(rows) else REFUTED), evidence


def nchw(results: dict) -> Verdict:
    """Decide whether ONNX asks for NCHW, or the network that a file was made from."""
    offers = results["challenges"]["onnx_layouts"]
    refused = [row["shape"] for row in offers if not row["accepted"]]
    if not refused:
        return REFUTED, "PyTorch's ONNX file takes every layout that it was offered."
    evidence = f"PyTorch's ONNX file refuses images of shape {' and '.join(refused)}."
    network = main_architecture(results["models"])
    source = one(results["models"], architecture=network, framework="tensorflow")
    if not where(results["exports"], id=f"{source['id']}-onnx-float32", gate="passed"):
        return CONFIRMED, evidence
    return EXPLAINED, (
        f"{evidence} A file keeps the layout of the network that it was made from: the ONNX file "
        "made from TensorFlow takes [N, 28, 28]."
    )


def _taken(results: dict, export: str) -> list[bool]:
    return [row["accepted"] for row in where(results["challenges"]["onnx_batches"], export=export)]


def consistent_shapes(results: dict) -> Verdict:
    """Decide whether a batch of another size is refused, and by which export."""
    fixed, dynamic = _taken(results, "fixed"), _taken(results, "dynamic")
    evidence = (
        f"A file exported with a fixed batch takes {sum(fixed)} of "
        f"{counted(len(fixed), 'batch size')}, one with a free batch {sum(dynamic)} of "
        f"{len(dynamic)}."
    )
    if not all(dynamic):
        return CONFIRMED, evidence
    return (REFUTED if all(fixed) else EXPLAINED), evidence


def smoother_export(results: dict) -> Verdict:
    """Compare what has to be known on either side for a file that is right and takes any batch.

    A route that fails has to be known too.
    """
    routes = [row for row in results["challenges"]["tflite_routes"] if row["route"] != SAVE_SPEC]
    silent = [row for row in routes if row["gate"] not in ("passed", "no file")]
    failing = [row for row in routes if row["gate"] == "no file"]
    fixed = _taken(results, "fixed")
    refused = len(fixed) - sum(fixed)
    evidence = (
        f"TensorFlow: {counted(len(silent), 'direct route')} to TFLite "
        f"{'writes' if len(silent) == 1 else 'write'} a broken file without an error"
        f"{f', and {len(failing)} of {len(routes)} no file' if failing else ''}. "
        f"PyTorch: an ONNX export that is not told to leave the batch free refuses {refused} of "
        f"{counted(len(fixed), 'batch size')}."
    )
    if bool(silent or failing) == bool(refused):
        return UNDECIDED, f"{evidence} Neither side is smoother by this count."
    return (CONFIRMED if silent or failing else REFUTED), evidence
