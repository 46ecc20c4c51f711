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
# What a file that takes raw pixels is given.
PIXELS = [tf.TensorSpec([None, 28, 28], tf.uint8, name="image")]


def _function(model: keras.Model, *, pixels: bool = False) -> Callable:
    """Return the model as a function of `image` to `logits`, with the scaling in it for pixels."""

    def serve(image: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"logits": model(tf.cast(image, tf.float32) / 255 if pixels else image)}

    return serve


@contextlib.contextmanager
def saved_model(model: keras.Model, *, pixels: bool = False) -> Iterator[str]:
    """Yield the folder of a SavedModel with the serving signature, which goes with the block.

    With `pixels` it takes raw uint8. All that the block prints goes to the log.
    """
    with artifacts.output_to_log(LOG), tempfile.TemporaryDirectory() as folder:
        archive = keras.export.ExportArchive()
        archive.track(model)
        signature = PIXELS if pixels else SIGNATURE
        archive.add_endpoint("serving_default", _function(model, pixels=pixels), signature)
        archive.write_out(folder, verbose=False)
        yield folder


def convert(
    folder: str, path: Path, precision: str = "float32", representative: np.ndarray | None = None
) -> None:
    """Write a TFLite file with a free batch size of a SavedModel.

    This is the documented route (keras#19108): the SavedModel carries the serving signature, so
    that the converter has no need to guess the input's shape. `precision` is float32, float16,
    dynamic (int8 weights) or int8 (activations too); int8 learns the range of the activations from
    the `representative` images, of the kind that the SavedModel takes.
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


def export_tflite(model: keras.Model, path: Path, *, pixels: bool = False) -> None:
    """Write a float32 TFLite file; with `pixels` it takes raw uint8 images [N, 28, 28]."""
    with saved_model(model, pixels=pixels) as folder:
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
    """Write a model to TFLite in every precision and to ONNX, each for raw pixels too.

    `calibration_set` holds float32 images [N, 28, 28] in [0, 1]. One SavedModel serves all
    precisions.
    """
    exports = []
    for pixels in (False, True):
        given = np.round(calibration_set * 255).astype(np.uint8) if pixels else calibration_set
        with saved_model(model, pixels=pixels) as folder:
            for precision in PRECISIONS:
                file = file_for(name, precision, ".tflite", pixels=pixels)
                convert(folder, file, precision, given)
                exports.append(Export(name, precision, file, pixels))
    exports.sort(key=lambda export: PRECISIONS.index(export.precision))
    file = file_for(name, "float32", ".onnx")
    export_onnx(model, file)
    return [*exports, *onnx_files.with_pixels_variants([Export(name, "float32", file)])]
