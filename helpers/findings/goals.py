"""The project's goals for accuracy, size and speed of the models."""

from collections.abc import Callable, Iterator

from helpers.core.results import Missing, timed
from helpers.core.units import duration, ratio
from helpers.findings import seeds
from helpers.findings.seeds import FRAMEWORKS
from helpers.findings.verdicts import MISSED, NOT_TESTABLE, REACHED, Check, Verdict
from helpers.training.recipes import STRONG

# Test accuracy and longest training of one run: the network and recipe, the least, the most.
TRAININGS = (
    ("mlp", "strong", 0.9895, 120),
    ("cnn", "strong", 0.9945, 120),
    ("mlp", "lab", 0.978, 8),
)
LEAST_RUNS = 3


def sentence(rows: list[dict]) -> str:
    """Return how many goals were reached and which were missed."""
    measured = [row for row in rows if row["verdict"] != NOT_TESTABLE]
    if not measured:
        return "None of the project's goals was measured."
    missed = [f"{row['goal']} ({row['evidence']})" for row in measured if row["verdict"] == MISSED]
    words = f"{len(measured) - len(missed)} of the {len(measured)} goals measured were reached"
    return f"{words}; missed: {', '.join(missed)}." if missed else f"{words}."


def _goal(
    id: str,
    statement: str,
    bound: float,
    found: Callable[[dict], float],
    show: Callable[[float], str],
    *,
    at_least: bool = False,
    needs: tuple[Callable[[dict], None], ...] = (),
) -> Check:
    """Return the check that a figure keeps its bound; `found` may raise Missing."""

    def rule(results: dict) -> Verdict:
        value = found(results)
        reached = value >= bound if at_least else value <= bound
        return (REACHED if reached else MISSED), show(value)

    target = f"{'at least' if at_least else 'at most'} {show(bound)}"
    return Check(id, statement, rule, needs, more={"target": target})


def _trainings() -> Iterator[Check]:
    for architecture, recipe, least, most_s in TRAININGS:
        for framework, title in FRAMEWORKS.items():
            case = (framework, architecture, recipe)
            name, kind = "-".join(case), f"{architecture}, {recipe} recipe, {title}"
            yield _goal(
                f"{name}-accuracy",
                f"{kind}: mean test accuracy",
                least,
                _training("mean", *case),
                "{:.2%}".format,
                at_least=True,
                needs=(_all_training_images,),
            )
            yield _goal(
                f"{name}-seconds",
                f"{kind}: longest training",
                most_s,
                _training("train_seconds_max", *case),
                duration,
                needs=(_all_training_images,),
            )


def _all_training_images(results: dict) -> None:
    run = results["run"]
    full = run["dataset"]["name"] == "mnist"
    if not full or run["parameters"]["01_tensorflow_tflite"]["TRAIN_IMAGES"]:
        raise Missing("trained on fewer images than the full MNIST has")


def _training(field: str, framework: str, architecture: str, recipe: str) -> Callable:
    def found(results: dict) -> float:
        own = [
            row
            for row in seeds.summary(results["seeds"])
            if (row["framework"], row["architecture"], row["recipe"])
            == (framework, architecture, recipe)
        ]
        whole = recipe == "lab" or all(
            row["epochs"] == STRONG[architecture].epochs
            for row in results["seeds"]
            if (row["architecture"], row["recipe"]) == (architecture, recipe)
        )
        if not own or own[0]["runs"] < LEAST_RUNS or not whole:
            raise Missing(f"fewer than {LEAST_RUNS} whole runs")
        return own[0][field]

    return found


def _precision(results: dict, precision: str, field: str) -> list[float]:
    found = [row[field] for row in results["exports"] if row["precision"] == precision]
    if not found or None in found:
        raise Missing(f"no {field} of {precision} exports")
    return found


def _changed(results: dict) -> list[float]:
    images = results["run"]["dataset"]["test"]
    return [round((1 - same) * images) for same in _precision(results, "float32", "agreement")]


def _points_lost(results: dict) -> list[float]:
    accuracy = {row["id"]: row["test_accuracy"] for row in results["models"]}
    _precision(results, "int8", "test_accuracy")
    return [
        100 * (accuracy[row["source"]] - row["test_accuracy"])
        for row in results["exports"]
        if row["precision"] == "int8"
    ]


def _shares(results: dict) -> list[float]:
    def key(row: dict) -> tuple:
        return row["source"], row["format"], row["input"]

    whole = {key(r): r["bytes"] for r in results["exports"] if r["precision"] == "float32"}
    small = [row for row in results["exports"] if row["precision"] == "int8"]
    if not small:
        raise Missing("no int8 exports")
    return [row["bytes"] / whole[key(row)] for row in small]


def _int8_over_numpy(results: dict) -> float:
    floor = timed(results, "numpy", "offline")
    found = [
        row["median_s"]
        for row in results["latency"]
        if row["precision"] in ("dynamic", "int8")
        and (row["architecture"], row["scenario"]) == ("mlp", "offline")
        and row["threads"] == floor["threads"]
    ]
    if not found:
        raise Missing("no 8 bit file was timed")
    return min(found) / floor["median_s"]


GOALS = (
    *_trainings(),
    _goal(
        "int8-points-lost",
        "full int8: points lost to float32",
        0.1,
        lambda results: max(_points_lost(results)),
        "{:.2f}".format,
    ),
    _goal(
        "int8-bytes",
        "full int8: bytes of float32's",
        0.28,
        lambda results: max(_shares(results)),
        "{:.3f}".format,
    ),
    _goal("8-bit-time", "best 8 bit mlp / NumPy float32, offline", 0.5, _int8_over_numpy, ratio),
    _goal(
        "float32-classes",
        "float32 exports: images in another class than their source's",
        0,
        lambda results: max(_changed(results)),
        "{:.0f}".format,
    ),
    _goal(
        "float32-logits",
        "float32 exports: largest logit difference",
        1e-4,
        lambda results: max(_precision(results, "float32", "max_abs_logit_difference")),
        "{:.1e}".format,
    ),
)
