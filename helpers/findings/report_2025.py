"""What the 2025 report states, what it leaves open and is reconstructed here, its factor apart."""

from helpers.benchmark.timers_2025 import FAIR, FORWARD
from helpers.core.old_results import Missing, main_architecture, main_rows, where
from helpers.core.units import counted
from helpers.data.mnist import Source
from helpers.findings import ratios
from helpers.findings.seeds import FRAMEWORKS, main_kind

# What its table states (section 3): test accuracies, and the seconds of an "inference".
ACCURACY_2025 = {"tensorflow": 0.9714, "pytorch": 0.9739}
SECONDS_2025 = {"tensorflow": 1.36, "pytorch": 5.19, "onnxruntime": 0.045}
TABLE_2025 = {"tensorflow": "TensorFlow", "pytorch": "PyTorch", "onnxruntime": "ONNXRuntime"}
NAMES = {**FRAMEWORKS, "onnxruntime": "ONNX Runtime"}
# The versions that it names (section 2.1).
VERSIONS_2025 = {"tensorflow": "2.16.2", "torch": "2.2.2"}
# What is taken for its network and for how it trained it; a training of fewer epochs is not held
# against its accuracies.
ARCHITECTURE_2025, RECIPE_2025, WEIGHTS_2025, LEAST_EPOCHS = "mlp", "lab", 101_770, 10
# What it does not state: what is assumed here, and why.
ASSUMPTIONS = (
    {
        "open": "hidden layer",
        "assumed": "128 units with ReLU",
        "why": "It names Flatten, Dense and ReLU. TensorFlow's first tutorial takes 128 units.",
    },
    {
        "open": "optimiser",
        "assumed": "Adam with a constant learning rate",
        "why": "TensorFlow's first tutorial takes Adam.",
    },
    {
        "open": "batch size, learning rate, epochs",
        "assumed": "those of the lab recipe",
        "why": "Nothing tells them. They were chosen here on validation images.",
    },
    {
        "open": "what is a time of inference",
        "assumed": "one pass over all 10,000 test images",
        "why": "The table has one time beside one test accuracy.",
    },
    {
        "open": "TensorFlow's timer",
        "assumed": "a clock around a first `evaluate`",
        "why": "It is the call of Keras that gives a test accuracy.",
    },
    {
        "open": "PyTorch's timer",
        "assumed": "a clock around a loop over a DataLoader with ToTensor, 64 images a batch",
        "why": "PyTorch's first tutorial tests a network so, and the report uses TorchVision.",
    },
    {
        "open": "ONNX Runtime's timer",
        "assumed": "a clock around one `session.run` on an array that is ready",
        "why": "ONNX Runtime's own guide runs a network so.",
    },
)


def full_test_set(results: dict) -> None:
    """Raise Missing with the reason when the test images are not all those of MNIST."""
    images = Source(**results["run"]["dataset"])
    if images.name != "mnist":
        raise Missing(f"the test images were {images.test:,} of {images.title}, not the full MNIST")


def trained_here(results: dict) -> None:
    """Raise Missing with the reason when the network of 2025 was not trained by its recipe.

    That is on all training images, for LEAST_EPOCHS epochs or more.
    """
    _has_its_weights(results)
    kind = {"architecture": ARCHITECTURE_2025, "recipe": RECIPE_2025}
    found = where(results["seeds"], **kind)
    if not found:
        raise Missing(f"no {ARCHITECTURE_2025} by the {RECIPE_2025} recipe was trained")
    images = results["run"]["parameters"]["01_tensorflow_tflite"]["TRAIN_IMAGES"]
    epochs = min(row["epochs"] for row in found)
    if images:
        raise Missing(f"the networks were trained on {images:,} images, not on all")
    if epochs < LEAST_EPOCHS:
        raise Missing(
            f"the networks were trained for {counted(epochs, 'epoch')}; fewer than {LEAST_EPOCHS} "
            "are too few to hold against the accuracies of 2025"
        )


def timed_here(results: dict) -> None:
    """Raise Missing with the reason when the main network is not that of 2025."""
    _has_its_weights(results)
    network = main_architecture(results["models"])
    if network != ARCHITECTURE_2025:
        raise Missing(
            f"the timed network is the {network}, what is taken for that of 2025 is the "
            f"{ARCHITECTURE_2025}"
        )


def _has_its_weights(results: dict) -> None:
    found = where(results["models"], architecture=ARCHITECTURE_2025)
    if not found:
        raise Missing(f"no {ARCHITECTURE_2025} was trained")
    weights = found[0]["parameters"]
    if weights != WEIGHTS_2025:
        raise Missing(
            f"the {ARCHITECTURE_2025} here has {weights:,} weights, what is taken for the network "
            f"of 2025 has {WEIGHTS_2025:,}"
        )


def of_2025(run: dict) -> bool:
    """Tell whether a run was made with 2025's versions, whatever a build's "+cpu" says."""
    found = {name: run["packages"].get(name, "").partition("+")[0] for name in VERSIONS_2025}
    return found == VERSIONS_2025


def is_main_training(results: dict) -> bool:
    """Tell whether the main network and its first recipe are those taken for 2025's."""
    return not difference(results) and main_kind(results["seeds"])[1] == RECIPE_2025


def difference(results: dict) -> str:
    """Return in words what is not as in 2025 about the network, "" when nothing is."""
    for need in (_has_its_weights, timed_here):
        try:
            need(results)
        except Missing as missing:
            return f"This is not the network taken for that of 2025: {missing}."
    return ""


def claimed_ratio(slow: str, fast: str = "onnxruntime") -> float:
    """Return how many times longer `slow` took than `fast` in the 2025 report."""
    return SECONDS_2025[slow] / SECONDS_2025[fast]


def steps(results: dict) -> list[tuple[str, float, ratios.Bounds | None]]:
    """Return PyTorch's time over ONNX Runtime's with less and less beside inference in the timers.

    Each step is (words, factor, its bounds or None). The stages of PyTorch's 2025 time are taken
    out one after the other, the longest first; what is left then is the forward pass, the last
    the ratio on the same array, where both were measured.
    """
    row, fast = timer(results, "pytorch"), timer(results, "onnxruntime")
    left_s = row["total_s"]
    found = [
        ("as the 2025 report gives it, on its machine", claimed_ratio("pytorch"), None),
        ("by the timers as reconstructed, here", *ratios.of_timers(row, fast)),
    ]
    outside = {stage: s for stage, s in row["stages"].items() if stage != FORWARD}
    for number, stage in enumerate(sorted(outside, key=outside.get, reverse=True)):
        left_s -= outside[stage]
        found.append((f"{'nor' if number else 'without'} {stage}", left_s / fast["total_s"], None))
    try:
        fair = ratios.of_runtimes(results, FAIR["pytorch"], FAIR["onnxruntime"])
    except Missing:
        return found
    return [*found, ("the same array, all images in one call, warmed up, for both", *fair)]


def timers(results: dict) -> list[dict]:
    """Return the rows of the timers; a fair one has the time that the main comparison measured.

    One quantity has one value: the fair timer's own clocks say only how its time is split.
    """
    rows = []
    for row in results["protocols"]:
        own = where(main_rows(results["latency"], "offline"), runtime=FAIR[row["runtime"]])
        if row["protocol"] == "fair" and own:
            shares = {stage: s / row["total_s"] for stage, s in row["stages"].items()}
            row = {
                **row,
                "total_s": own[0]["median_s"],
                "stages": {stage: share * own[0]["median_s"] for stage, share in shares.items()},
                **{key: own[0].get(key) for key in ("processes", "range_s", "ci95_s")},
            }
        rows.append(row)
    return rows


def timer(results: dict, name: str) -> dict:
    """Return the row of a timer of 2025. Raises Missing when there is none."""
    found = where(results["protocols"], protocol="report_2025", runtime=name)
    if not found:
        raise Missing(f"no time by the reconstructed timer of {NAMES[name]}")
    return found[0]
