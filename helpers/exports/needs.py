"""What a model file needs from the program that reads it, as the file itself says."""

import importlib.metadata
from dataclasses import dataclass, field
from pathlib import Path

from helpers.core import stack

# The first ONNX Runtime of each pair of newest opset and newest IR version that it reads:
# https://onnxruntime.ai/docs/reference/compatibility.html
ONNX_RUNTIMES = (
    *(("1.3", 12, 7), ("1.6", 13, 7), ("1.8", 14, 7), ("1.9", 15, 8), ("1.11", 16, 8)),
    *(("1.12", 17, 8), ("1.14", 18, 8), ("1.15", 19, 8), ("1.16", 19, 9)),
    *(("1.17", 20, 9), ("1.18", 21, 10)),
)
# The package that writes the formats of the frameworks; their files promise nothing to older ones.
WRITERS = {".keras": ("Keras", "keras"), ".pt": ("PyTorch", "torch"), ".pt2": ("PyTorch", "torch")}


@dataclass(frozen=True)
class Needs:
    """The oldest known reader of a file, and the versions in the file that decide it."""

    reader: str  # such as "ONNX Runtime 1.14"
    versions: dict[str, int] = field(default_factory=dict)  # opset and IR, or of each operator

    def __str__(self) -> str:
        listed = ", ".join(f"{name} {version}" for name, version in self.versions.items())
        return f"{self.reader} ({listed})" if listed else self.reader


def of(path: Path) -> Needs:
    """Return what a model file needs; for `.keras`, `.pt` and `.pt2` what is installed wrote it."""
    if path.suffix == ".onnx":
        return _of_onnx(path)
    if path.suffix == ".tflite":
        try:
            return _of_tflite(path)
        except Exception:  # no runtime or no TFLite file: its gate says why
            return Needs("TFLite")
    name, package = WRITERS[path.suffix]
    return Needs(f"{name} {importlib.metadata.version(package)}")


def _of_onnx(path: Path) -> Needs:
    import onnx

    model = onnx.load(path, load_external_data=False)
    (opset,) = (each.version for each in model.opset_import if not each.domain)
    readers = (
        version
        for version, newest_opset, newest_ir in ONNX_RUNTIMES
        if opset <= newest_opset and model.ir_version <= newest_ir
    )
    reader = next(readers, f"newer than {ONNX_RUNTIMES[-1][0]}")
    return Needs(f"ONNX Runtime {reader}", {"opset": opset, "IR": model.ir_version})


def _of_tflite(path: Path) -> Needs:
    """Read the operators' versions, and the oldest TFLite, which the converter looked up."""
    schema = stack.litert("schema_py_generated")
    model = schema.Model.GetRootAs(path.read_bytes())
    notes = {
        note.Name(): bytes(model.Buffers(note.Buffer()).DataAsNumpy())
        for note in map(model.Metadata, range(model.MetadataLength()))
    }
    oldest = notes.get(b"min_runtime_version", b"").rstrip(b"\0").decode()
    names = {code: name for name, code in vars(schema.BuiltinOperator).items()}
    operators = {
        # Codes above 127 stand in the newer of the two fields alone.
        names[max(code.BuiltinCode(), code.DeprecatedBuiltinCode())]: code.Version()
        for code in map(model.OperatorCodes, range(model.OperatorCodesLength()))
    }
    return Needs(f"TFLite {oldest}".strip(), dict(sorted(operators.items())))
