"""The claims of the 2025 report, and what the results of a run say of each."""

import re
from collections.abc import Callable
from functools import partial

from helpers.benchmark import statistics
from helpers.core.results import first, main_file, main_row, where
from helpers.report import values
from helpers.report.values import FRAMEWORKS

# What the table of the 2025 report states (section 3).
ACCURACY_2025 = {"tensorflow": 0.9714, "pytorch": 0.9739, "onnxruntime": 0.9739}
SECONDS_2025 = {"tensorflow": 1.36, "pytorch": 5.19, "onnxruntime": 0.045}
DIFFERENCE_2025 = ACCURACY_2025["pytorch"] - ACCURACY_2025["tensorflow"]
FACTOR_2025 = SECONDS_2025["pytorch"] / SECONDS_2025["onnxruntime"]
# What is taken for its network, its training and its test images.
KIND = {"architecture": "mlp", "recipe": "lab"}
WEIGHTS, LEAST_EPOCHS, TEST_IMAGES = 101_770, 10, 10_000
# An accuracy is another one when it differs by more than 2025's frameworks do, a ratio or a
# difference when it is not within this factor.
MARGIN, SAME_FACTOR = DIFFERENCE_2025, 2

CONFIRMED, REFUTED, NO_LONGER_TRUE = "confirmed", "refuted", "no longer true"
NO_CLEAR_DIFFERENCE, NOT_TESTABLE = "no clear difference", "not testable"

THEIRS = ("tf-function", "pytorch", "litert", "onnxruntime")  # what 2025 names
DIRECT, SAVE_SPEC = "from_keras_model(model)", "model._get_save_spec()"

Verdict = tuple[str, str]  # one of the five words, and the evidence in one line
Rule = Callable[[dict], Verdict]
CLAIMS: dict[tuple[str, str, str], Rule] = {}  # by id, words and section of the 2025 report


class NotTestable(Exception):
    """What these results lack to decide a claim, in one line."""


def claim(id: str, words: str, source: str) -> Callable[[Rule], Rule]:
    """Enter a claim into CLAIMS with the rule that follows."""
    return partial(CLAIMS.setdefault, (id, words, source))


def judge(found: dict) -> list[dict]:
    """Return the rows of the table `claims` of results.json from its other tables."""
    rows, names = [], ("id", "claim", "source", "verdict", "evidence")
    for said, rule in CLAIMS.items():
        try:
            decided = rule(found)
        except NotTestable as lacking:
            decided = NOT_TESTABLE, str(lacking)
        rows.append(dict(zip(names, (*said, *decided), strict=True)))
    return rows


def judged(interval: list[float], low: float, high: float) -> str:
    """Return the verdict on a claim that allows `low` to `high`, from an interval of what it is."""
    if low <= interval[0] and interval[1] <= high:
        return CONFIRMED
    return REFUTED if interval[1] < low or interval[0] > high else NO_CLEAR_DIFFERENCE


def _check_network(found: dict) -> None:
    """Raise NotTestable unless what is taken for 2025's network had as many images to answer."""
    images = found["run"]["dataset"]["test_images"]
    if images != TEST_IMAGES:
        raise NotTestable(f"{images:,} images were timed instead of {TEST_IMAGES:,}.")
    weights = first(found["models"], architecture="mlp")["parameters"]
    if weights != WEIGHTS:
        raise NotTestable(f"The mlp has {weights:,} weights instead of {WEIGHTS:,}.")


def _mean_ci95(found: dict, framework: str) -> list[float]:
    """Return the interval of a framework's mean accuracy by what is taken for 2025's training.

    Raises NotTestable unless both frameworks trained it on all of MNIST, from two seeds or more.
    """
    images, some = found["run"]["dataset"], found["run"]["parameters"]["01"].get("TRAIN_IMAGES")
    if images["name"] != "mnist":
        raise NotTestable(f"The images are those of {images['name']}, not the full MNIST.")
    _check_network(found)
    all_of_them = images["train_images"] * 11 // 12
    if some and some < all_of_them:
        raise NotTestable(f"{some:,} of {all_of_them:,} training images were used.")
    if max((row["epoch"] for row in where(found["history"], **KIND)), default=0) < LEAST_EPOCHS:
        raise NotTestable(f"Fewer than {LEAST_EPOCHS} epochs by the lab recipe were trained.")
    runs = {name: values.accuracies(found, framework=name, **KIND) for name in FRAMEWORKS}
    if min(map(len, runs.values())) < 2:
        raise NotTestable("One seed does not tell how far two trainings differ.")
    own = runs[framework]
    return values.mean_interval(own) or [min(own), max(own)]


def _reached(framework: str, found: dict) -> Verdict:
    """Ask for a mean over the seeds within MARGIN of 2025's accuracy."""
    ci95, claimed = _mean_ci95(found, framework), ACCURACY_2025[framework]
    mean = values.mean_accuracy(found, framework=framework, **KIND)
    verdict = judged(ci95, claimed - MARGIN, claimed + MARGIN)
    if verdict == REFUTED:  # an accuracy of another training does not refute it
        raise NotTestable(f"{mean} here. 2025 does not say how it trained.")
    return verdict, f"{mean} by the training assumed here."


claim("accuracy-tensorflow", "“TensorFlow: 97.14%”", "3")(partial(_reached, "tensorflow"))
claim("accuracy-pytorch", "“PyTorch: 97.39%”", "3")(partial(_reached, "pytorch"))


@claim("pytorch-more-accurate", "PyTorch is 0.25 points more accurate than TensorFlow.", "from 3")
def _more_accurate(found: dict) -> Verdict:
    """Ask for at least the half of it."""
    _mean_ci95(found, "pytorch")
    row = first(found["differences"], **KIND)
    return judged(row["ci95"], DIFFERENCE_2025 / SAME_FACTOR, 1), (
        f"{values.with_interval(row['difference'], row['ci95'], values.points)} points. Its "
        f"accuracy beside TensorFlow's: {row['verdict']}."
    )


@claim("onnx-equals-pytorch", "“ONNXRuntime: 97.39%”, as PyTorch", "3")
def _onnx_equals_pytorch(found: dict) -> Verdict:
    """Ask the ONNX file to give every test image the class that its network gives it."""
    row = first(found["exports"], id=main_file(found, "onnxruntime"))
    if row["changed"] is None:
        raise NotTestable("PyTorch's ONNX file gave no logits.")
    return REFUTED if row["changed"] else CONFIRMED, (
        f"The ONNX file gives {row['changed']:,} of {found['run']['dataset']['test_images']:,} "
        "images another class than PyTorch."
    )


@claim("both-viable", "“Both frameworks are viable for […] simple deep learning models.”", "6")
def _viable(found: dict) -> Verdict:
    """Ask both means for the lower accuracy of 2025, and every 32-bit file to pass the gate."""
    low, high = map(min, zip(*(_mean_ci95(found, name) for name in FRAMEWORKS), strict=True))
    gates = [row["gate"] for row in where(found["exports"], precision="float32")]
    passed, least = gates.count("passed"), min(ACCURACY_2025.values())
    return judged([low, high], least, 1) if passed == len(gates) else REFUTED, (
        f"Both intervals begin at {values.percent(low)} or above; 2025's lower accuracy is "
        f"{values.percent(least)}. {passed} of {len(gates)} 32-bit files pass the gate."
    )


@claim("times", "“TensorFlow: 1.36 sec, PyTorch: 5.19 sec, ONNXRuntime: 0.045 sec”", "3")
def _times(found: dict) -> Verdict:
    """Say what 2025's timers, rebuilt, take here: another machine decides nothing."""
    taken = {row["runtime"]: values.time(row["total_s"]) for row in found["timers_2025"]}
    here = [f"{values.runtime(name)} {taken.get(name, 'not measured')}" for name in SECONDS_2025]
    raise NotTestable(f"Another machine. The timers, rebuilt, here: {', '.join(here)}.")


@claim("factor-of-115", "PyTorch takes 115 times as long as ONNX Runtime.", "from 3")
def _factor(found: dict) -> Verdict:
    """Judge the factor by what the two take for the same array."""
    _check_network(found)
    rebuilt = statistics.timer_ratio(found, "pytorch", "onnxruntime")
    fair = statistics.fair_ratio(found, "pytorch", "onnxruntime")
    clocks = (
        f"2025's table: {FACTOR_2025:.0f}. Its timers, rebuilt: {values.factor(rebuilt)}. The same "
        f"array for both: {values.factor(fair)}."
    )
    if fair["ratio_ci95"] is None:
        raise NotTestable(f"Fewer than six common rounds. {clocks}")
    return judged(fair["ratio_ci95"], FACTOR_2025 / SAME_FACTOR, FACTOR_2025 * SAME_FACTOR), clocks


@claim("best-speed", "“PyTorch with ONNXRuntime yielded the best inference speed”", "6")
def _best_speed(found: dict) -> Verdict:
    """Judge by all images, as in 2025, beside the three others that the report names."""
    _check_network(found)
    told, words = [], set()
    for scenario, images in {"single_stream": "one image", "offline": "all images"}.items():
        *others, own = (main_row(found, name, scenario) for name in THEIRS)
        if None in (*others, own):
            raise NotTestable("Not all of the report's four were measured.")
        best = min(others, key=lambda row: row["median_s"])
        beside = f"{values.beside(own, best)} times that of {values.runtime(best['runtime'])}"
        told.append(f"{images} {beside}")
        noise = statistics.largest_noise(where(found["noise_floor"], scenario=scenario))
        ratios = (statistics.ratio_by_rounds(own["rounds"], row["rounds"]) for row in others)
        # All images come last, and decide.
        words = {statistics.verdict_on_time(*ratio.values(), noise) for ratio in ratios}
    evidence = f"Beside the best of 2025's other three: {'; '.join(told)}."
    if statistics.RANGE_ONLY in words:
        raise NotTestable(f"Fewer than six common rounds. {evidence}")
    verdict = REFUTED if statistics.SLOWER in words else NO_CLEAR_DIFFERENCE
    return CONFIRMED if words == {statistics.FASTER} else verdict, evidence


def _tried(found: dict, challenge: str, **wanted: str) -> list[dict]:
    """Return what a challenge of 2025 does with the versions of this run."""
    rows = where(found["challenges"], challenge=challenge, **wanted)
    return where(rows, stack="today") or rows


def _comes_back(found: dict, challenge: str, **wanted: str) -> str:
    """Return the verdict on a challenge of 2025: whether anything of it is refused today.

    What is not refused with the versions of 2025 either, where these were tried, never was.
    """
    if where(_tried(found, challenge, **wanted), worked=False):
        return CONFIRMED
    of_2025 = where(found["challenges"], challenge=challenge, stack="2025", **wanted)
    return REFUTED if of_2025 and not where(of_2025, worked=False) else NO_LONGER_TRUE


@claim(
    "tflite-workaround",
    "“TFLite export required a workaround”, “errors related to _get_save_spec”",
    "4.1, 4.2",
)
def _tflite_workaround(found: dict) -> Verdict:
    verdict, told = _comes_back(found, "tflite_route", tried=DIRECT), []
    for stack, words in {"today": "Today", "2025": "With 2025's versions"}.items():
        did = {
            row["tried"]: re.split(r":| \[", row["outcome"])[0]
            for row in where(found["challenges"], challenge="tflite_route", stack=stack)
        }
        if did:
            asked = did.get(SAVE_SPEC, "was not tried")
            told.append(f"{words} from_keras_model {did[DIRECT]}, _get_save_spec {asked}.")
    return verdict, " ".join(told)


@claim("onnx-nchw", "“ONNX export in PyTorch required input formatting in NCHW layout.”", "4.1")
def _nchw(found: dict) -> Verdict:
    own = _tried(found, "onnx_layout")
    taken, refused = (
        " and ".join(row["tried"] for row in where(own, worked=worked)) or "nothing"
        for worked in (True, False)
    )
    return _comes_back(found, "onnx_layout"), f"The file takes {taken} and refuses {refused}."


def _batches(found: dict, export: str) -> list[bool]:
    """Return for each batch size whether an ONNX file exported with such a batch takes it."""
    return [row["worked"] for row in _tried(found, "onnx_batch") if f"a {export} b" in row["tried"]]


@claim("onnx-shapes", "“ONNXRuntime required consistent input shapes for inference.”", "4.2")
def _shapes(found: dict) -> Verdict:
    fixed, free = _batches(found, "fixed"), _batches(found, "dynamic")
    return _comes_back(found, "onnx_batch"), (
        f"A file exported with a fixed batch takes {sum(fixed)} of {len(fixed)} batch sizes, with "
        f"a free one {sum(free)} of {len(free)}."
    )


@claim("smoother-export", "“PyTorch had a smoother export to ONNX.”", "5, 6")
def _smoother(found: dict) -> Verdict:
    """Count the traps: direct routes to TFLite that fail, batch sizes that an ONNX file refuses."""
    routes = [row for row in _tried(found, "tflite_route") if row["tried"] != SAVE_SPEC]
    failed, takes = where(routes, worked=False), _batches(found, "fixed")
    evidence = (
        f"{len(failed)} of {len(routes)} direct routes to TFLite fail; an ONNX file with a fixed "
        f"batch refuses {takes.count(False)} of {len(takes)} batch sizes."
    )
    if bool(failed) != all(takes):
        return NO_CLEAR_DIFFERENCE, evidence
    return CONFIRMED if failed else REFUTED, evidence


@claim("limited-by-cpu", "“Training on CPU (Intel Core i5) limited performance.”", "4.3")
def _limited_by_cpu(found: dict) -> Verdict:
    raise NotTestable("Nothing here trains one network on two kinds of device.")
