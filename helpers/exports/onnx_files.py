"""ONNX files that old readers open too, whatever framework wrote them."""

from pathlib import Path

import onnx

from helpers.core import files, machine

# What readers since early 2023 read; the exporters' own choice shuts out those before 2024.
OPSET, IR_VERSION = 18, 8


def torch_options(*, dynamic_batch: bool = True) -> dict[str, object]:
    """Return what `torch.onnx.export` of the installed version is told beside model and names.

    Without `dynamic_batch` the file takes as many images a call as the example, and nothing else.
    """
    if machine.before("torch", "2.6"):
        free = {"image": {0: "batch"}, "logits": {0: "batch"}} if dynamic_batch else None
        return {"dynamic_axes": free, "opset_version": 17}  # it knows no newer one
    return {
        "dynamic_shapes": ({0: "batch"},) if dynamic_batch else None,
        "opset_version": OPSET,
        "dynamo": True,
        "external_data": False,  # one file, so that a copy is whole
    }


def export_keras(model: object, file: Path) -> None:
    """Write a Keras model as a float32 file of images [N, 28, 28] in [0, 1], with a free batch."""
    from helpers.models.keras_models import SIGNATURE

    opset = {} if machine.before("keras", "3.12") else {"opset_version": OPSET}
    with files.replacing(file) as temporary, files.output_to_log("onnx_export.log"):
        model.export(temporary, format="onnx", input_signature=SIGNATURE, verbose=False, **opset)
        finish(temporary)


def finish(file: Path) -> None:
    """Make a file of one input and one output one that any reader of OPSET and IR_VERSION runs.

    Input and output get their names, and a free batch size is called "batch". What is left of the
    exporter and the quantiser goes: notes on where in whose files a node comes from, domains of
    operators that no node is of. Raises onnx.checker.ValidationError, or what onnx's converter
    raises, when it has an operator that OPSET lacks.
    """
    model = onnx.load(file)
    if any(opset.domain == "" and opset.version != OPSET for opset in model.opset_import):
        model = onnx.version_converter.convert_version(model, OPSET)
    graph = model.graph
    for part in (graph, *graph.node, *graph.initializer, *graph.input, *graph.output):
        part.ClearField("doc_string")
        part.ClearField("metadata_props")  # no reader of this IR version knows them here
    graph.ClearField("value_info")  # readers infer it, and it has other names for the batch
    used = {node.domain for node in graph.node}
    for opset in [each for each in model.opset_import if each.domain not in used]:
        model.opset_import.remove(opset)
    for end, name in ((graph.input[0], "image"), (graph.output[0], "logits")):
        for node in graph.node:
            node.input[:] = [name if each == end.name else each for each in node.input]
            node.output[:] = [name if each == end.name else each for each in node.output]
        end.name = name
        batch = end.type.tensor_type.shape.dim[0]
        if batch.dim_param:
            batch.dim_param = "batch"
    model.ir_version = IR_VERSION
    onnx.checker.check_model(model)
    with files.replacing(file) as temporary:
        onnx.save(model, temporary)
