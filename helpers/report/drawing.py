"""Draw a digit: on the page the weights of a network answer, in JupyterLab the run's model files.

`template/draw.js` is the surface and brings a drawing into the form of MNIST's images, for both.
The page has `template/network.js` too, which computes the logits.
"""

import base64
import json
import time
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from helpers.benchmark.runtimes import RUNTIMES, LeftOut, NumPy, Runtime
from helpers.core import artifacts
from helpers.core import old_results as results
from helpers.core.console import reason
from helpers.core.units import duration
from helpers.data import mnist
from helpers.exports.inventory import DEPLOYABLE

TEMPLATE = Path(__file__).with_name("template")
MIME = "application/vnd.lab03.drawing+json"
# Of the weights that the page holds: it is to stay a file that can be sent by mail.
MOST_BYTES = 500_000


def table(found: dict) -> list[dict]:
    """Return the table `drawing` of results.json: the export that answers on the page, or none.

    It is the first float32 ONNX file, the main network's before others, whose network is dense
    layers and ReLU and not too large for the page.
    """
    for model in results.where(found["models"], framework=NumPy.framework):
        name = f"{model['id']}-onnx-float32"
        for export in results.where(found["exports"], id=name, gate="passed"):
            try:
                layers = layers_of(artifacts.root() / export["file"])
            except LeftOut:
                continue
            if sum(kernel.nbytes + bias.nbytes for kernel, bias, _ in layers) <= MOST_BYTES:
                return [{"export": export["id"]}]
    return []


def layers_of(path: Path) -> list[tuple[np.ndarray, np.ndarray, bool]]:
    """Return kernel [inputs, outputs], bias [outputs] and whether a ReLU follows, layer by layer.

    Raises LeftOut when the file's network has other layers.
    """
    network = NumPy(threads=1)
    network.load(path)
    return [tuple(layer) for layer in network.layers]


def words(found: dict) -> str:
    """Return heading and text above the surface, as Markdown."""
    (row,) = found["drawing"]
    export = results.one(found["exports"], id=row["export"])
    a_thing = "a digit" if _digits(found["run"]["dataset"]["classes"]) else "an image"
    return (
        f"## Draw {a_thing}\n\nDraw {a_thing} with the mouse, a pen or a finger, or drop a picture "
        "file. It is brought into the form of MNIST's images: scaled into 20 × 20 pixels and "
        "centred in 28 × 28 by its centre of mass. It is answered in this page by the weights of "
        f"`{export['file']}`, not by a runtime."
    )


def data(found: dict, dataset: mnist.Dataset) -> dict:
    """Return what the page's scripts need: the surface's words and test images, the weights.

    An output of the type MIME becomes the surface in the page.
    """
    (row,) = found["drawing"]
    export = results.one(found["exports"], id=row["export"])
    layers = layers_of(artifacts.root() / export["file"])
    return {
        **about(dataset),
        "network": results.one(found["models"], id=export["source"])["architecture"],
        "layers": [
            {"kernel": _base64(kernel), "bias": _base64(bias), "relu": relu}
            for kernel, bias, relu in layers
        ],
    }


def about(dataset: mnist.Dataset) -> dict:
    """Return what is drawn, the names of the classes, and the first test image of each class."""
    classes, labels = dataset.source.classes, dataset.test_labels
    first = [int(np.flatnonzero(labels == label)[0]) for label in np.unique(labels)]
    return {
        "thing": "digit" if _digits(classes) else "image",
        "classes": list(classes),
        "tests": [
            {"label": classes[labels[image]], "image": _base64(dataset.test_images[image])}
            for image in first
        ],
    }


def _digits(classes: Iterable[str]) -> bool:
    return tuple(classes) == mnist.DIGITS


def _base64(array: np.ndarray) -> str:
    """Return the bytes of an array, row by row and little-endian, in base64."""
    little = array.astype(array.dtype.newbyteorder("<"), order="C")
    return base64.b64encode(little.tobytes()).decode()


def as_html(given: dict) -> str:
    """Return what `data` has returned as the page's HTML, where the scripts put the surface."""
    held = json.dumps(given, ensure_ascii=False).replace("<", "\\u003c")
    return (
        '<div class="draw"><noscript><p>The surface to draw on needs JavaScript, which is off.</p>'
        f'</noscript><script type="application/json">{held}</script></div>'
    )


def script() -> str:
    """Return the page's script: the surface, then what answers."""
    return "\n".join(_read(name) for name in ("draw.js", "network.js"))


def style() -> str:
    """Return the surface's CSS."""
    return _read("draw.css")


def _read(name: str) -> str:
    return (TEMPLATE / name).read_text(encoding="utf-8")


def readers(files: dict[str, Path]) -> dict[str, Path]:
    """Return those of {runtime: model file} that read a TFLite or ONNX file."""
    return {name: path for name, path in files.items() if path.suffix in DEPLOYABLE}


def load(files: dict[str, Path]) -> list[Runtime]:
    """Return each runtime with its model file loaded and called once, with one thread."""
    loaded = []
    for name, path in files.items():
        loaded.append(RUNTIMES[name](threads=1))
        loaded[-1].load(path)
        loaded[-1](np.zeros((1, mnist.SIDE, mnist.SIDE), np.float32))
    return loaded


def answers(runtimes: Iterable[Runtime], image: np.ndarray) -> list[dict]:
    """Let runtimes answer an image, uint8 [28, 28]: {name, logits, time} each.

    The time is that of this one call.
    """
    scaled, found = mnist.scale(image[np.newaxis]), []
    for runtime in runtimes:
        start = time.perf_counter()
        (logits,) = runtime(scaled)
        seconds = time.perf_counter() - start
        answer = {"logits": logits.tolist(), "time": duration(seconds)}
        found.append({"name": runtime.title, **answer})
    return found


def widget(files: dict[str, Path], dataset: mnist.Dataset) -> object:
    """Return a widget of the surface, answered by {runtime: model file}.

    The runtimes are loaded when the first drawing comes.
    """
    import anywidget
    import traitlets

    class Surface(anywidget.AnyWidget):
        _esm, _css = _read("draw.js"), style()
        about = traitlets.Dict().tag(sync=True)

    loaded: list[Runtime] = []

    def answer(surface: Surface, _: object, buffers: list) -> None:
        try:
            if not loaded:
                loaded.extend(load(files))
            image = np.frombuffer(buffers[0], np.uint8).reshape(mnist.SIDE, mnist.SIDE)
            surface.send({"answers": answers(loaded, image)})
        except Exception as error:  # of any runtime; an exception here would be seen by nobody
            surface.send({"wrong": reason(error)})

    surface = Surface(about=about(dataset))
    surface.on_msg(answer)
    return surface
