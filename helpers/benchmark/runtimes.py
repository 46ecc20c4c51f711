"""One class per runtime: imported and set up once, loaded once, images in, logits out.

To add a runtime, write one class here; the tables and figures of all runtimes then have it too.
A class is made in a fresh process of its own, so each imports its framework when it is made.
"""

from pathlib import Path

import numpy as np

from helpers.core.console import LabError

RUNTIMES: dict[str, type["Runtime"]] = {}


class Runtime:
    """What every runtime offers, each with what its framework's own documentation says.

    `__init__(threads)` imports the runtime and gives it threads, unless the environment does.
    `load(path)` reads a model file. A call takes images, float32 [N, 28, 28] in [0, 1], and returns
    logits [N, 10] in host memory; every conversion that the runtime needs is inside.
    """

    name: str  # as in tables and in results.json
    title: str  # as a reader calls it
    suffix: str  # the model files it reads
    package: str  # what pip installs to get it
    framework: str  # whose training of the network it is timed on
    every: int = 1  # it is timed in every round, every second one, and so on

    def __init_subclass__(cls) -> None:
        RUNTIMES[cls.name] = cls


def provider(name: str) -> str:
    """Return what pip installs to get a runtime: in 2025 TFLite's came with TensorFlow."""
    from helpers.core import machine  # not at the top: a measuring process does without

    of_2025 = name == "litert" and machine.stack() == machine.OF_2025
    return "tensorflow" if of_2025 else RUNTIMES[name].package


def missing(name: str) -> str:
    """Return why a runtime cannot run here, its package is not installed; "" when it can."""
    from helpers.core import machine

    package = provider(name)
    return "" if machine.version(package) else f"the package {package} is not installed"


class KerasPredict(Runtime):
    """Keras' `predict` in its default batches of 32, as most tutorials call it."""

    name, title, suffix, package = "keras-predict", "Keras predict", ".keras", "tensorflow"
    framework = "tensorflow"
    every = 6  # a call takes long, and it is not meant for speed

    def __init__(self, threads: int) -> None:
        from helpers.models import keras_models

        self.models = keras_models

    def load(self, path: Path) -> None:
        self.model = self.models.load(path)

    def __call__(self, images: np.ndarray) -> np.ndarray:
        return self.model.predict(images, verbose=0)


class TensorFlowFunction(KerasPredict):
    """The Keras model compiled to one graph with a free batch size."""

    name, title, every = "tf-function", "TensorFlow tf.function", 1

    def load(self, path: Path) -> None:
        super().load(path)
        tf = self.models.tf
        self.function = tf.function(self.model, input_signature=self.models.SIGNATURE)
        self.to_tensor = tf.convert_to_tensor

    def __call__(self, images: np.ndarray) -> np.ndarray:
        return self.function(self.to_tensor(images)).numpy()


class PyTorchEager(Runtime):
    """The PyTorch module as it is, in inference mode."""

    name, title, suffix, package = "pytorch", "PyTorch", ".pt", "torch"
    framework = "pytorch"

    def __init__(self, threads: int) -> None:
        from helpers.models import torch_models

        self.models = torch_models
        self.inference_mode = torch_models.torch.inference_mode

    def load(self, path: Path) -> None:
        self.model = self.models.load(path)

    def __call__(self, images: np.ndarray) -> np.ndarray:
        with self.inference_mode():
            return self.model(self.models.to_nchw(images)).numpy()


class LiteRT(Runtime):
    """LiteRT, the runtime of TFLite files, with XNNPACK."""

    name, title, suffix, package = "litert", "TFLite (LiteRT)", ".tflite", "ai-edge-litert"
    framework = "tensorflow"

    def __init__(self, threads: int) -> None:
        try:
            from ai_edge_litert.interpreter import Interpreter
        except ModuleNotFoundError:  # in 2025 it was a part of TensorFlow
            from tensorflow.lite.python.interpreter import Interpreter

        self.interpreter_class = Interpreter
        self.threads = threads

    def load(self, path: Path) -> None:
        self.interpreter = self.interpreter_class(str(path), num_threads=self.threads)
        self.input = self.interpreter.get_input_details()[0]["index"]
        self.output = self.interpreter.get_output_details()[0]["index"]
        self.shape = None

    def __call__(self, images: np.ndarray) -> np.ndarray:
        if images.shape != self.shape:
            self.interpreter.resize_tensor_input(self.input, images.shape)
            self.interpreter.allocate_tensors()
            self.shape = images.shape
        self.interpreter.set_tensor(self.input, images)
        self.interpreter.invoke()
        return self.interpreter.get_tensor(self.output)


class OnnxRuntime(Runtime):
    """ONNX Runtime on the CPU, as it comes: its threads spin while they wait for work."""

    name, title, suffix, package = "onnxruntime", "ONNX Runtime", ".onnx", "onnxruntime"
    framework = "pytorch"

    def __init__(self, threads: int) -> None:
        import onnxruntime

        self.options = onnxruntime.SessionOptions()
        self.options.intra_op_num_threads = threads
        self.options.inter_op_num_threads = 1
        self.session_class = onnxruntime.InferenceSession

    def load(self, path: Path) -> None:
        self.session = self.session_class(
            str(path), self.options, providers=["CPUExecutionProvider"]
        )
        self.nchw = len(self.session.get_inputs()[0].shape) == 4

    def __call__(self, images: np.ndarray) -> np.ndarray:
        given = images[:, np.newaxis] if self.nchw else images
        return self.session.run(["logits"], {"image": given})[0]


class OpenVINO(Runtime):
    """OpenVINO on the CPU: one infer request, which reads the images where they are."""

    name, title, suffix, package = "openvino", "OpenVINO", ".onnx", "openvino"
    framework = "pytorch"

    def __init__(self, threads: int) -> None:
        import openvino

        self.core, self.tensor_class = openvino.Core(), openvino.Tensor
        self.settings = {
            "PERFORMANCE_HINT": "LATENCY",
            "INFERENCE_NUM_THREADS": threads,
            "INFERENCE_PRECISION_HINT": "f32",  # where it can, it would compute in 16 bits
            "ENABLE_CPU_PINNING": False,  # it would move the calling thread to another core
        }

    def load(self, path: Path) -> None:
        model = self.core.compile_model(path, "CPU", self.settings)
        self.nchw = len(model.input().partial_shape) == 4
        self.request = model.create_infer_request()

    def __call__(self, images: np.ndarray) -> np.ndarray:
        given = images[:, np.newaxis] if self.nchw else images
        (logits,) = self.request.infer(self.tensor_class(given, shared_memory=True)).values()
        return logits


class NumPy(Runtime):
    """Matrix products in NumPy, for dense layers and ReLU: what the BLAS library alone needs."""

    name, title, suffix, package = "numpy", "NumPy (BLAS)", ".onnx", "numpy"
    framework = "pytorch"

    def __init__(self, threads: int) -> None:
        # NumPy's own threads are set by the environment, before it is imported.
        import onnx.numpy_helper

        self.onnx = onnx

    def load(self, path: Path) -> None:
        graph = self.onnx.load(path).graph
        if odd := {node.op_type for node in graph.node} - {"Flatten", "Reshape", "Gemm", "Relu"}:
            raise LabError(f"NumPy runs dense layers with a ReLU between them, not {sorted(odd)}")
        arrays = {each.name: self.onnx.numpy_helper.to_array(each) for each in graph.initializer}
        dense = [node for node in graph.node if node.op_type == "Gemm"]
        self.layers = []  # kernel [inputs, outputs], bias, whether a ReLU follows
        for node in dense:
            kernel, bias = (arrays[name] for name in node.input[1:])
            if any(each.name == "transB" and each.i for each in node.attribute):
                kernel = kernel.T
            self.layers.append((kernel.copy(), bias, node is not dense[-1]))

    def __call__(self, images: np.ndarray) -> np.ndarray:
        values = images.reshape(len(images), -1)
        for kernel, bias, rectified in self.layers:
            values = values @ kernel
            values += bias
            if rectified:
                np.maximum(values, 0, out=values)
        return values


# Which runtime reads back the files of a format, by their suffix. These four stand in every report;
# they also time the smaller files.
READERS = {
    ".keras": "tf-function",
    ".pt": "pytorch",
    ".tflite": "litert",
    ".onnx": "onnxruntime",
}
