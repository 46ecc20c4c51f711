"""Faults in model files: a stranger's payload, reach beyond their folder, damage."""

import numpy as np
import strangers
from faults import Fault, Place

# As the chain reads a file back: in a fresh process, which tells why there are no logits.
READ = """
import sys
from pathlib import Path
import numpy as np
from helpers.benchmark import read_back
cases = [(Path(file), np.zeros((2, 28, 28), np.float32)) for file in sys.argv[2:]]
for logits in read_back.read(sys.argv[1], cases, threads=1):
    print(logits if isinstance(logits, str) else f"logits of shape {logits.shape}")
"""
GOES_ON = r"(.*\n)*logits of shape \(2, 10\)"  # what is read after the bad file


def read(runtime: str, make, *beside):
    """Return an act: read the file that `make` writes, and those beside it."""
    return lambda place: place.python(READ, runtime, *map(str, (make(place.folder), *beside)))


def not_executed(place: Place) -> bool:
    """Tell whether no payload ran."""
    return not strangers.mark(place.folder).exists()


def beyond(how: str, runtime: str, sees: str) -> Fault:
    """Return the row of an ONNX file with weights outside its folder."""
    return Fault(
        f"{runtime} reads an ONNX file whose weights stand outside its folder: {how}",
        read(runtime, lambda folder: strangers.onnx_beyond(folder, how), strangers.GOOD_ONNX),
        sees + GOES_ON,
        code=0,
        left="its log",
        holds=not_executed,
        versions=True,
    )


def tflite(what: str, change, sees: str) -> Fault:
    """Return the row of a TFLite file whose content is the result of `change`."""

    def make(folder):
        return strangers.tflite(folder, change(strangers.GOOD_TFLITE.read_bytes()))

    return Fault(
        f"a TFLite file {what}",
        read("litert", make, strangers.GOOD_TFLITE),
        sees + GOES_ON,
        code=0,
        left="its log",
        holds=not_executed,
        versions=True,
    )


NO_CHECKPOINT = r"mlp-x.pt is not read: it is no checkpoint of weights alone; others may run code"

FAULTS = [
    *(
        Fault(what, read(runtime, make), sees, 0, "its log", not_executed, real=True)
        for what, runtime, make, sees in (
            ("a checkpoint with a pickled payload", "pytorch", strangers.checkpoint, NO_CHECKPOINT),
            ("a checkpoint, bare pickle", "pytorch", strangers.old_checkpoint, NO_CHECKPOINT),
            (
                "a Keras model with code in a Lambda layer",
                "tf-function",
                strangers.keras_code,
                r"ValueError: Requested the deserialization of a `Lambda` layer .* disallowed by",
            ),
            (
                "a Keras model with a class of its author's",
                "tf-function",
                strangers.keras_class,
                r"TypeError: .*Could not locate class 'Odd'",
            ),
        )
    ),
    Fault(
        "a data set with a pickled payload",
        lambda place: place.chain("--profile", "quick", f"DATASET={strangers.array(place.folder)}"),
        r"own.npz, x_train: cannot be read \(Object arrays cannot be loaded when allow_pickle",
        left="nothing",
        holds=not_executed,
    ),
    beyond("an absolute path", "onnxruntime", "Absolute path not allowed for external data"),
    beyond("..", "openvino", "which is outside the base directory"),
    beyond("a symbolic link", "numpy", "ValidationError: .* it is a symbolic link"),
    tflite("of nothing", lambda content: b"", "ValueError: .*null/empty"),
    tflite(
        "of random bytes",
        lambda content: np.random.default_rng(0).bytes(len(content)),
        "ValueError: The model is not a valid Flatbuffer buffer",
    ),
    tflite(
        "with a flipped bit at its begin",
        lambda content: bytes([content[0] ^ 1]) + content[1:],
        "ValueError: The model is not a valid Flatbuffer buffer",
    ),
    tflite(
        "of which half is there",
        lambda content: content[: len(content) // 2],
        "ValueError: The model is not a valid Flatbuffer buffer",
    ),
    Fault(
        "torch.compile without a C++ compiler",
        lambda place: place.python(
            "import sys\nfrom pathlib import Path\nfrom helpers.models import torch_networks\n"
            "torch_networks.save(torch_networks.build('mlp', 1), Path(sys.argv[2]))\n" + READ,
            *("torch-compile", str(place.folder / "mlp-x.pt")),
            CXX="/nowhere/g++",
        ),
        r"(?m)^InductorError: InvalidCxxCompiler: No working C\+\+ compiler found in [^T\n]*$",
        code=0,
        left="its log",
        holds=not_executed,
        real=True,
    ),
]
