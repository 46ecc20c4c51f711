"""Give networks of one framework the weights of the other, in a process of its own.

The two frameworks never share a process: a notebook keeps its weights as plain arrays, and a
process with the other framework builds the same networks from them and writes their files.
"""

import tempfile
from pathlib import Path

from helpers.core import process, stack
from helpers.exports.inventory import Export, file_for
from helpers.models import weights

MODULE = "helpers.exports.carry_over"


def write(
    networks: dict[str, tuple[str, weights.Weights]], suffixes: list[str], *, threads: int
) -> list[Export]:
    """Write the same networks as files of the other framework and return these exports.

    `networks` is {model id: (architecture, its weights)}; the suffixes say which formats: `.pt` a
    PyTorch checkpoint, `.pt2` its program where PyTorch can check one, `.keras` a Keras model,
    `.tflite` its float32 export, for scaled images and for raw pixels.
    """
    exports = [
        Export(model, "float32", file_for(model, "float32", suffix, pixels=pixels), pixels)
        for model in networks
        for suffix in suffixes
        if suffix != ".pt2" or stack.programs()
        for pixels in ((False, True) if suffix == ".tflite" else (False,))
    ]
    with tempfile.TemporaryDirectory() as folder:
        for model, (_, given) in networks.items():
            weights.save(given, Path(folder, f"{model}.npz"))
        files = [
            {
                "architecture": networks[export.model][0],
                "weights": str(Path(folder, f"{export.model}.npz")),
                "file": str(export.file),
                "pixels": export.pixels,
            }
            for export in exports
        ]
        process.run(MODULE, {"files": files}, threads=threads, without=process.NOT_NEEDED)
    return exports


def work(specification: dict) -> dict:
    """Build each network from its weights and write its file."""
    for wanted in specification["files"]:
        file = Path(wanted["file"])
        if file.suffix in (".pt", ".pt2"):
            from helpers.models import torch_networks as framework
        else:
            from helpers.models import keras_networks as framework
        model = framework.build(wanted["architecture"], seed=0)
        framework.set_weights(model, weights.load(Path(wanted["weights"])))
        if file.suffix == ".tflite":
            from helpers.exports import keras_export

            keras_export.export_tflite(model, file, pixels=wanted["pixels"])
        elif file.suffix == ".pt2":
            from helpers.exports import torch_export

            torch_export.export_program(model, file)
        else:
            framework.save(model, file)
    return {}
