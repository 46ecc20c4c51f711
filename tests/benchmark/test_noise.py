"""What the fixed product says of the machine, and that it says nothing of the runtime beside it."""

import os
import time

import numpy as np
import pytest

from helpers.benchmark import noise, timing


@pytest.fixture
def spinning():
    """A call of a thread pool that spins while it waits: ONNX Runtime as it is by default."""
    onnxruntime = pytest.importorskip("onnxruntime")
    onnx = pytest.importorskip("onnx")
    weights = np.random.default_rng(0).random((784, 128), np.float32)
    graph = onnx.helper.make_graph(
        [onnx.helper.make_node("MatMul", ["x", "w"], ["y"])],
        "one layer",
        [onnx.helper.make_tensor_value_info("x", 1, ["batch", 784])],
        [onnx.helper.make_tensor_value_info("y", 1, ["batch", 128])],
        [onnx.numpy_helper.from_array(weights, "w")],
    )
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 2
    opset = [onnx.helper.make_opsetid("", 18)]
    made = onnx.helper.make_model(graph, ir_version=8, opset_imports=opset)
    session = onnxruntime.InferenceSession(made.SerializeToString(), options)
    images = np.ones((10_000, 784), np.float32)
    return lambda: session.run(None, {"x": images})


@pytest.mark.real
def test_a_runtime_does_not_make_its_own_passes_look_noisy(spinning):
    """Right after its calls and the rest the product takes as long as after as long a sleep.

    In turns: the pace of a machine changes for seconds, which the ratio of two neighbours leaves
    out.
    """
    cores, before = noise.Cores(threads=2), getattr(os, "sched_getaffinity", lambda _: None)(0)

    def pace_s(work) -> float:
        start = time.perf_counter()
        while time.perf_counter() - start < 0.1:
            work()
        time.sleep(timing.REST_S)
        slowest_s = max(cores.paces_s().values())
        if before is not None:
            os.sched_setaffinity(0, before)
        return slowest_s

    ratios = [pace_s(spinning) / pace_s(lambda: time.sleep(0.005)) for _ in range(21)]
    assert np.median(ratios) == pytest.approx(1, abs=noise.SLOW_PACE - 1)
