"""What is done to an ONNX file whatever framework wrote it.

Make it one that old readers read, and quantise it.
"""

import tempfile
from pathlib import Path

import numpy as np
import onnx
from onnxruntime import quantization
from onnxruntime.quantization.shape_inference import quant_pre_process

from helpers.core import artifacts

LOG = "onnx_export.log"
# What readers since early 2023 read; the exporters' own choice shuts out those before 2024.
OPSET, IR_VERSION = 18, 8
UNSIGNED = quantization.QuantType.QUInt8


def finish(model: onnx.ModelProto) -> onnx.ModelProto:
    """Make a model that any reader of OPSET and IR_VERSION runs; return the same model.

    What is left of the exporter and the quantiser goes: notes on where in whose files a node comes
    from, domains of operators that no node is of. A free batch size is called "batch" at both ends.
    Raises onnx.checker.ValidationError when it has an operator that its opset lacks.
    """
    graph = model.graph
    for part in (graph, *graph.node, *graph.initializer, *graph.input, *graph.output):
        part.ClearField("doc_string")
        part.ClearField("metadata_props")  # no reader of this IR version knows them here
    graph.ClearField("value_info")  # readers infer it, and it has other names for the batch
    used = {node.domain for node in graph.node}
    opsets = [opset for opset in model.opset_import if opset.domain in used]
    del model.opset_import[:]
    model.opset_import.extend(opsets)
    for end in (*graph.input, *graph.output):
        size = end.type.tensor_type.shape.dim[0]
        if size.dim_param:
            size.dim_param = "batch"
    model.ir_version = IR_VERSION
    onnx.checker.check_model(model)
    return model


class _Batches(quantization.CalibrationDataReader):
    """Hands ONNX Runtime the calibration set in batches."""

    def __init__(self, images: np.ndarray) -> None:
        self.batches = iter(np.array_split(images, max(1, len(images) // 100)))

    def get_next(self) -> dict[str, np.ndarray] | None:
        """Return the next batch as the file's input, None after the last."""
        batch = next(self.batches, None)
        return None if batch is None else {"image": batch[:, None]}


def quantize(source: Path, path: Path, calibration_set: np.ndarray | None = None) -> None:
    """Write an 8 bit copy of a float32 file that takes [N, 1, 28, 28].

    All bytes are unsigned: a processor without VNNI instructions sums products of unsigned and
    signed ones in 16 bits, which overflow, and the file would give other logits there.
    Without `calibration_set` the activations are quantised in each call (dynamic); with it, float32
    images [N, 28, 28] in [0, 1], their range is fixed from what these give (static, QDQ).
    """
    with (
        artifacts.replacing(path) as temporary,
        artifacts.output_to_log(LOG),
        tempfile.TemporaryDirectory() as folder,
    ):
        prepared = Path(folder, "prepared.onnx")
        # Without it quantize_dynamic fails on the exporter's shapes (onnxruntime#25890).
        quant_pre_process(source, prepared)
        if calibration_set is None:
            # Convolutions stay as they are: ONNX Runtime has no dynamic int8 kernel for them.
            quantization.quantize_dynamic(
                prepared, temporary, ["Gemm", "MatMul"], per_channel=True, weight_type=UNSIGNED
            )
        else:
            quantization.quantize_static(
                prepared,
                temporary,
                _Batches(calibration_set),
                per_channel=True,
                activation_type=UNSIGNED,
                weight_type=UNSIGNED,
            )
        onnx.save(finish(onnx.load(temporary)), temporary)
