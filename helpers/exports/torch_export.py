"""From PyTorch models to ONNX files and to programs that need no definition."""

import copy
from pathlib import Path

import numpy as np
import onnx
import torch
from torch import nn

from helpers.core import artifacts
from helpers.exports import onnx_files
from helpers.exports.inventory import Export, file_for


def export_onnx(model: nn.Module, path: Path, *, dynamic_batch: bool = True) -> None:
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


def export_program(model: nn.Module, path: Path) -> None:
    """Write what `torch.export` records of a model: PyTorch reads and runs it without its class.

    It takes images [N, 1, 28, 28] in [0, 1] on the CPU.
    """
    on_cpu = copy.deepcopy(model).eval().cpu()
    example, batch = torch.zeros(2, 1, 28, 28, device="cpu"), torch.export.Dim("batch")
    program = torch.export.export(on_cpu, (example,), dynamic_shapes=({0: batch},))
    for node in program.graph.nodes:  # where in whose files it comes from
        node.meta.pop("stack_trace", None)
    # An archive is named after its file, and the temporary one after this process.
    with artifacts.replacing(path) as temporary, temporary.open("wb") as file:
        torch.export.save(program, file)


def export_all(model: nn.Module, name: str, calibration_set: np.ndarray) -> list[Export]:
    """Write a model to ONNX in float32, dynamic and static int8, each for raw pixels too.

    Beside them stands the float32 program of `export_program`.
    """
    files = {p: file_for(name, p, ".onnx") for p in ("float32", "dynamic", "int8")}
    export_onnx(model, files["float32"])
    onnx_files.quantize(files["float32"], files["dynamic"])
    onnx_files.quantize(files["float32"], files["int8"], calibration_set)
    program = file_for(name, "float32", ".pt2")
    export_program(model, program)
    onnx_exports = [Export(name, precision, file) for precision, file in files.items()]
    return [*onnx_files.with_pixels_variants(onnx_exports), Export(name, "float32", program)]
