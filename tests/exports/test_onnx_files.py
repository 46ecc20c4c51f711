"""What is done to an ONNX file."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from helpers.exports import onnx_files


def model(*, ir=8, sizes=("N", "M")):
    """A network of one dense layer with what an exporter and the quantiser leave in it."""
    weights = np.arange(784 * 10, dtype=np.float32).reshape(784, 10)
    nodes = [
        helper.make_node("Flatten", ["image"], ["flat"], doc_string='File "/home/me/a.py"'),
        helper.make_node("MatMul", ["flat", "weights"], ["logits"]),
    ]
    ends = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, [size, *rest])
        for name, size, rest in zip(("image", "logits"), sizes, ((28, 28), (10,)), strict=True)
    ]
    inside = [helper.make_tensor_value_info("flat", TensorProto.FLOAT, ["K", 784])]
    tensors = [numpy_helper.from_array(weights, "weights")]
    graph = helper.make_graph(nodes, "net", ends[:1], ends[1:], tensors, value_info=inside)
    for part in (graph, *graph.node):
        part.metadata_props.add(key="stack_trace", value="/home/me/a.py")
    domains = [("", 18), ("com.microsoft", 1), ("ai.onnx.ml", 5)]
    opsets = [helper.make_opsetid(*domain) for domain in domains]
    return helper.make_model(graph, opset_imports=opsets, ir_version=ir)


def batches(made):
    ends = [*made.graph.input, *made.graph.output]
    sizes = [end.type.tensor_type.shape.dim[0] for end in ends]
    return [size.dim_param or size.dim_value for size in sizes]


def test_a_finished_file_needs_little_and_tells_nothing_of_the_machine():
    made = onnx_files.finish(model(ir=10))
    assert made.ir_version == 8
    assert [(opset.domain, opset.version) for opset in made.opset_import] == [("", 18)]
    assert batches(made) == ["batch", "batch"]
    assert b"/home/me" not in made.SerializeToString()


def test_an_operator_that_came_with_a_later_opset_is_refused():
    made = model()
    made.graph.node.add(op_type="Gelu", input=["flat"], output=["other"])
    with pytest.raises(onnx.checker.ValidationError, match="Gelu"):
        onnx_files.finish(made)
