"""The results contract: results.json, from which every number of the report comes.

results.schema.json beside this file defines every field, with its unit and meaning. The notebooks
01 to 04 each leave a record with the tables that they make; 05 makes results.json of these.
"""

import itertools
import json
from pathlib import Path

from helpers.core import files, machine
from helpers.core.console import LabError, one_line

_FILE = Path(__file__).with_name("results.schema.json")
SCHEMA = json.loads(_FILE.read_text(encoding="utf-8"))
# Of the contract that this code reads and writes.
VERSION = SCHEMA["properties"]["run"]["properties"]["schema_version"]["const"]
# The chain, in the order in which it runs: of each notebook those whose records it reads.
NOTEBOOKS = {
    "01_tensorflow_tflite": (),
    "02_pytorch_onnx": ("01_tensorflow_tflite",),
    "03_runtime_comparison": ("01_tensorflow_tflite", "02_pytorch_onnx"),
    "04_errors": ("01_tensorflow_tflite", "02_pytorch_onnx"),
}
REPORT = "05_lab_report"
NOTEBOOKS[REPORT] = tuple(NOTEBOOKS)


def path() -> Path:
    """Return where results.json stands."""
    return files.root() / "results.json"


def record_path(notebook: str) -> Path:
    """Return the file that a notebook writes last."""
    return path() if notebook == REPORT else files.root() / "records" / f"{notebook}.json"


def executed(notebook: str) -> Path:
    """Return where the chain keeps the executed copy of a notebook."""
    return files.root() / "notebooks" / f"{notebook}.ipynb"


def path_of_2025() -> Path:
    """Return where a run with the versions of 2025 leaves its results."""
    return files.root() / "2025" / "results.json"


def write(results: dict) -> None:
    """Write results.json. Raises LabError when a field is not what the schema says."""
    check(results, path().name)
    files.write_json(path(), results)


def read(file: Path | None = None) -> dict:
    """Read results.json, or `file`. Raises LabError for none and for what the schema forbids."""
    file = file or path()
    content = files.read_json(file)
    check(content, file.name)
    return content


def write_record(notebook: str, *, started: str, **content: object) -> None:
    """Write what `notebook`, begun at `started`, found: its tables, and what they were made with.

    Raises LabError when a row is not what the schema says.
    """
    check(content, f"the record of {notebook}", whole=False)
    made = {"started": started, "machine": machine.describe(), "packages": machine.versions()}
    made["commit"] = machine.git_commit()
    files.write_json(record_path(notebook), {"made": made, **content})


def read_record(notebook: str) -> dict:
    """Return the record of `notebook` after checking every model file it speaks of.

    Raises LabError naming the notebook to run when the record or a file is missing or altered.
    """
    try:
        record = files.read_json(record_path(notebook))
        check(record, record_path(notebook).name, whole=False)
        rows = [record.get(name, []) for name in ("models", "logits", "exports")]
        for row in itertools.chain(*rows):
            file = files.root() / (row["file"] or "")  # an export that could not be made has none
            if row["file"] and not (file.is_file() and files.sha256(file) == row["sha256"]):
                raise LabError(f"{row['file']} is missing or is not the file it wrote")
    except LabError as error:
        raise LabError(f"run {notebook} first: {error}") from error
    return record


def where(rows: list[dict], **wanted: object) -> list[dict]:
    """Return the rows whose fields equal `wanted`."""
    return [row for row in rows if all(row[name] == value for name, value in wanted.items())]


def first(rows: list[dict], **wanted: object) -> dict | None:
    """Return the first row whose fields equal `wanted`, None without one."""
    return next(iter(where(rows, **wanted)), None)


# What each runtime is timed on in the main comparison, behind the architecture.
MAIN_FILES = {
    "keras-predict": "tensorflow",
    "tf-function": "tensorflow",
    "litert": "tensorflow-tflite-float32",
    "pytorch": "pytorch",
    "onnxruntime": "pytorch-onnx-float32",
    "openvino": "pytorch-onnx-float32",
    "numpy": "pytorch-onnx-float32",
}


def runtimes(results: dict) -> list[str]:
    """Return the runtimes of MAIN_FILES, and those that were timed beside them."""
    return list(dict.fromkeys([*MAIN_FILES, *(row["runtime"] for row in results["latency"])]))


def main_file(results: dict, runtime: str) -> str:
    """Return the id of the model or export of the main comparison that a runtime is timed on.

    Of a runtime that is not in MAIN_FILES it is the first float32 file that it was timed on.
    """
    if runtime in MAIN_FILES:
        return f"{results['models'][0]['architecture']}-{MAIN_FILES[runtime]}"
    whole = [
        row["id"] for row in results["models"] + where(results["exports"], precision="float32")
    ]
    timed = (row["file"] for row in where(results["latency"], runtime=runtime))
    return next((file for file in timed if file in whole), "")


def main_row(results: dict, runtime: str, scenario: str) -> dict | None:
    """Return a runtime's latency row of the main comparison, with the most threads; else None.

    `scenario` is single_stream or offline.
    """
    latency = results["latency"]
    threads = max((row["threads"] for row in latency), default=1)
    file = main_file(results, runtime)
    return first(latency, file=file, runtime=runtime, threads=threads, scenario=scenario)


def check(content: dict, name: str, *, whole: bool = True) -> None:
    """Raise LabError for a field of `content` that the schema does not allow, the version first.

    What is not the `whole` is a record: tables may be missing, and it holds more.
    """
    from jsonschema import Draft202012Validator  # a measuring process does without

    # As it will be read back: NumPy's numbers are numbers then.
    try:
        content = json.loads(files.to_json(content))
    except (ValueError, RecursionError) as error:
        raise LabError(f"{name} cannot be JSON: {one_line(error)}") from error
    definition = SCHEMA if whole else {**SCHEMA, "required": [], "additionalProperties": True}
    errors = Draft202012Validator(definition).iter_errors(content)
    if error := min(errors, key=lambda each: "schema_version" not in each.path, default=None):
        place = " ".join("/".join(map(str, error.absolute_path)).split()) or "the whole"
        raise LabError(f"{name} is not what {_FILE.name} says: {place}: {error.message[:200]}")
