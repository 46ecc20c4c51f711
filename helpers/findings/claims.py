"""The 2025 report's claims, and how each is decided from results.json."""

from collections import Counter
from collections.abc import Callable

from statsmodels.stats.proportion import confint_proportions_2indep

from helpers.benchmark.timers_2025 import FAIR
from helpers.core.results import Missing, main_architecture, one, where
from helpers.data.mnist import Source
from helpers.findings.report_2025 import (
    ACCURACY_2025,
    ARCHITECTURE_2025,
    IMAGES_2025,
    NAMES,
    RECIPE_2025,
    SECONDS_2025,
    fair_ratio,
    outside_share,
    protocol_ratio,
    timed_here,
    timer,
    trained_here,
)
from helpers.findings.seeds import accuracies, paired_difference
from helpers.findings.verdicts import (
    CONFIRMED,
    EXPLAINED,
    NOT_TESTABLE,
    REFUTED,
    Check,
    Verdict,
    measured,
)
from helpers.models.evaluation import accuracy_ci95

# A ratio within this factor of the claimed one is the same ratio on another machine.
SAME_FACTOR = 2


def _lab_accuracy(results: dict, framework: str) -> tuple[float, int]:
    """Return the mean test accuracy of the 2025 network and recipe, and of how many runs."""
    found = accuracies(results["seeds"], framework, ARCHITECTURE_2025, RECIPE_2025)
    return sum(found.values()) / len(found), len(found)


def _full_test_set(results: dict) -> None:
    images = Source(**results["run"]["dataset"])
    if images.name != "mnist":
        raise Missing(
            f"the chain's run used {images.test:,} test images of {images.title}, not the full "
            "MNIST"
        )


def _accuracy(framework: str) -> Callable[[dict], Verdict]:
    def decide(results: dict) -> Verdict:
        mean, runs = _lab_accuracy(results, framework)
        low, high = accuracy_ci95(mean, IMAGES_2025)
        low_2025, high_2025 = accuracy_ci95(ACCURACY_2025[framework], IMAGES_2025)
        over = f", the mean of {runs} seeds" if runs > 1 else ""
        found = f"{mean:.2%} here{over}, 95 % interval {low:.2%} to {high:.2%}"
        if low > high_2025:
            return EXPLAINED, f"{found}: the 2025 network was not trained to its end."
        if high < low_2025:
            return REFUTED, f"{found}, below the 2025 interval."
        return CONFIRMED, f"{found}, which overlaps the 2025 interval."

    return decide


def _more_accurate(results: dict) -> Verdict:
    paired = paired_difference(results["seeds"], ARCHITECTURE_2025, RECIPE_2025)
    own = {name: _lab_accuracy(results, name)[0] for name in ACCURACY_2025}
    low, high = paired["ci95"] or _difference_ci95(own)
    low_2025, high_2025 = _difference_ci95(ACCURACY_2025)
    claimed = ACCURACY_2025["pytorch"] - ACCURACY_2025["tensorflow"]
    over = f"over {paired['pairs']} paired seeds" if paired["ci95"] else "from one seed each"
    evidence = (
        f"{100 * paired['mean']:+.2f} points here {over}, 95 % interval "
        f"{100 * low:+.2f} to {100 * high:+.2f}; the 2025 numbers themselves give "
        f"{100 * low_2025:+.2f} to {100 * high_2025:+.2f}."
    )
    if low > 0 and high >= claimed:
        return CONFIRMED, evidence
    if low > 0 or high < 0:
        return REFUTED, evidence
    return EXPLAINED, evidence + " What differs is the seed, not the framework."


def _difference_ci95(accuracies: dict[str, float]) -> tuple[float, float]:
    """Return the interval of PyTorch's accuracy less TensorFlow's, unpaired (Newcombe 1998)."""
    counts = [round(accuracies[name] * IMAGES_2025) for name in ("pytorch", "tensorflow")]
    return confint_proportions_2indep(
        counts[0],
        IMAGES_2025,
        counts[1],
        IMAGES_2025,
        method="newcomb",
        compare="diff",
    )


def _pytorch_and_its_onnx(results: dict) -> tuple[dict, dict]:
    """Return the rows of PyTorch's main network and of its float32 ONNX file."""
    network = main_architecture(results["models"])
    source = one(results["models"], architecture=network, framework="pytorch")
    kind = {"format": "onnx", "precision": "float32", "input": "scaled"}
    return source, one(results["exports"], source=source["id"], **kind)


def _onnx_equals_pytorch(results: dict) -> Verdict:
    source, export = _pytorch_and_its_onnx(results)
    evidence = (
        f"{export['test_accuracy']:.2%} against {source['test_accuracy']:.2%}; "
        f"{export['agreement']:.2%} of the classes are the same."
    )
    same = export["agreement"] == 1 and export["test_accuracy"] == source["test_accuracy"]
    return (CONFIRMED if same else REFUTED), evidence


def _seconds(name: str) -> Callable[[dict], Verdict]:
    def decide(results: dict) -> Verdict:
        row = timer(results, name)
        share = outside_share(results, name)
        factor = row["total_s"] / SECONDS_2025[name]
        evidence = (
            f"{row['total_s']:.3f} s here by the 2025 protocol, {share:.0%} of it outside the "
            "forward pass."
        )
        if share > 0.5:
            return EXPLAINED, evidence
        same = 1 / SAME_FACTOR <= factor <= SAME_FACTOR
        return (CONFIRMED, evidence) if same else (NOT_TESTABLE, evidence + " Another machine.")

    return decide


def _times_faster(slow: str, fast: str = "onnxruntime") -> Callable[[dict], Verdict]:
    def decide(results: dict) -> Verdict:
        claimed = SECONDS_2025[slow] / SECONDS_2025[fast]
        old, fair = protocol_ratio(results, slow, fast), fair_ratio(results, slow, fast)
        evidence = (
            f"{old:.0f} times by the 2025 protocol here, {fair:.2g} times when both get the same "
            "array and return logits."
        )
        if claimed / SAME_FACTOR <= fair <= claimed * SAME_FACTOR:
            return CONFIRMED, evidence
        return (EXPLAINED if old > SAME_FACTOR * fair else REFUTED), evidence

    return decide


def _tflite_workaround(results: dict) -> Verdict:
    routes = results["challenges"]["tflite_routes"]
    direct = one(routes, route="from_keras_model(model)")
    broken = [row["route"] for row in routes if row["gate"] not in ("passed", "no file")]
    evidence = f"from_keras_model: {direct['outcome']}, gate: {direct['gate']}."
    if broken:
        evidence += f" Files that fail the gate without any error: {', '.join(broken)}."
    return (REFUTED if direct["gate"] == "passed" else CONFIRMED), evidence


def _nchw(results: dict) -> Verdict:
    offers = results["challenges"]["onnx_layouts"]
    refused = [row["shape"] for row in offers if not row["accepted"]]
    evidence = f"Refused shapes: {', '.join(refused) or 'none'}."
    return (CONFIRMED if refused else REFUTED), evidence


def _consistent_shapes(results: dict) -> Verdict:
    offers = results["challenges"]["onnx_batches"]
    fixed, dynamic = (
        [row["accepted"] for row in offers if row["export"] == name]
        for name in ("fixed", "dynamic")
    )
    evidence = (
        f"The fixed-batch export takes {sum(fixed)} of {len(fixed)} batch sizes, the dynamic one "
        f"{sum(dynamic)} of {len(dynamic)}."
    )
    if not all(dynamic):
        return CONFIRMED, evidence
    return (REFUTED if all(fixed) else EXPLAINED), evidence


def _smoother_export(results: dict) -> Verdict:
    routes = results["challenges"]["tflite_routes"]
    files = [row for row in routes if row["gate"] != "no file"]
    silent = [row for row in files if row["gate"] != "passed"]
    _, onnx = _pytorch_and_its_onnx(results)
    evidence = (
        f"{len(silent)} of {len(files)} direct TFLite routes that wrote a file wrote a broken one; "
        f"the ONNX export's gate: {onnx['gate']}."
    )
    return (CONFIRMED if silent and onnx["gate"] == "passed" else REFUTED), evidence


def _viable(results: dict) -> Verdict:
    least = min(ACCURACY_2025.values())
    accuracies = [model["test_accuracy"] for model in results["models"]]
    gates = {row["gate"] for row in where(results["exports"], precision="float32")}
    good = min(accuracies) >= least and gates == {"passed"}
    evidence = f"Lowest test accuracy {min(accuracies):.2%}; export gates: {', '.join(gates)}."
    return (CONFIRMED if good else REFUTED), evidence


def _limited_by_cpu(results: dict) -> Verdict:
    kind = {"architecture": ARCHITECTURE_2025, "recipe": RECIPE_2025}
    longest = max(row["train_seconds"] for row in where(results["seeds"], **kind))
    evidence = (
        f"The longest training by the recipe of 2025 took {longest:.1f} s on "
        f"{results['run']['machine']['cpu']}."
    )
    return (REFUTED if longest < 60 else CONFIRMED), evidence


def _ratio_text(slow: str) -> str:
    return f"{SECONDS_2025[slow] / SECONDS_2025['onnxruntime']:.0f} times"


FULL = (_full_test_set,)
# What claims about the network of 2025 need.
TRAINED, TIMED = (*FULL, trained_here), (*FULL, timed_here)
CLAIMS = (
    *(
        Check(
            f"accuracy-{name}",
            f"{NAMES[name]} reaches {value:.2%}.",
            _accuracy(name),
            TRAINED,
        )
        for name, value in ACCURACY_2025.items()
    ),
    Check(
        "pytorch-more-accurate",
        "PyTorch is 0.25 points more accurate.",
        _more_accurate,
        TRAINED,
    ),
    Check("onnx-equals-pytorch", "ONNX Runtime is as accurate as PyTorch.", _onnx_equals_pytorch),
    *(
        Check(f"time-{name}", f"{NAMES[name]} needs {value:g} s.", _seconds(name), TIMED)
        for name, value in SECONDS_2025.items()
    ),
    *(
        Check(
            f"onnxruntime-faster-than-{name}",
            f"ONNX Runtime is {_ratio_text(name)} faster than {NAMES[name]}.",
            _times_faster(name),
            (timed_here, measured(FAIR[name], FAIR["onnxruntime"])),
        )
        for name in ("pytorch", "tensorflow")
    ),
    Check("tflite-workaround", "TFLite export needs a work-around.", _tflite_workaround),
    Check("onnx-nchw", "ONNX export needs input in NCHW layout.", _nchw),
    Check("onnx-shapes", "ONNX Runtime needs consistent input shapes.", _consistent_shapes),
    Check("smoother-export", "PyTorch exports more smoothly.", _smoother_export),
    Check("both-viable", "Both frameworks are viable.", _viable, FULL),
    Check(
        "limited-by-cpu",
        "Training on a CPU limits performance.",
        _limited_by_cpu,
        (*FULL, trained_here),
    ),
)


def sentence(rows: list[dict]) -> str:
    """Return how many claims of the 2025 report got which verdict."""
    counts = Counter(row["verdict"] for row in rows)
    counted = ", ".join(f"{count} {verdict}" for verdict, count in counts.most_common())
    return f"Of the 2025 report's {len(rows)} claims: {counted}."
