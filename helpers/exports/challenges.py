"""What the 2025 report struggled with: direct routes to TFLite, arrays for ONNX Runtime.

What a route does depends on the version of TensorFlow: it writes a right file or a broken one,
raises an exception, or aborts its process; so each is tried where it can do no harm.
"""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from helpers.core import console, process
from helpers.exports import gate, tflite


def ask_for_the_signature(model: object) -> object:
    """Ask the model what its input is, as the converter did in 2025."""
    return model._get_save_spec()


def convert_the_model(model: object) -> bytes:
    """Let the converter find the signature by itself: the route of most guides."""
    from helpers.models.keras_models import tf

    return tf.lite.TFLiteConverter.from_keras_model(model).convert()


def convert_a_function(model: object) -> bytes:
    """Convert one traced function of the model, which says what the input is."""
    from helpers.models.keras_models import SIGNATURE, tf

    traced = tf.function(model, input_signature=SIGNATURE).get_concrete_function()
    return tf.lite.TFLiteConverter.from_concrete_functions([traced], model).convert()


# By the call that each makes.
ROUTES = {
    "model._get_save_spec()": ask_for_the_signature,
    "from_keras_model(model)": convert_the_model,
    "from_concrete_functions([f], model)": convert_a_function,
}


def tflite_routes(
    model_file: Path, images: np.ndarray, labels: np.ndarray, calls: Sequence[str] = tuple(ROUTES)
) -> list[dict]:
    """Return {challenge, tried, worked, outcome} of each of `calls` on a .keras file.

    One process tries all of them. When a call takes it down, each gets a process of its own.
    `images` are float32 [N, 28, 28]; a written file worked when its answers pass the gate.
    """
    with tempfile.TemporaryDirectory() as folder:
        np.savez(Path(folder, "test.npz"), images=images, labels=labels)
        given = {"model": str(model_file), "calls": list(calls), "folder": folder}
        try:
            return process.run(__name__, given, threads=1, without=process.NOT_NEEDED)["rows"]
        except process.ProcessFailed as error:
            if len(calls) > 1:
                return [tflite_routes(model_file, images, labels, [call])[0] for call in calls]
            return [_row("tflite_route", calls[0], False, str(error).removeprefix(f"{__name__} "))]


def work(specification: dict) -> dict:
    """Be the process: try each call, and return {"rows": [what it did]}."""
    from helpers.models import keras_models

    model = keras_models.load(Path(specification["model"]))
    file = Path(specification["folder"], "route.tflite")
    with np.load(file.with_name("test.npz")) as test:
        images, labels = test["images"], test["labels"]
    logits, parameters = keras_models.predict_logits(model, images), keras_models.parameters(model)

    def tried(call: str) -> tuple[bool, str]:
        done = "raised"
        try:
            made = ROUTES[call](model)
            if not isinstance(made, bytes):
                return True, f"returned {made}"
            done = f"wrote {len(made):,} bytes:"
            file.write_bytes(made)
            answer = tflite.interpreter(file, threads=1).get_signature_runner()
            (name,) = answer.get_input_details()
            (given,) = answer(**{name: images}).values()
            verdict = gate.compare(file, "float32", parameters, given, logits, labels)["gate"]
        except Exception as error:
            return False, f"{done} {console.reason(error)}"
        # Only the first reason: a broken file may answer otherwise each time.
        return verdict == "passed", f"{done} {verdict}".removesuffix(": passed").partition(";")[0]

    return {"rows": [_row("tflite_route", call, *tried(call)) for call in specification["calls"]]}


def offer(session: object, images: np.ndarray, *, challenge: str, tried: str) -> dict:
    """Return {challenge, tried, worked, outcome} of what an InferenceSession says to an array.

    `challenge` is onnx_layout or onnx_batch, `tried` says what the array is.
    """
    try:
        (logits,) = session.run(["logits"], {"image": images})
        worked, outcome = True, f"logits {logits.shape}"
    except Exception as error:
        worked, outcome = False, console.one_line(error)
    return _row(challenge, tried, worked, outcome)


def _row(challenge: str, tried: str, worked: bool, outcome: str) -> dict:
    return {"challenge": challenge, "tried": tried, "worked": worked, "outcome": outcome}
