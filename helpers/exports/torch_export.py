"""From PyTorch models to ONNX files."""

from pathlib import Path

import numpy as np
import onnx
import torch
from torch import nn

from helpers.core import artifacts, stack
from helpers.exports import onnx_files
from helpers.exports.inventory import Export, file_for


def onnx_options(*, dynamic_batch: bool = True) -> dict[str, object]:
    """Return what `torch.onnx.export` of the installed version is told beside model and names.

    Without `dynamic_batch` the file takes as many images a call as the example, and nothing else.
    """
    if not stack.new_onnx_exporter():
        free = {"image": {0: "batch"}, "logits": {0: "batch"}} if dynamic_batch else None
        return {"dynamic_axes": free, "opset_version": 17}  # it knows no newer one
    return {
        "dynamic_shapes": ({0: "batch"},) if dynamic_batch else None,
        "opset_version": onnx_files.OPSET,
        "dynamo": True,
        "external_data": False,  # one file, so that a copy is whole
    }


def export_onnx(model: nn.Module, path: Path, *, dynamic_batch: bool = True) -> None:
    """Write a float32 ONNX file of one piece, whose batch is free with `dynamic_batch`."""
    model.eval()
    with artifacts.replacing(path) as temporary, artifacts.output_to_log("onnx_export.log"):
        torch.onnx.export(
            model,
            # An example of one image would make the exporter fix the batch at 1.
            (torch.zeros(2, 1, 28, 28),),
            temporary,
            input_names=["image"],
            output_names=["logits"],
            verbose=False,
            **onnx_options(dynamic_batch=dynamic_batch),
        )
        exported = onnx.load(temporary)
        if not stack.new_onnx_exporter():
            exported = onnx.version_converter.convert_version(exported, onnx_files.OPSET)
        onnx.save(onnx_files.finish(exported), temporary)


def export_all(model: nn.Module, name: str, calibration_set: np.ndarray) -> list[Export]:
    """Write a model to ONNX in float32, dynamic and static int8."""
    files = {p: file_for(name, p, ".onnx") for p in ("float32", "dynamic", "int8")}
    export_onnx(model, files["float32"])
    onnx_files.quantize(files["float32"], files["dynamic"])
    onnx_files.quantize(files["float32"], files["int8"], calibration_set)
    return [Export(name, precision, file) for precision, file in files.items()]
