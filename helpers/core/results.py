"""The results contract: results.json, from which every number of the report comes.

results.schema.json beside this file defines every field, with its unit and meaning.
"""

import functools
import json
from pathlib import Path

from helpers.core import artifacts, environment
from helpers.core.console import LabError, one_line

SCHEMA = Path(__file__).with_name("results.schema.json")


def path() -> Path:
    """Return where results.json stands."""
    return artifacts.root() / "results.json"


def path_of_2025() -> Path:
    """Return where a run with the versions of 2025 leaves its results."""
    return artifacts.root() / "2025" / "results.json"


def version() -> int:
    """Return the version of the contract that this code reads and writes."""
    return _schema()["properties"]["run"]["properties"]["schema_version"]["const"]


def write(results: dict, file: Path | None = None) -> None:
    """Write results.json, or `file`. Raises LabError when a field is not what the schema says."""
    file = file or path()
    check(results, file.name)
    artifacts.write_json(file, results)


def read(file: Path | None = None) -> dict:
    """Read results.json, or `file`.

    Raises LabError when there is none, when it is of another version, and when a field is not what
    the schema says.
    """
    file = file or path()
    if not file.exists():
        raise LabError(f"{file.name} is missing: make the report first")
    try:
        results = artifacts.read_json(file)
    except LabError as error:
        raise LabError(f"make the report again: {error}") from error
    run = results.get("run")
    found = run.get("schema_version", "none") if isinstance(run, dict) else "none"
    if found != version():
        raise LabError(
            f"{file.name} has schema_version {found}, allowed is {version()}; make the report again"
        )
    check(results, file.name)
    return results


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
    """Raise LabError for the first field of `content` that the schema does not allow.

    Of what is not the `whole` some parts may be missing.
    """
    with environment.without(*environment.SLOW):
        from jsonschema import Draft202012Validator  # a measuring process does without

    # As it will be read back: NumPy's numbers are numbers then.
    try:
        content = json.loads(artifacts.to_json(content))
    except (ValueError, RecursionError) as error:
        raise LabError(f"{name} cannot be JSON: {one_line(error)}") from error
    definition = _schema()
    definition = definition if whole else {**definition, "required": []}
    error = next(Draft202012Validator(definition).iter_errors(content), None)
    if error:
        place = " ".join("/".join(map(str, error.absolute_path)).split()) or "the whole"
        raise LabError(f"{name} is not what {SCHEMA.name} says: {place}: {error.message[:200]}")


@functools.cache
def _schema() -> dict:
    return json.loads(SCHEMA.read_text(encoding="utf-8"))
