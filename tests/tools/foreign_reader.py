"""A program with none of this project's code: reads model files by their names and metadata alone.

python foreign_reader.py PIXELS.npy FILE...: prints the classes that each file gives the images.
"""

import json
import sys
import zipfile
from pathlib import Path

import numpy as np

sys.modules["helpers"] = None  # importing it, by a pickle for instance, fails


def card(path: str) -> dict:
    with zipfile.ZipFile(path) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith("model_card.json"))
        return json.loads(archive.read(name))


def onnx(path: str):
    import onnxruntime

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    said = session.get_modelmeta().custom_metadata_map
    return said, lambda image: session.run([said["output"]], {said["input"]: image})[0]


def tflite(path: str):
    try:
        from ai_edge_litert.interpreter import Interpreter
    except ModuleNotFoundError:  # in 2025 it was a part of TensorFlow
        from tensorflow.lite.python.interpreter import Interpreter

    said, signature = card(path), Interpreter(path).get_signature_runner()
    return said, lambda image: signature(**{said["input"]: image})[said["output"]]


def keras(path: str):
    import keras

    said, model = card(path), keras.saving.load_model(path)
    assert model.inputs[0].name == said["input"]
    assert model.layers[-1].name == said["output"]
    return said, lambda image: model(image).numpy()


def pt2(path: str):
    import torch

    program = torch.export.load(path)
    model = program.module()
    return card(path), lambda image: model(torch.from_numpy(image)).detach().numpy()


def pt(path: str):
    """Weights alone: the program beside them computes, and must hold the same."""
    import torch

    weights = torch.load(path, weights_only=True)
    name = Path(path).stem.removesuffix("-float32")
    beside = str(Path(path).with_name(f"{name}-float32.pt2"))
    programs = torch.export.load(beside).state_dict
    assert weights.keys() == programs.keys()
    assert all(torch.equal(weights[key], programs[key]) for key in weights)
    return card(path), pt2(beside)[1]


def classes(path: str, pixels: np.ndarray) -> list[str]:
    said, answer = globals()[Path(path).suffix[1:]](path)
    image = pixels if said["input_type"] == "uint8" else (pixels / 255).astype(np.float32)
    image = image.reshape([len(pixels), *map(int, said["input_layout"].split(",")[1:])])
    batches = [image[i : i + 1_000] for i in range(0, len(image), 1_000)]
    logits = np.concatenate([answer(batch) for batch in batches])
    labels = said["class_labels"].split(",")
    return [labels[place] for place in logits.argmax(axis=1)]


if __name__ == "__main__":
    images = np.load(sys.argv[1])
    print(json.dumps([classes(path, images) for path in sys.argv[2:]]))
