"""Draw a digit: a surface in the page, answered there by the weights of the exported mlp.

`template/network.js` brings a drawing into the form of MNIST's images and computes the logits,
`template/draw.js` is the surface, which page.py puts in the place of what is displayed here.
"""

import base64
import json
from html import escape

import numpy as np
from IPython.display import HTML, Markdown, display

from helpers.benchmark.runtimes import NumPy
from helpers.core import files, results
from helpers.core.console import LabError

WORDS = """## Draw a digit

What you draw is scaled and centred as MNIST's images are. The weights of the exported network
answer in this page, without a runtime."""


def show(found: dict, images: np.ndarray, labels: np.ndarray) -> None:
    """Display a heading and, hidden, what the surface needs as JSON.

    `images` uint8 [N, 28, 28] and `labels` [N] are the test set's. Nothing is displayed where the
    network of the main comparison is not dense layers and ReLU, or has no exported file.
    """
    export = results.first(found["exports"], id=results.main_file(found, "numpy"), gate="passed")
    if not export:
        return
    network = NumPy(threads=1)
    try:
        network.load(files.root() / export["file"])
    except LabError:
        return
    classes = found["run"]["dataset"]["classes"]
    first = {classes[label]: images[labels == label][0] for label in np.unique(labels)}
    data = {
        "classes": classes,
        "tests": [{"label": label, "image": _base64(image)} for label, image in first.items()],
        "network": results.first(found["models"], id=export["source"])["architecture"],
        "layers": [
            {"kernel": _base64(kernel), "bias": _base64(bias), "relu": relu}
            for kernel, bias, relu in network.layers
        ],
    }
    display(Markdown(WORDS), HTML(f'<div class="draw" hidden>{escape(json.dumps(data))}</div>'))


def _base64(array: np.ndarray) -> str:
    """Return the bytes of an array, row by row, in base64."""
    return base64.b64encode(array.tobytes()).decode()
