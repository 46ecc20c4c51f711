"""TFLite files: the runtime that reads them, and those of PyTorch's models.

A process has one framework that exports: a process with TensorFlow makes PyTorch's TFLite files.
"""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from helpers.core import artifacts, console, process, stack
from helpers.exports.inventory import Export
from helpers.models import weights
from helpers.training.runs import Run


def interpreter(file: Path, threads: int) -> object:
    """Return an `Interpreter` of a file, of the package that the installed stack has for it."""
    return stack.litert("interpreter").Interpreter(str(file), num_threads=threads)


def from_torch(saved: Sequence[Run], *, threads: int) -> list[Export]:
    """Write PyTorch's models as float32 TFLite files of Keras models with their weights.

    A model is left out, with the reason, when layers other than Linear and Conv2d have weights,
    and when Keras has no architecture of its name with weights of the same shapes.
    """
    from helpers.models import torch_models

    reasons, asked = {}, {}
    with tempfile.TemporaryDirectory() as folder:
        for run in saved:
            try:
                arrays = weights.torch_to_keras(torch_models.arrays_for_keras(run.model))
                np.savez(Path(folder, f"{run.id}.npz"), *arrays)
                asked[run.id] = run.plan.architecture, run.plan.hidden
            except ValueError as error:  # LabError is one; so is a kernel that does not fit
                reasons[run.id] = str(error)
        given = {"models": asked, "folder": folder}
        reasons |= process.run(__name__, given, threads=threads, without=process.NOT_NEEDED)
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
                model.set_weights(list(arrays.values()))
            file = Export(source, "tflite", "float32").file
            with artifacts.replacing(file) as temporary, tempfile.TemporaryDirectory() as folder:
                model.export(folder, verbose=False)
                converter = keras_models.tf.lite.TFLiteConverter.from_saved_model(folder)
                temporary.write_bytes(converter.convert())
            reasons[source] = ""
        except Exception as error:  # whatever Keras says of the weights is the finding
            reasons[source] = console.reason(error)
    return reasons
