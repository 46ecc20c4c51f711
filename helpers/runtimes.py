"""One class per runtime: imported and set up once, loaded once, images in, logits out.

To add a runtime, write one class here; its name appears in every table and figure by itself.
A class is made in a fresh process of its own, so each imports its framework when it is made.
"""

from pathlib import Path

import numpy as np

RUNTIMES: dict[str, type["Runtime"]] = {}


class Runtime:
    """What every runtime offers; images are float32 [N, 28, 28] in [0, 1], logits [N, 10]."""

    name: str  # as in tables and in results.json
    title: str  # as a reader calls it
    suffix: str  # the model files it reads
    package: str  # what pip installs to get it

    def __init_subclass__(cls) -> None:
        RUNTIMES[cls.name] = cls

    def __init__(self, threads: int) -> None:
        """Import the runtime and give it `threads` threads."""
        raise NotImplementedError

    def load(self, path: Path) -> None:
        """Read the model file."""
        raise NotImplementedError

    def __call__(self, images: np.ndarray) -> np.ndarray:
        """Return the logits in host memory; every conversion the runtime needs is inside."""
        raise NotImplementedError


class KerasPredict(Runtime):
    """Keras' `predict` in its default batches of 32, as most tutorials call it."""

    name, title, suffix, package = "keras-predict", "Keras predict", ".keras", "tensorflow"

    def __init__(self, threads: int) -> None:
        from helpers import tensorflow_model

        tensorflow_model.use_threads(threads)
        self.framework = tensorflow_model

    def load(self, path: Path) -> None:
        self.model = self.framework.load(path)

    def __call__(self, images: np.ndarray) -> np.ndarray:
        return self.model.predict(images, verbose=0)


class TensorFlowFunction(KerasPredict):
    """The Keras model compiled to one graph with a free batch size."""

    name, title = "tf-function", "TensorFlow tf.function"

    def load(self, path: Path) -> None:
        super().load(path)
        tf = self.framework.tf
        self.function = tf.function(self.model, input_signature=self.framework.SIGNATURE)
        self.to_tensor = tf.convert_to_tensor

    def __call__(self, images: np.ndarray) -> np.ndarray:
        return self.function(self.to_tensor(images)).numpy()


class PyTorchEager(Runtime):
    """The PyTorch module as it is, in inference mode."""

    name, title, suffix, package = "pytorch", "PyTorch", ".pt", "torch"

    def __init__(self, threads: int) -> None:
        from helpers import pytorch_model

        pytorch_model.use_threads(threads)
        self.framework = pytorch_model
        self.inference_mode = pytorch_model.torch.inference_mode

    def load(self, path: Path) -> None:
        self.model = self.framework.load(path)

    def __call__(self, images: np.ndarray) -> np.ndarray:
        with self.inference_mode():
            return self.model(self.framework.to_nchw(images)).numpy()


class LiteRT(Runtime):
    """LiteRT, the runtime of TFLite files, with XNNPACK."""

    name, title, suffix, package = "litert", "TFLite (LiteRT)", ".tflite", "ai-edge-litert"

    def __init__(self, threads: int) -> None:
        from ai_edge_litert.interpreter import Interpreter

        self.interpreter_class, self.threads = Interpreter, threads

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
    """ONNX Runtime on the CPU."""

    name, title, suffix, package = "onnxruntime", "ONNX Runtime", ".onnx", "onnxruntime"

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

    def __call__(self, images: np.ndarray) -> np.ndarray:
        return self.session.run(["logits"], {"image": images[:, np.newaxis]})[0]
