"""The notebooks' parameters: what each may be, and the profiles that set them."""

import yaml
from jsonschema import Draft202012Validator, validators
from jsonschema.exceptions import best_match

from helpers.benchmark.runtimes import READERS, RUNTIMES
from helpers.core import files, machine
from helpers.core.console import LabError

PROFILES = ("quick", "standard", "full")
SCHEMA = files.read_yaml(files.PARAMETERS / "schema.yaml")
SCHEMA["THREADS"]["maximum"] = machine.cores()
SCHEMA["RUNTIMES"]["items"] = {"enum": list(RUNTIMES)}
# JSON Schema takes 2.0 for an integer.
Validator = validators.extend(
    Draft202012Validator,
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine(
        "integer", lambda _, value: type(value) is int
    ),
)


def check(values: dict[str, object]) -> None:
    """Raise LabError for the first parameter among `values` that is not what it may be.

    A notebook hands in its `globals()`: names of the reader's own pass.
    """
    for name in [name for name in SCHEMA if name in values]:
        value, schema = values[name], SCHEMA[name]
        if value != value:
            raise LabError(f"{name}: not a number")  # which no limit stops
        if error := best_match(Validator(schema).iter_errors(value)):
            allowed = f"{value!r}: allowed is {schema.get('description')}"
            raise LabError(f"{name}: {allowed if 'description' in schema else error.message}")
    chosen = values.get("RUNTIMES") or READERS.values()
    if lost := [name for name in READERS.values() if name not in chosen]:
        raise LabError(f"RUNTIMES: the report compares {', '.join(lost)} in any run; add them")


def read(profile: str, texts: dict[str, str]) -> dict[str, object]:
    """Return the values of a profile, and over them those of {name: text as typed}.

    A text is YAML, of a list the brackets may be left out. Raises LabError for an unknown profile
    or name and for a value that is not allowed.
    """
    if profile not in PROFILES:
        raise LabError(f"PROFILE={profile}: allowed is one of {', '.join(PROFILES)}")
    values = files.read_yaml(files.PARAMETERS / f"{profile}.yaml") | {"PROFILE": profile}
    for name, text in texts.items():
        values[name] = _value(text, SCHEMA.get(name, {}).get("type", "string"))
    if unknown := [str(name) for name in values if name not in SCHEMA]:
        raise LabError(f"{unknown[0]} is no parameter; allowed are {', '.join(SCHEMA)}")
    check(values)
    return values


def _value(text: str, kind: str | list[str]) -> object:
    if kind == "string":  # a folder may be called 2025
        return text
    if text in ("None", "null"):
        return None
    try:
        if "array" in kind and "[" not in text:
            return yaml.safe_load(f"[{text}]")
        return float(text) if kind == "number" else yaml.safe_load(text)  # to YAML 1e-3 is a text
    except (ValueError, yaml.YAMLError):
        return text
