"""From PyTorch models to ONNX files."""

from pathlib import Path

import numpy as np
import onnx
import torch
from torch import nn

from helpers.core import artifacts
from helpers.exports import onnx_files
from helpers.exports.inventory import Export, file_for


def export_onnx(model: nn.Sequential, path: Path, *, dynamic_batch: bool = True) -> None:
    """Write a float32 ONNX file; one file, `external_data=False`, so that a copy is whole.

    Without `dynamic_batch` the file takes the example's two images a call and nothing else.
    """
    model.eval()
    with artifacts.replacing(path) as temporary, artifacts.output_to_log("onnx_export.log"):
        torch.onnx.export(
            model,
            # An example of one image would make the exporter fix the batch at 1.
            (torch.zeros(2, 1, 28, 28),),
            temporary,
            input_names=["image"],
            output_names=["logits"],
            dynamic_shapes=({0: "batch"},) if dynamic_batch else None,
            opset_version=onnx_files.OPSET,
            dynamo=True,
            external_data=False,
            verbose=False,
        )
        onnx.save(onnx_files.finish(onnx.load(temporary)), temporary)


def export_all(model: nn.Sequential, name: str, calibration_set: np.ndarray) -> list[Export]:
    """Write a model to ONNX in float32, dynamic and static int8, each for raw pixels too."""
    files = {p: file_for(name, p, ".onnx") for p in ("float32", "dynamic", "int8")}
    export_onnx(model, files["float32"])
    onnx_files.quantize(files["float32"], files["dynamic"])
    onnx_files.quantize(files["float32"], files["int8"], calibration_set)
    return onnx_files.with_pixels_variants([Export(name, p, file) for p, file in files.items()])
