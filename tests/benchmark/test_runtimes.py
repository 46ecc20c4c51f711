"""What single runtimes make of a file: NumPy of any chain of layers, OpenVINO of any batch."""

import numpy as np
import onnx
import pytest
import strangers
from onnx import TensorProto, helper, numpy_helper

from helpers.benchmark.runtimes import RUNTIMES, LeftOut
from helpers.core import stack

IMAGES = np.random.default_rng(0).random((16, 28, 28), np.float32)
OPSETS = [helper.make_opsetid("", 18)]


def gemm(first, second, name):
    """PyTorch's way to write a dense layer, with weights of [outputs, inputs]."""
    return [helper.make_node("Gemm", [first, f"{name}.t", f"{name}.b"], [second], transB=1)]


def matmul(first, second, name):
    """TensorFlow's way, with weights of [inputs, outputs]."""
    return [
        helper.make_node("MatMul", [first, f"{name}.k"], [f"{name}.product"]),
        helper.make_node("Add", [f"{name}.product", f"{name}.b"], [second]),
    ]


def network(tmp_path, dense, *widths, extra=()):
    """Write a network of dense layers of these widths with ReLU between; return file and logits."""
    random = np.random.default_rng(1)
    target = numpy_helper.from_array(np.array([-1, 784]), "shape")
    nodes, tensors = [helper.make_node("Reshape", ["image", "shape"], ["x0"])], [target]
    values = IMAGES.reshape(len(IMAGES), -1)
    for place, (inputs, outputs) in enumerate(zip((784, *widths), (*widths, 10), strict=True)):
        kernel = random.normal(0, 0.1, (inputs, outputs)).astype(np.float32)
        bias = random.normal(0, 0.1, outputs).astype(np.float32)
        arrays = {"k": kernel, "t": kernel.T.copy(), "b": bias}
        tensors += [numpy_helper.from_array(a, f"n{place}.{end}") for end, a in arrays.items()]
        last = place == len(widths)
        after = "logits" if last else f"y{place}"
        nodes += dense(f"x{place}", after, f"n{place}")
        values = values @ kernel + bias
        if not last:
            nodes.append(helper.make_node("Relu", [after], [f"x{place + 1}"]))
            values = np.maximum(values, 0)
    ends = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", *rest])
        for name, rest in (("image", (28, 28)), ("logits", (10,)))
    ]
    graph = helper.make_graph([*nodes, *extra], "net", ends[:1], ends[1:], tensors)
    file = tmp_path / "net.onnx"
    onnx.save(helper.make_model(graph, opset_imports=OPSETS, ir_version=8), file)
    return file, values


def loaded(name, file):
    runtime = RUNTIMES[name](1)
    runtime.load(file)
    return runtime


@pytest.mark.parametrize("dense", [gemm, matmul])
@pytest.mark.parametrize("widths", [(), (128,), (256,), (64, 32)])
def test_numpy_runs_any_chain_of_dense_layers(tmp_path, dense, widths):
    file, expected = network(tmp_path, dense, *widths)
    runtime = loaded("numpy", file)
    np.testing.assert_allclose(runtime(IMAGES), expected, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(runtime(IMAGES[:1]), expected[:1], rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    ("node", "reason"),
    [
        (("Softmax", ["logits"], ["more"]), "^NumPy runs dense layers and ReLU; .* has Softmax in"),
        (("Reshape", ["logits", "shape"], ["more"]), "; this graph has Reshape in it$"),
        (("Gemm", ["logits", "n0.t"], ["more"]), "; this graph has Gemm in it$"),
        (("Add", ["logits", "y0"], ["more"]), "^NumPy runs one chain .* branches at Add$"),
        (("Relu", ["y0"], ["more"]), "; this graph branches at Relu$"),
    ],
)
def test_numpy_says_which_network_it_cannot_run(tmp_path, node, reason):
    attributes = {"alpha": 2.0} if node[0] == "Gemm" else {}
    file, _ = network(tmp_path, gemm, 128, extra=[helper.make_node(*node, **attributes)])
    with pytest.raises(LeftOut, match=reason):
        loaded("numpy", file)


@pytest.mark.skipif(stack.name() != stack.TODAY, reason="older versions do otherwise")
@pytest.mark.parametrize("how", strangers.BEYOND)
@pytest.mark.parametrize("name", [r.name for r in RUNTIMES.values() if r.suffix == ".onnx"])
def test_weights_outside_the_folder_of_a_file_are_not_read(tmp_path, name, how):
    with pytest.raises(Exception, match="(?i)absolute|outside|escapes|symbolic"):
        loaded(name, strangers.onnx_beyond(tmp_path, how))
