"""What is done to an ONNX file."""

import numpy as np
import onnx
import onnxruntime
import pytest
from drawn import write_network

from helpers.exports import onnx_files


@pytest.fixture
def file(tmp_path):
    """A network with all that exporters and the quantiser leave in one."""
    path = tmp_path / "net.onnx"
    write_network(path)
    model = onnx.load(path)
    graph, model.ir_version = model.graph, 10
    del model.opset_import[:]
    model.opset_import.extend(
        onnx.helper.make_opsetid(*own)
        for own in (("", 15), ("com.microsoft", 1), ("ai.onnx.ml", 5))
    )
    graph.input[0].name = graph.node[0].input[0] = "x"
    graph.output[0].name = graph.node[-1].output[0] = "Identity:0"
    for end, size in ((graph.input[0], "N"), (graph.output[0], "M")):
        end.type.tensor_type.shape.dim[0].dim_param = size
    for part in (graph, *graph.node):
        part.doc_string = 'File "/home/me/a.py"'
        part.metadata_props.add(key="stack_trace", value="/home/me/a.py")
    onnx.save(model, path)
    return path


def test_a_finished_file_needs_little_and_tells_nothing_of_the_machine(file):
    (expected,) = answer(file, "Identity:0", "x")
    onnx_files.finish(file)
    made = onnx.load(file)
    assert made.ir_version == 8
    assert [(opset.domain, opset.version) for opset in made.opset_import] == [("", 18)]
    assert b"/home/me" not in file.read_bytes()
    ends = [*made.graph.input, *made.graph.output]
    assert {end.type.tensor_type.shape.dim[0].dim_param for end in ends} == {"batch"}
    np.testing.assert_array_equal(answer(file, "logits", "image")[0], expected)


def answer(file, output, given):
    images = np.random.default_rng(0).random((2, 28, 28), np.float32)
    return onnxruntime.InferenceSession(file).run([output], {given: images})


@pytest.mark.parametrize("said", [18, 20])
def test_an_operator_that_came_with_a_later_opset_is_refused(file, said):
    made = onnx.load(file)
    made.opset_import[0].version = said
    made.graph.node.add(op_type="Gelu", input=["x0"], output=["other"])
    onnx.save(made, file)
    with pytest.raises((onnx.checker.ValidationError, RuntimeError), match="Gelu"):
        onnx_files.finish(file)
