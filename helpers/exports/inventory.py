"""What is exported: the files by their source, format and precision."""

from dataclasses import dataclass
from pathlib import Path

from helpers.core import files


@dataclass(frozen=True)
class Export:
    """A file made from a trained model, or why there is none."""

    source: str  # id of the model, such as mlp-pytorch
    format: str  # tflite or onnx
    precision: str  # float32, float16, dynamic or int8
    left_out: str = ""  # why there is no file

    @property
    def id(self) -> str:
        """Return its id in results.json, such as mlp-pytorch-onnx-int8."""
        return f"{self.source}-{self.format}-{self.precision}"

    @property
    def file(self) -> Path:
        """Return where its file stands, such as models/mlp-pytorch-int8.onnx."""
        return files.model_file(f"{self.source}-{self.precision}.{self.format}")
