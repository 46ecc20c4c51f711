"""Write PyTorch networks to TFLite, by Keras networks of the same weights in a process of its own.

The two frameworks never share a process: a notebook keeps its weights as plain arrays, and a
process with TensorFlow builds the same networks from them and writes their files.
"""

import tempfile
from pathlib import Path

from helpers.core import process
from helpers.exports.inventory import Export, file_for
from helpers.models import weights

MODULE = "helpers.exports.carry_over"


def write(networks: dict[str, tuple[str, weights.Weights]], *, threads: int) -> list[Export]:
    """Write networks as float32 TFLite files and return these exports.

    `networks` is {model id: (architecture, its weights)}.
    """
    exports = [
        Export(model, "float32", file_for(model, "float32", ".tflite")) for model in networks
    ]
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for export in exports:
            architecture, given = networks[export.model]
            kept = Path(folder, f"{export.model}.npz")
            weights.save(given, kept)
            files.append(
                {"architecture": architecture, "weights": str(kept), "file": str(export.file)}
            )
        process.run(MODULE, {"files": files}, threads=threads, without=process.NOT_NEEDED)
    return exports


def work(specification: dict) -> dict:
    """Build each network from its weights and write its file."""
    from helpers.exports import keras_export
    from helpers.models import keras_networks

    for wanted in specification["files"]:
        model = keras_networks.build(wanted["architecture"], seed=0)
        keras_networks.set_weights(model, weights.load(Path(wanted["weights"])))
        keras_export.export_tflite(model, Path(wanted["file"]))
    return {}
