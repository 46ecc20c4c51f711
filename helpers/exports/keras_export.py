"""From Keras models to TFLite and ONNX files."""

import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx

from helpers.core import artifacts
from helpers.exports import onnx_files
from helpers.exports.inventory import Export, file_for
from helpers.models.keras_networks import SIGNATURE, keras, tf

LOG = "tensorflow_export.log"
PRECISIONS = ("float32", "float16", "dynamic", "int8")
# What a file that takes raw pixels is given.
PIXELS = [tf.TensorSpec([None, 28, 28], tf.uint8, name="image")]


def _function(model: keras.Model, *, pixels: bool = False) -> Callable:
    """Return the model as a function of `image` to `logits`, with the scaling in it for pixels."""

    def serve(image: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"logits": model(tf.cast(image, tf.float32) / 255 if pixels else image)}

    return serve


def export_tflite(
    model: keras.Model,
    path: Path,
    precision: str = "float32",
    *,
    pixels: bool = False,
    calibration_set: np.ndarray | None = None,
) -> None:
    """Write a TFLite file with a free batch size, by way of a SavedModel.

    This is the documented route (keras#19108): the SavedModel carries the serving signature, so
    that the converter has no need to guess the input's shape. `precision` is float32, float16,
    dynamic (int8 weights) or int8 (activations too); int8 learns the range of the activations from
    `calibration_set`, float32 images [N, 28, 28] in [0, 1]. With `pixels` the file takes raw uint8.
    """
    with artifacts.output_to_log(LOG), tempfile.TemporaryDirectory() as folder:
        archive = keras.export.ExportArchive()
        archive.track(model)
        signature = PIXELS if pixels else SIGNATURE
        archive.add_endpoint("serving_default", _function(model, pixels=pixels), signature)
        archive.write_out(folder, verbose=False)
        converter = tf.lite.TFLiteConverter.from_saved_model(folder)
        if precision != "float32":
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
        if precision == "float16":
            converter.target_spec.supported_types = [tf.float16]
        if precision == "int8":
            given = np.round(calibration_set * 255).astype(np.uint8) if pixels else calibration_set
            converter.representative_dataset = lambda: ([image[None]] for image in given)
        content = converter.convert()
    with artifacts.replacing(path) as temporary:
        temporary.write_bytes(content)


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
    """Write a model to TFLite in every precision and to ONNX, each for raw pixels too."""
    exports = []
    for precision in PRECISIONS:
        for pixels in (False, True):
            file = file_for(name, precision, ".tflite", pixels=pixels)
            export_tflite(model, file, precision, pixels=pixels, calibration_set=calibration_set)
            exports.append(Export(name, precision, file, pixels))
    file = file_for(name, "float32", ".onnx")
    export_onnx(model, file)
    return [*exports, *onnx_files.with_pixels_variants([Export(name, "float32", file)])]
