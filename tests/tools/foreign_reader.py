"""A program with none of this project's code: reads model files by what stands in them alone.

python foreign_reader.py PIXELS.npy FILE...: prints the classes that each file gives the images.
"""

import json
import sys
from pathlib import Path

import numpy as np

sys.modules["helpers"] = None  # importing it, by a pickle for instance, fails


def onnx(path: str):
    import onnxruntime

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    shape = session.get_inputs()[0].shape[1:]
    return lambda image: session.run(["logits"], {"image": image.reshape(-1, *shape)})[0]


def tflite(path: str):
    try:
        from ai_edge_litert.interpreter import Interpreter
    except ModuleNotFoundError:  # in 2025 it was a part of TensorFlow
        from tensorflow.lite.python.interpreter import Interpreter

    signature = Interpreter(path).get_signature_runner()
    return lambda image: next(iter(signature(image=image).values()))


def keras(path: str):
    import keras

    model = keras.saving.load_model(path)
    return lambda image: model(image).numpy()


def pt(path: str):
    """The weights of the mlp, which a dense layer of one's own takes as they are."""
    import torch

    layers = torch.load(path, weights_only=True)["state_dict"]

    def answer(image: np.ndarray) -> np.ndarray:
        dense = torch.nn.functional.linear
        flat = torch.from_numpy(image).flatten(1)
        hidden = dense(flat, layers["layers.1.weight"], layers["layers.1.bias"]).relu()
        return dense(hidden, layers["layers.3.weight"], layers["layers.3.bias"]).numpy()

    return answer


def classes(path: str, pixels: np.ndarray) -> list[int]:
    answer = globals()[Path(path).suffix[1:]](path)
    images = pixels.astype(np.float32) / 255
    batches = [images[i : i + 1_000] for i in range(0, len(images), 1_000)]
    return np.concatenate([answer(batch) for batch in batches]).argmax(axis=1).tolist()


if __name__ == "__main__":
    given = np.load(sys.argv[1])
    print(json.dumps([classes(path, given) for path in sys.argv[2:]]))
