"""A network of dense layers in an ONNX file, and images."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

RANDOM = np.random.default_rng(0)
WEIGHTS = [
    (RANDOM.normal(0, 0.1, (784, 16)).astype(np.float32), RANDOM.random(16, np.float32), True),
    (RANDOM.normal(0, 1, (16, 10)).astype(np.float32), RANDOM.random(10, np.float32), False),
]


def images_of(count):
    """Images of noise, labelled 9, 8, … 0, 9, …"""
    return RANDOM.integers(0, 256, (count, 28, 28), np.uint8), np.arange(count)[::-1] % 10


def write_network(file, layers=WEIGHTS, last=()):
    """Write an ONNX file of dense layers, with more nodes at its end."""
    nodes, tensors, value = [helper.make_node("Flatten", ["image"], ["x0"])], [], "x0"
    for place, (kernel, bias, relu) in enumerate(layers):
        tensors += [numpy_helper.from_array(kernel, f"k{place}")]
        tensors += [numpy_helper.from_array(bias, f"b{place}")]
        nodes.append(helper.make_node("Gemm", [value, f"k{place}", f"b{place}"], [f"y{place}"]))
        value = f"y{place}"
        if relu:
            nodes.append(helper.make_node("Relu", [value], [f"x{place + 1}"]))
            value = f"x{place + 1}"
    nodes += [helper.make_node(kind, [value], [f"{value}.{kind}"]) for kind in last]
    nodes[-1].output[0] = "logits"
    ends = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", *rest])
        for name, rest in (("image", (28, 28)), ("logits", (10,)))
    ]
    graph = helper.make_graph(nodes, "net", ends[:1], ends[1:], tensors)
    file.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(helper.make_model(graph), file)


def forward(images, layers=WEIGHTS):
    """The logits of images, uint8 [N, 28, 28], by dense layers."""
    values = images.reshape(len(images), -1) / 255
    for kernel, bias, relu in layers:
        values = values @ kernel + bias
        values = np.maximum(values, 0) if relu else values
    return values
