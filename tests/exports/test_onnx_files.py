"""What is done to an ONNX file, and what it says that it needs."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from helpers.data import mnist
from helpers.exports import needs, onnx_files


def model(*, opset=18, ir=8, sizes=("N", "M")):
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
    domains = [("", opset), ("com.microsoft", 1), ("ai.onnx.ml", 5)]
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


def test_a_domain_that_a_node_is_of_stays_and_so_does_a_fixed_batch():
    made = model(sizes=(2, 2))
    made.graph.node.add(op_type="Gelu", domain="com.microsoft", input=["flat"], output=["other"])
    onnx_files.finish(made)
    assert {opset.domain for opset in made.opset_import} == {"", "com.microsoft"}
    assert batches(made) == [2, 2]


def test_an_operator_that_came_with_a_later_opset_is_refused():
    made = model()
    made.graph.node.add(op_type="Gelu", input=["flat"], output=["other"])
    with pytest.raises(onnx.checker.ValidationError, match="Gelu"):
        onnx_files.finish(made)


@pytest.mark.parametrize(
    ("opset", "ir", "reader"),
    [
        *((15, 8, "1.9"), (18, 8, "1.14"), (18, 9, "1.16"), (19, 8, "1.15"), (20, 9, "1.17")),
        *((18, 10, "1.18"), (21, 10, "1.18"), (22, 10, "newer than 1.18")),
    ],
)
def test_the_oldest_onnx_runtime_follows_from_opset_and_ir_version(tmp_path, opset, ir, reader):
    file = tmp_path / "a.onnx"
    onnx.save(model(opset=opset, ir=ir), file)
    found = needs.of(file)
    assert found == needs.Needs(f"ONNX Runtime {reader}", {"opset": opset, "IR": ir})
    assert str(found) == f"ONNX Runtime {reader} (opset {opset}, IR {ir})"


def test_files_of_the_frameworks_name_the_package_that_wrote_them(tmp_path):
    for suffix, name in ((".keras", "Keras"), (".pt", "PyTorch"), (".pt2", "PyTorch")):
        reader, _, version = str(needs.of(tmp_path / f"a{suffix}")).partition(" ")
        assert (reader, version[0].isdigit()) == (name, True)


@pytest.mark.parametrize("channels", [(), (1,)])
def test_a_file_for_raw_pixels_gives_the_same_logits(tmp_path, channels):
    onnxruntime = pytest.importorskip("onnxruntime")
    made = onnx_files.finish(model())
    if channels:
        dimensions = made.graph.input[0].type.tensor_type.shape.dim
        dimensions.insert(1, onnx.TensorShapeProto.Dimension(dim_value=1))
    onnx.save(made, tmp_path / "scaled.onnx")
    onnx_files.write_pixels_variant(tmp_path / "scaled.onnx", tmp_path / "pixels.onnx")
    pixels = np.random.default_rng(0).integers(0, 256, (5, 28, 28), np.uint8)
    scaled = mnist.scale(pixels).reshape(5, *channels, 28, 28)
    first, second = (
        onnxruntime.InferenceSession(tmp_path / f"{name}.onnx").run(["logits"], {"image": images})
        for name, images in (("scaled", scaled), ("pixels", pixels))
    )
    np.testing.assert_allclose(first[0], second[0], rtol=1e-6)
