"""TFLite files: the runtime that reads them, and those of PyTorch's models.

A process has one framework that exports: a process with TensorFlow makes PyTorch's TFLite files.
"""

import tempfile
from pathlib import Path

import numpy as np

from helpers.core import console, files, process
from helpers.exports.inventory import Export
from helpers.models import weights
from helpers.training.runs import Run


def interpreter(file: Path, threads: int) -> object:
    """Return an `Interpreter` of a file."""
    try:
        from ai_edge_litert.interpreter import Interpreter
    except ModuleNotFoundError:  # in 2025 it was a part of TensorFlow
        from tensorflow.lite.python.interpreter import Interpreter

    return Interpreter(str(file), num_threads=threads)


def from_torch(saved: list[Run], *, threads: int) -> list[Export]:
    """Write PyTorch's models as float32 TFLite files of Keras models with their weights.

    Where Keras has no architecture of its name for them, a model is left out with the reason.
    """
    with tempfile.TemporaryDirectory() as folder:
        for run in saved:
            arrays = [tensor.numpy() for tensor in run.model.state_dict().values()]
            np.savez(Path(folder, f"{run.id}.npz"), *arrays)
        asked = {run.id: (run.plan.architecture, run.plan.hidden) for run in saved}
        given = {"models": asked, "folder": folder}
        reasons = process.run(__name__, given, threads=threads, without=process.NOT_NEEDED)
    return [Export(run.id, "tflite", "float32", reasons[run.id]) for run in saved]


def work(specification: dict) -> dict[str, str]:
    """Be the process with TensorFlow: write each file; return {id: why there is none, or ""}."""
    from helpers.models import keras_models

    reasons = {}
    for source, (architecture, hidden) in specification["models"].items():
        try:
            if architecture not in keras_models.ARCHITECTURES:
                raise console.LabError(f"helpers/models/keras_models.py defines no {architecture}")
            model = keras_models.build(architecture, seed=0, hidden=hidden)
            with np.load(Path(specification["folder"], f"{source}.npz")) as arrays:
                model.set_weights(weights.torch_to_keras(arrays.values()))
            file = Export(source, "tflite", "float32").file
            with files.replacing(file) as temporary, tempfile.TemporaryDirectory() as folder:
                model.export(folder, verbose=False)
                converter = keras_models.tf.lite.TFLiteConverter.from_saved_model(folder)
                temporary.write_bytes(converter.convert())
            reasons[source] = ""
        except Exception as error:  # whatever Keras says of the weights is the finding
            reasons[source] = console.reason(error)
    return reasons
