"""The project's goals for accuracy, size and speed of the models."""

from collections.abc import Callable, Iterator

from helpers.core.old_results import Missing, main_architecture, one, timed, where
from helpers.core.units import counted, duration, ratio
from helpers.data.mnist import Source
from helpers.findings import seeds
from helpers.findings.seeds import FRAMEWORKS
from helpers.findings.verdicts import MISSED, NOT_TESTABLE, REACHED, Check, Verdict, measured
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
    goals = counted(len(measured), "measured goal")
    words = f"The chain's run reached {len(measured) - len(missed)} of {goals}"
    return f"{words}; missed: {', '.join(missed)}." if missed else f"{words}."


def _goal(
    id: str,
    statement: str,
    bound: float,
    found: Callable[[dict], float],
    show: Callable[[float], str],
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
            case = {"framework": framework, "architecture": architecture, "recipe": recipe}
            name, words = "-".join(case.values()), f"{architecture}, {recipe} recipe, {title}"
            mean, longest = (_training(key, **case) for key in ("mean", "train_seconds_max"))
            needs = (_all_training_images,)
            text = f"{words}: mean test accuracy"
            yield _goal(f"{name}-accuracy", text, least, mean, "{:.2%}".format, True, needs)
            text = f"{words}: longest training"
            yield _goal(f"{name}-seconds", text, most_s, longest, duration, False, needs)


def _full_mnist(results: dict) -> None:
    images = Source(**results["run"]["dataset"])
    if images.name != "mnist":
        raise Missing(f"the images are those of {images.title}, not the full MNIST")


def _all_training_images(results: dict) -> None:
    _full_mnist(results)
    if results["run"]["parameters"]["01_tensorflow_tflite"]["TRAIN_IMAGES"]:
        raise Missing("trained on fewer images than the full MNIST has")


def _training(field: str, **kind: str) -> Callable[[dict], float]:
    architecture, recipe = kind["architecture"], kind["recipe"]

    def found(results: dict) -> float:
        own = where(seeds.summary(results["seeds"]), **kind)
        runs = where(results["seeds"], architecture=architecture, recipe=recipe)
        whole = recipe == "lab" or all(r["epochs"] == STRONG[architecture].epochs for r in runs)
        if not own or own[0]["runs"] < LEAST_RUNS or not whole:
            raise Missing(f"fewer than {LEAST_RUNS} whole runs")
        return own[0][field]

    return found


def _precision(results: dict, precision: str, field: str) -> list[float]:
    found = [row[field] for row in where(results["exports"], precision=precision)]
    if not found or None in found:
        raise Missing(f"no {field} of {precision} exports")
    return found


def _most_changed(results: dict) -> int:
    images, least = (
        results["run"]["dataset"]["test"],
        min(_precision(results, "float32", "agreement")),
    )
    return round((1 - least) * images)


def _most_points_lost(results: dict) -> float:
    accuracy = {row["id"]: row["test_accuracy"] for row in results["models"]}
    _precision(results, "int8", "test_accuracy")
    small = where(results["exports"], precision="int8")
    return 100 * max(accuracy[row["source"]] - row["test_accuracy"] for row in small)


def _largest_share(results: dict) -> float:
    whole = where(results["exports"], precision="float32")
    small = where(results["exports"], precision="int8")
    if not small:
        raise Missing("no int8 exports")
    kind = ("source", "format", "input")
    return max(
        row["bytes"] / one(whole, **{key: row[key] for key in kind})["bytes"] for row in small
    )


def _largest_difference(results: dict) -> float:
    return max(_precision(results, "float32", "max_abs_logit_difference"))


def _int8_over_numpy(results: dict) -> float:
    floor = timed(results, "numpy", "offline")
    case = {"scenario": "offline", "threads": floor["threads"]}
    network = main_architecture(results["models"])
    rows = where(results["latency"], architecture=network, **case)
    found = [row["median_s"] for row in rows if row["precision"] in ("dynamic", "int8")]
    if not found:
        raise Missing("no 8 bit file was timed")
    return min(found) / floor["median_s"]


GOALS = (
    *_trainings(),
    _goal(
        "int8-points-lost",
        "full int8: points lost to float32",
        0.1,
        _most_points_lost,
        "{:.2f}".format,
        needs=(_full_mnist,),
    ),
    _goal("int8-bytes", "full int8: bytes of float32's", 0.28, _largest_share, "{:.3f}".format),
    _goal(
        "8-bit-time",
        "best 8 bit file of the main network / NumPy float32, offline",
        0.5,
        _int8_over_numpy,
        ratio,
        needs=(measured("numpy"),),
    ),
    _goal(
        "float32-classes",
        "float32 exports: images in another class than their source's",
        0,
        _most_changed,
        "{:.0f}".format,
    ),
    _goal(
        "float32-logits",
        "float32 exports: largest logit difference",
        1e-4,
        _largest_difference,
        "{:.1e}".format,
    ),
)
