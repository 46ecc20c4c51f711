"""What a model file says about itself: classes, input, training data, who reads it, its source.

ONNX files hold it in `metadata_props`. All others carry it as `model_card.json` in a ZIP archive,
which a `.keras`, `.pt` or `.pt2` file is and which stands at the end of a TFLite file, as TFLite's
own associated files do.
"""

import json
import zipfile
from pathlib import Path

from helpers.core import artifacts, stack
from helpers.core.console import LabError
from helpers.exports import needs

ENTRY = "model_card.json"
RANGES = {
    "float32": "0 to 1 (pixel / 255, 0 is black)",
    "uint8": "0 to 255 (raw pixel, 0 is black)",
}


def describe(
    model: dict, dataset: dict, commit: str | None, suffix: str, *, pixels: bool = False
) -> dict[str, str]:
    """Return the metadata of a file of `model` (a row of the contract), all of it text."""
    kind = "uint8" if pixels else "float32"
    # PyTorch's own layout, and that of the ONNX files made from it.
    nchw = suffix in (".pt", ".pt2") or (suffix == ".onnx" and model["framework"] == "pytorch")
    return {
        "class_labels": ",".join(dataset["classes"]),
        "input": "image",
        "input_type": kind,
        "input_layout": "N,1,28,28" if nchw and not pixels else "N,28,28",
        "input_range": RANGES[kind],
        "output": "logits",
        "architecture": model["architecture"],
        "trained_with": model["framework"],
        "training_data": f"{dataset['name']}, {model['train_images']} training images, "
        f"SHA-256 {dataset['sha256']}",
        "source_commit": commit or "none",
    }


def write(path: Path, metadata: dict[str, str]) -> None:
    """Put metadata into a model file that has none, and with it what the file needs."""
    metadata = {**metadata, "needs": str(needs.of(path))}
    with artifacts.replacing(path) as temporary:
        if path.suffix == ".onnx":
            import onnx

            model = onnx.load(path)
            onnx.helper.set_model_props(model, metadata)
            onnx.save(model, temporary)
            return
        temporary.write_bytes(path.read_bytes())
        with zipfile.ZipFile(temporary, "a") as archive:
            # PyTorch reads only archives with all entries in one folder.
            folder = {".pt": "archive/", ".pt2": "archive/extra/"}.get(path.suffix, "")
            # A date of its own would make two files of one model differ.
            archive.writestr(zipfile.ZipInfo(folder + ENTRY), json.dumps(metadata, indent=1))


def read(path: Path) -> dict[str, str]:
    """Return a file's metadata. Raises LabError when it has none."""
    if path.suffix == ".onnx":
        import onnx

        found = {p.key: p.value for p in onnx.load(path, load_external_data=False).metadata_props}
    elif zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            cards = [name for name in archive.namelist() if name.endswith(ENTRY)]
            found = json.loads(archive.read(cards[0])) if cards else {}
    else:
        found = {}
    if "input_layout" not in found:
        raise LabError(f"{path.name} says nothing about its input; export it again")
    return found


def check_all(exports: list[dict]) -> None:
    """Check the files of those rows of the contract that carry metadata and passed their gate."""
    for row in exports:
        if row["format"] in ("onnx", "tflite") and row["gate"] == "passed":
            check(artifacts.root() / row["file"])


def check(path: Path) -> None:
    """Raise LabError when what a file says about its input is not what it takes."""
    said = read(path)
    name, kind, layout = _input(path)
    found = {"input": name, "input_type": kind, "input_layout": layout}
    for field, value in found.items():
        if said[field] != value:
            raise LabError(
                f"{path.name}: its metadata say {field} {said[field]}, the file takes {value}"
            )


def _input(path: Path) -> tuple[str, str, str]:
    """Return the name, element type and layout of a file's input, from its graph."""
    if path.suffix == ".onnx":
        import onnx

        (image,) = onnx.load(path).graph.input
        kind = {onnx.TensorProto.FLOAT: "float32", onnx.TensorProto.UINT8: "uint8"}
        tensor = image.type.tensor_type
        sizes = [str(d.dim_value or "N") for d in tensor.shape.dim]
        return image.name, kind.get(tensor.elem_type, str(tensor.elem_type)), ",".join(sizes)
    # Not by its interpreter: what is wrong in a file may crash it, and with it this process.
    schema = stack.litert("schema_py_generated")

    model = schema.Model.GetRootAs(path.read_bytes())
    signature = model.SignatureDefs(0)
    (given,) = map(signature.Inputs, range(signature.InputsLength()))
    tensor = model.Subgraphs(signature.SubgraphIndex()).Tensors(given.TensorIndex())
    free = not tensor.ShapeSignatureIsNone()
    sizes = tensor.ShapeSignatureAsNumpy() if free else tensor.ShapeAsNumpy()
    kinds = {code: name.lower() for name, code in vars(schema.TensorType).items()}
    layout = ",".join("N" if size < 0 else str(size) for size in sizes)
    return given.Name().decode(), kinds[tensor.Type()], layout
