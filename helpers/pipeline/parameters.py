"""The notebooks' parameters: what each may be, and the profiles that set them."""

import ast
import os
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches

from helpers import data
from helpers.benchmark.runtimes import READERS, RUNTIMES
from helpers.core import artifacts, provenance
from helpers.core.console import LabError, unknown
from helpers.core.stages import STAGES
from helpers.training import recipes

PLAIN = (bool, int, float, str, type(None))
# A name in capitals that is so near to a parameter's is taken for that one, misspelt.
NEAR = 0.85
PROFILES = ("quick", "standard", "full")
PRECISIONS = ("float32", "float16", "dynamic", "int8")
# The report compares these in any run.
ALWAYS = tuple(READERS.values())
# What a command line has options for, and make variables.
OPTIONS = {"PROFILE": "--profile quick", "FROM": "--from 03"}
# What may be set beside the parameters: where images come from, where results go.
ENVIRONMENT = ("MNIST_DIR", "MNIST_MIRROR", "KERAS_HOME", "LAB_ARTIFACTS")


def _literal(text: str) -> object:
    """Return the Python literal that a text is, else the text."""
    try:
        return ast.literal_eval(text)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return text


def _text(text: str) -> str:
    """Return a text as it is, but for quotes: a folder may be called 2025."""
    value = _literal(text)
    return value if isinstance(value, str) else text


@dataclass(frozen=True)
class Parameter:
    """A test and the words that tell a reader what passes it."""

    allowed: str
    accepts: Callable[[object], bool]
    read: Callable[[str], object] = _literal  # the text of the command line


def _whole(low: int, high: int | None = None, *, none: str = "") -> Parameter:
    allowed = f"a whole number from {low}" + (f" to {high}" if high is not None else "")

    def accepts(value: object) -> bool:
        if value is None:
            return bool(none)
        whole = isinstance(value, int) and not isinstance(value, bool)
        return whole and value >= low and (high is None or value <= high)

    return Parameter(allowed + (f", or None for {none}" if none else ""), accepts)


def _number(low: float, high: float) -> Parameter:
    def accepts(value: object) -> bool:
        return (
            isinstance(value, int | float) and not isinstance(value, bool) and low < value <= high
        )

    return Parameter(f"a number above {low:g} and at most {high:g}", accepts)


def _one_of(*names: str) -> Parameter:
    return Parameter(f"one of {', '.join(names)}", lambda value: value in names)


def _some_of(names: list[str], *, none: str, always: tuple[str, ...] = ()) -> Parameter:
    def accepts(value: object) -> bool:
        if value is None:
            return True
        several = isinstance(value, list) and all(name in names for name in value)
        return several and len(value) == len(set(value)) and set(always) <= set(value)

    allowed = f"a list of {', '.join(names)}, each once"
    if always:
        allowed += f" and with {', '.join(always)} among them"
    return Parameter(f"{allowed}, or None for {none}", accepts, read=_words)


def _words(text: str) -> object:
    value = _literal(text)
    if not isinstance(value, str):
        return value
    return value.split(",") if value else []


def _trainings(value: object) -> bool:
    """Tell whether a value is a list of [architecture, recipe, seeds, epochs], each kind once."""

    def accepts(row: object) -> bool:
        if not isinstance(row, list | tuple) or len(row) != 4:
            return False
        architecture, recipe, seeds, epochs = row
        named = isinstance(architecture, str) and architecture.isidentifier()
        named = named and recipe in recipes.NAMES
        return named and _SEEDS.accepts(seeds) and _OWN_EPOCHS.accepts(epochs)

    if not isinstance(value, list) or not value or not all(map(accepts, value)):
        return False
    kinds = [tuple(row[:2]) for row in value]
    return kinds[0] == FIRST and len(set(kinds)) == len(kinds)


def _read_trainings(text: str) -> object:
    """Return the trainings of a text such as "mlp:lab:3,cnn:strong:1:2"; one seed is the least."""
    value = _literal(text)
    if not isinstance(value, str):
        return value
    rows = []
    for words in (part.split(":") for part in value.split(",")):
        numbers = [_literal(word) for word in words[2:]]
        rows.append([*words[:2], *numbers, *(1, None)[len(numbers) :]])
    return rows


# The notebooks train its first seed in sight, and the report compares its seeds.
FIRST = ("mlp", "lab")
MOST_SEEDS = 100
_SEEDS = _whole(1, MOST_SEEDS)
_OWN_EPOCHS = _whole(1, 1_000, none="the recipe's own")
TRAININGS = Parameter(
    f"a list of [architecture, recipe, seeds, epochs] with each architecture and recipe once, "
    f"{' by '.join(FIRST)} first: a recipe is {' or '.join(recipes.NAMES)}; seeds are 1 to 100, "
    "epochs 1 to 1000 or None for the recipe's own; on the command line mlp:lab:3,cnn:strong:1:2",
    _trainings,
    _read_trainings,
)


def _batch_sizes(value: object) -> bool:
    """Tell whether a value is a list of numbers of images, each once."""
    whole = isinstance(value, list) and all(map(_BATCH.accepts, value))
    return whole and len(value) == len(set(value))


def _read_numbers(text: str) -> object:
    """Return the list of a text such as "32,1024" or "32"."""
    value = _literal(text)
    if isinstance(value, tuple):
        return list(value)
    return [value] if isinstance(value, int) else value


_BATCH = _whole(2, 100_000)
BATCH_SIZES = Parameter(
    "a list of whole numbers from 2 to 100000, each once; on the command line 32,1024",
    _batch_sizes,
    _read_numbers,
)

PARAMETERS = {
    "DATASET": Parameter(data.ALLOWED, data.is_dataset, _text),
    "TRAIN_IMAGES": _whole(256, none="all"),
    "HIDDEN": _whole(1, 4_096),
    "EPOCHS": _whole(1, 1_000),
    "BATCH_SIZE": _whole(1),
    "LEARNING_RATE": _number(0, 1),
    "SEED": _whole(0, 2**32 - MOST_SEEDS),  # the last of them is the largest that NumPy takes
    "TRAININGS": TRAININGS,
    "THREADS": _whole(1, provenance.cores(), none="all cores"),
    "PERTURBED_IMAGES": _whole(1, none="all test images"),
    "FILES": _some_of(list(PRECISIONS), none="all of them"),
    "ROUNDS": _whole(1, 100),
    "TIMER_ROUNDS": _whole(1, 100),
    "RUNTIMES": _some_of(list(RUNTIMES), none="all", always=ALWAYS),
    "BATCH_SIZES": BATCH_SIZES,
    "EVERYTHING": Parameter("True or False", lambda value: isinstance(value, bool)),
    "PROFILE": _one_of("notebook", *PROFILES),
}


# The parameters of each notebook: what a profile sets must not get lost on the way to its cells.
_TRAINED = (
    *("DATASET", "TRAIN_IMAGES", "HIDDEN", "TRAININGS", "EPOCHS", "BATCH_SIZE", "LEARNING_RATE"),
    *("SEED", "THREADS"),
)
_OF_NOTEBOOKS = (
    _TRAINED,
    _TRAINED,
    (
        *("DATASET", "ROUNDS", "TIMER_ROUNDS", "RUNTIMES", "BATCH_SIZES", "EVERYTHING"),
        *("SEED", "THREADS"),
    ),
    ("DATASET", "PERTURBED_IMAGES", "FILES", "SEED", "THREADS"),
    ("PROFILE",),
)
OF = dict(zip(STAGES, _OF_NOTEBOOKS, strict=True))


def check(values: dict[str, object]) -> None:
    """Raise LabError for the first value that its parameter does not allow, or a misspelt name.

    A notebook can hand in `globals()`: names of the reader's own pass. A plain value's is taken for
    a misspelt parameter when it is in capitals and near to one, or one but for case.
    """
    for name, value in values.items():
        if name in PARAMETERS:
            if not PARAMETERS[name].accepts(value):
                raise LabError(f"{name}={value!r}: allowed is {PARAMETERS[name].allowed}")
        elif isinstance(value, PLAIN) and (
            name.upper() in PARAMETERS
            or (name.isupper() and get_close_matches(name, PARAMETERS, cutoff=NEAR))
        ):
            raise LabError(unknown(name, "parameter", PARAMETERS))


def profile(name: str) -> dict[str, object]:
    """Return the parameters of a profile. Raises LabError for an unknown one or a wrong line.

    A text is read as on the command line: to YAML 1e-3 is one.
    """
    if name not in PROFILES:
        raise LabError(f"PROFILE={name}: allowed is one of {', '.join(PROFILES)}")
    values = artifacts.read_yaml(artifacts.PARAMETERS / f"{name}.yaml", PARAMETERS)
    return {
        name: PARAMETERS[name].read(value) if isinstance(value, str) else value
        for name, value in values.items()
    }


def from_command_line(settings: list[str]) -> dict[str, object]:
    """Return {name: value} of `NAME=VALUE` words; a value is a Python literal, else text.

    Lists may be written short: words with commas between, of a training with colons. What belongs
    to the environment is set there. Raises LabError for an unknown name, one that is set twice, and
    one that stands in the environment, where it would do nothing.
    """
    known = [*OPTIONS, *PARAMETERS, *ENVIRONMENT]
    given: dict[str, str] = {}
    for setting in settings:
        name, equals, text = setting.partition("=")
        if not equals:
            raise LabError(f"{setting}: write a parameter as NAME=VALUE, for example EPOCHS=3")
        if name in OPTIONS:
            raise LabError(f"{name} is not set like a parameter; write {OPTIONS[name]}")
        if name not in known:
            raise LabError(unknown(name, "parameter", known))
        if name in given:
            raise LabError(f"{name} is set twice; set it once")
        given[name] = text
    for name in PARAMETERS.keys() - OPTIONS.keys() - given.keys():
        if name in os.environ:
            raise LabError(
                f"{name}={os.environ[name]} stands in the environment, where it does nothing; "
                f"write it behind: make report {name}={os.environ[name]}"
            )
    os.environ.update({name: given.pop(name) for name in ENVIRONMENT if name in given})
    return {name: PARAMETERS[name].read(text) for name, text in given.items()}


def values(namespace: dict[str, object]) -> dict[str, object]:
    """Return the parameters among a notebook's `globals()`, for its record."""
    return {name: value for name, value in namespace.items() if name in PARAMETERS}
