"""The direct routes from a Keras model to TFLite, each tried where it can do no harm.

The 2025 report met them. What one does depends on the version of TensorFlow: it writes a right file
or a broken one, raises an exception, or aborts its process.
"""

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from helpers.core import console, process
from helpers.models import keras_networks
from helpers.models.keras_networks import SIGNATURE, keras, tf

MODULE = "helpers.exports.keras_routes"
ROUTES: dict[str, Callable[[keras.Model], object]] = {}


def route(call: str) -> Callable:
    """Enter a function into ROUTES under the call that it makes."""

    def enter(function: Callable[[keras.Model], object]) -> Callable[[keras.Model], object]:
        ROUTES[call] = function
        return function

    return enter


@route("model._get_save_spec()")
def ask_for_the_signature(model: keras.Model) -> object:
    """Ask the model what its input is, as the converter did in 2025."""
    return model._get_save_spec()


@route("from_keras_model(model)")
def convert_the_model(model: keras.Model) -> bytes:
    """Let the converter find the signature by itself: the route of most guides."""
    return tf.lite.TFLiteConverter.from_keras_model(model).convert()


@route("from_concrete_functions([f], model)")
def convert_a_function(model: keras.Model) -> bytes:
    """Convert one traced function of the model, which says what the input is."""
    traced = tf.function(model, input_signature=SIGNATURE).get_concrete_function()
    return tf.lite.TFLiteConverter.from_concrete_functions([traced], model).convert()


def attempts(model_file: Path, calls: Sequence[str] = tuple(ROUTES)) -> dict[str, bytes | str]:
    """Return for each of `calls` the TFLite file that it made of a .keras file, or what happened.

    One process tries all of them. When a call takes it down, each gets a process of its own.
    """
    with tempfile.TemporaryDirectory() as folder:
        asked = {call: str(Path(folder, f"{place}.tflite")) for place, call in enumerate(calls)}
        specification = {"model": str(model_file), "calls": asked}
        try:
            outcomes = process.run(MODULE, specification, threads=1, without=process.NOT_NEEDED)[
                "outcomes"
            ]
        except process.ProcessFailed as error:
            if len(calls) == 1:
                return {calls[0]: str(error).removeprefix(f"{MODULE} ")}
            return {call: attempts(model_file, [call])[call] for call in calls}
        return {call: outcomes.get(call) or Path(file).read_bytes() for call, file in asked.items()}


def work(specification: dict) -> dict:
    """Be the process: write the file of each call, and return the {"outcomes"} of those without."""
    model, outcomes = keras_networks.load(Path(specification["model"])), {}
    for call, file in specification["calls"].items():
        try:
            made = ROUTES[call](model)
        except Exception as error:
            outcomes[call] = f"raised {console.reason(error)}"
        else:
            if isinstance(made, bytes):
                Path(file).write_bytes(made)
            else:
                outcomes[call] = f"returned {made}"
    return {"outcomes": outcomes}
