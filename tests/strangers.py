"""Model files as a stranger may give them: with a payload, with reach beyond their folder, broken.

None of them needs its framework to be made.
"""

import pickle
import zipfile
from pathlib import Path

import numpy as np
from onnx import TensorProto, helper, numpy_helper


class Payload:
    """What makes a file where it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = str(mark)

    def __reduce__(self) -> tuple:
        return open, (self.mark, "w")


def mark(folder: Path) -> Path:
    """Return the file that is there once a payload was executed."""
    return folder / "executed"


def archive(path: Path, entries: dict[str, bytes]) -> Path:
    """Write a ZIP archive of these entries, none of them packed, and return its path."""
    with zipfile.ZipFile(path, "w") as file:
        for name, content in entries.items():
            file.writestr(name, content)
    return path


def checkpoint(folder: Path) -> Path:
    """Write a PyTorch checkpoint that holds a payload instead of weights."""
    pickled = pickle.dumps({"hidden.weight": Payload(mark(folder))}, protocol=2)
    entries = {"data.pkl": pickled, "byteorder": b"little", "version": b"3\n"}
    return archive(folder / "mlp-x.pt", {f"archive/{k}": v for k, v in entries.items()})


def old_checkpoint(folder: Path) -> Path:
    """Write a bare pickle under a checkpoint's name, as PyTorch wrote them before 2020."""
    file = folder / "mlp-x.pt"
    file.write_bytes(pickle.dumps(Payload(mark(folder)), protocol=2))
    return file


# Where the weights of an ONNX file may stand outside its folder, as the file names the place.
BEYOND = {
    "an absolute path": lambda folder: str(folder / "elsewhere.bin"),
    "..": lambda folder: "../elsewhere.bin",
    "a symbolic link": lambda folder: "link.bin",
}


def onnx_beyond(folder: Path, how: str) -> Path:
    """Write an ONNX file of one layer whose weights stand outside its folder."""
    inside = folder / "model"
    inside.mkdir(exist_ok=True)
    (folder / "elsewhere.bin").write_bytes(bytes(4 * 784 * 10))
    if how == "a symbolic link":
        (inside / "link.bin").symlink_to(folder / "elsewhere.bin")
    kernel = TensorProto(name="kernel", data_type=TensorProto.FLOAT, dims=[784, 10])
    kernel.data_location = TensorProto.EXTERNAL
    kernel.external_data.add(key="location", value=BEYOND[how](folder))
    flat = numpy_helper.from_array(np.array([-1, 784]), "shape")
    nodes = [
        helper.make_node("Reshape", ["image", "shape"], ["flat"]),
        helper.make_node("MatMul", ["flat", "kernel"], ["logits"]),
    ]
    ends = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
        for name, shape in (("image", ["batch", 28, 28]), ("logits", ["batch", 10]))
    ]
    graph = helper.make_graph(nodes, "net", ends[:1], ends[1:], [flat, kernel])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)
    file = inside / f"{list(BEYOND).index(how)}.onnx"
    file.write_bytes(model.SerializeToString())
    return file
