"""From Keras models to TFLite and ONNX files."""

import contextlib
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import onnx

from helpers.core import artifacts
from helpers.exports import onnx_files
from helpers.exports.inventory import Export, file_for
from helpers.models.keras_networks import SIGNATURE, keras, tf

LOG = "tensorflow_export.log"
PRECISIONS = ("float32", "float16", "dynamic", "int8")


def _function(model: keras.Model) -> Callable:
    """Return the model as a function of `image` to `logits`."""

    def serve(image: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"logits": model(image)}

    return serve


@contextlib.contextmanager
def saved_model(model: keras.Model) -> Iterator[str]:
    """Yield the folder of a SavedModel with the serving signature, which goes with the block.

    All that the block prints goes to the log.
    """
    with artifacts.output_to_log(LOG), tempfile.TemporaryDirectory() as folder:
        archive = keras.export.ExportArchive()
        archive.track(model)
        archive.add_endpoint("serving_default", _function(model), SIGNATURE)
        archive.write_out(folder, verbose=False)
        yield folder


def convert(
    folder: str, path: Path, precision: str = "float32", representative: np.ndarray | None = None
) -> None:
    """Write a TFLite file with a free batch size of a SavedModel.

    This is the documented route (keras#19108): the SavedModel carries the serving signature, so
    that the converter has no need to guess the input's shape. `precision` is float32, float16,
    dynamic (int8 weights) or int8 (activations too); int8 learns the range of the activations from
    the `representative` images.
    """
    converter = tf.lite.TFLiteConverter.from_saved_model(folder)
    if precision != "float32":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if precision == "float16":
        converter.target_spec.supported_types = [tf.float16]
    if precision == "int8":
        converter.representative_dataset = lambda: ([image[None]] for image in representative)
    content = converter.convert()
    with artifacts.replacing(path) as temporary:
        temporary.write_bytes(content)


def export_tflite(model: keras.Model, path: Path) -> None:
    """Write a float32 TFLite file; it takes images [N, 28, 28] in [0, 1]."""
    with saved_model(model) as folder:
        convert(folder, path)


def export_onnx(model: keras.Model, path: Path) -> None:
    """Write a float32 ONNX file with a free batch size; it takes images [N, 28, 28] in [0, 1]."""
    with artifacts.replacing(path) as temporary, artifacts.output_to_log(LOG):
        import tf2onnx

        function = tf.function(_function(model), input_signature=SIGNATURE)
        exported, _ = tf2onnx.convert.from_function(
            function, input_signature=SIGNATURE, opset=onnx_files.OPSET
        )
        onnx.save(onnx_files.finish(exported), temporary)


def export_all(model: keras.Model, name: str, calibration_set: np.ndarray) -> list[Export]:
    """Write a model to TFLite in every precision and to ONNX in float32.

    `calibration_set` holds float32 images [N, 28, 28] in [0, 1]. One SavedModel serves all
    precisions.
    """
    exports = [Export(name, p, file_for(name, p, ".tflite")) for p in PRECISIONS]
    with saved_model(model) as folder:
        for export in exports:
            convert(folder, export.file, export.precision, calibration_set)
    exports.append(Export(name, "float32", file_for(name, "float32", ".onnx")))
    export_onnx(model, exports[-1].file)
    return exports
