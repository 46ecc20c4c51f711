"""Draw a digit: a surface in the page, answered there by the weights of the exported mlp.

`template/network.js` brings a drawing into the form of MNIST's images and computes the logits,
`template/draw.js` is the surface.
"""

import base64
import json
from pathlib import Path

import numpy as np
from IPython.display import Markdown, display

from helpers.benchmark.runtimes import LeftOut, NumPy
from helpers.core import artifacts, results

TEMPLATE = Path(__file__).with_name("template")
MIME = "application/vnd.lab03.drawing+json"
WORDS = """## Draw a digit

What you draw is scaled and centred as MNIST's images are. The weights of the exported network
answer in this page, without a runtime."""
SURFACE = """<div class="draw">
<noscript><p>The surface to draw on needs JavaScript, which is off.</p></noscript>
<div class="surface" hidden>
<canvas class="pen" width="280" height="280" role="img" aria-label="Surface to draw on"></canvas>
<p class="buttons"><button type="button" class="test">Load a test image</button>
<button type="button" class="clear">Clear</button></p>
</div>
<div class="answer" hidden>
<canvas class="seen" width="28" height="28" role="img" aria-label="What the network sees"></canvas>
<p role="status"></p>
<ul aria-label="Probability of each class"></ul>
</div>
<script type="application/json">%s</script>
</div>"""


def show(found: dict, images: np.ndarray, labels: np.ndarray) -> None:
    """Display a heading and the surface, which page.py makes of the output of the type MIME.

    `images` uint8 [N, 28, 28] and `labels` [N] are the test set's. Nothing is displayed where the
    network of the main comparison is not dense layers and ReLU, or has no exported file.
    """
    export = results.first(found["exports"], id=results.main_file(found, "numpy"), gate="passed")
    if not export:
        return
    network = NumPy(threads=1)
    try:
        network.load(artifacts.root() / export["file"])
    except LeftOut:
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
    display(Markdown(WORDS))
    display({MIME: data, "text/plain": "the surface to draw on, in the HTML page"}, raw=True)


def _base64(array: np.ndarray) -> str:
    """Return the bytes of an array, row by row and little-endian, in base64."""
    little = array.astype(array.dtype.newbyteorder("<"), order="C")
    return base64.b64encode(little.tobytes()).decode()


def as_html(data: dict) -> str:
    """Return an output of the type MIME as the page's HTML."""
    return SURFACE % json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")


def read(*names: str) -> str:
    """Return the scripts or the style of the surface: files of the template, one after another."""
    return "\n".join((TEMPLATE / name).read_text(encoding="utf-8") for name in names)
