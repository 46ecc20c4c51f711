"""The logic behind the notebooks; README.md beside this file is its map.

What a user has set for other programs is kept out of a run here, before anything else is imported.
"""

import os
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]

# An editable install leads to where the project stood when it was installed.
for _folder in (Path(), Path("..")):
    _other = _folder / "helpers" / "__init__.py"
    if _other.exists() and not _other.samefile(__file__):
        raise ImportError(
            f"the helpers of {PROJECT} would run in {_folder.resolve()}: the project was copied or "
            "moved with its .venv; run make setup, then make report or make lab"
        )

os.environ |= {
    "PYTHONPATH": str(PROJECT),
    "PYTHONUTF8": "1",
    "KERAS_BACKEND": "tensorflow",
    "KERAS_HOME": os.devnull,  # no keras.json of the user's
    "MATPLOTLIBRC": os.devnull,
    # Everything is compared on the CPU; the frameworks read this when they are imported.
    "CUDA_VISIBLE_DEVICES": "-1",
    # ONNX Runtime reads it when it is imported; its `disable_telemetry_events` comes too late.
    "ORT_DISABLE_TELEMETRY": "1",
}
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# OpenVINO reports its own import to Google Analytics, unless this package is missing; the other one
# takes jsonschema a second, for a format that nothing here has.
sys.modules |= dict.fromkeys(("openvino_telemetry", "rfc3987_syntax"))


def _tell_what_is_set(kind: type, error: BaseException, trace: object) -> None:
    """Say in one line that a library of the user's may stand in the way of the packages'."""
    if issubclass(kind, ImportError) and "LD_LIBRARY_PATH" in os.environ:
        said, where = " ".join(str(error.__cause__ or error).split()), os.environ["LD_LIBRARY_PATH"]
        print(f"error: {said}; LD_LIBRARY_PATH is {where}: unset it", file=sys.stderr)
    else:
        sys.__excepthook__(kind, error, trace)


sys.excepthook = _tell_what_is_set
