"""Run ONNX files in whatever ONNX Runtime is installed here, with none of the project's code.

python old_reader.py pixels.npy FILE... LOGITS: `pixels.npy` holds uint8 images [N, 28, 28] and
LOGITS is the .npz file to write, with the logits of each file by its name. Prints the version.
"""

import sys
from pathlib import Path

import numpy as np
import onnxruntime

_, given, *files, made = sys.argv
pixels = np.load(given).astype(np.float32) / 255
found = {}
for file in files:
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    (taken,) = session.get_inputs()
    images = pixels[:, None] if len(taken.shape) == 4 else pixels
    (found[Path(file).name],) = session.run(["logits"], {taken.name: images})
np.savez(made, **found)
print(onnxruntime.__version__)
