"""Sentences from results: they say the opposite when a number changes its sign."""

import functools
from collections.abc import Callable

import pandas as pd

from helpers.benchmark.runtimes import RUNTIMES
from helpers.core.results import Missing, main_rows, one, timed, where, with_most_threads
from helpers.core.units import duration, ratio, times
from helpers.findings import claims, report_2025
from helpers.findings.seeds import FRAMEWORKS, mean_accuracy, paired_difference, summary
from helpers.findings.verdicts import CONFIRMED, NOT_TESTABLE
from helpers.models.evaluation import accuracy_ci95
from helpers.training.tuning import CHOSEN


def interval(accuracy: float, images: int) -> str:
    """Return the 95 % interval of an accuracy as text."""
    low, high = accuracy_ci95(accuracy, images)
    return f"{100 * low:.2f}–{100 * high:.2f}%"


def when_measured(say: Callable[..., str]) -> Callable[..., str]:
    """Let a sentence about something that was not measured say so."""

    @functools.wraps(say)
    def said(*arguments: object) -> str:
        try:
            return say(*arguments)
        except Missing as missing:
            return f"(not measured here: {missing})"

    return said


def faster(ratio: float, low: float, high: float) -> str:
    """Return how a time compares with its baseline, from its ratio and the ratio's interval."""
    if low <= 1 <= high:
        return "tied with"
    return f"{times(1 / ratio)} as fast as" if ratio < 1 else f"{times(ratio)} as slow as"


@when_measured
def compare_to_baseline(results: dict, runtime: str, scenario: str) -> str:
    """Return a clause such as "ONNX Runtime is 1.2 times as fast as PyTorch"."""
    row = timed(results, runtime, scenario)
    if row["ratio"] is None:
        return f"{RUNTIMES[runtime].title} takes {duration(row['median_s'])}"
    words = faster(row["ratio"], *row["ratio_ci95"])
    return f"{RUNTIMES[runtime].title} is {words} {RUNTIMES[row['baseline']].title}"


@when_measured
def headline(results: dict) -> str:
    """Return how much of the 2025 factor between PyTorch and ONNX Runtime is inference."""
    outside = report_2025.outside_share(results, "pytorch")
    claimed = report_2025.claimed_ratio("pytorch")
    timers = times(report_2025.protocol_ratio(results, "pytorch"))
    inference = times(report_2025.inference_ratio(results))
    return (
        f"{outside:.0%} of PyTorch's time behind the factor of {claimed:.0f} is not inference: the "
        f"timers of 2025 differ by {timers} here, without what stood beside PyTorch's forward pass "
        f"by {inference}, and on the same array "
        f"{compare_to_baseline(results, 'onnxruntime', 'offline')}."
    )


@when_measured
def fastest(results: dict) -> str:
    """Return which runtime is fastest in each scenario, and what ties with it."""
    words = {"offline": "on the whole test set", "single_stream": "on a single image"}
    parts = []
    for scenario, place in words.items():
        rows = sorted(main_rows(results["latency"], scenario), key=lambda r: r["median_s"])
        if not rows:
            raise Missing(f"no times for {scenario}")
        best = rows[0]
        near = [
            RUNTIMES[row["runtime"]].title
            for row in rows[1:]
            if row["ci95_s"][0] <= best["ci95_s"][1]
        ]
        tied = f" (its interval meets that of {', '.join(near)})" if near else ""
        parts.append(f"{RUNTIMES[best['runtime']].title} is fastest {place}{tied}")
    return ", ".join(parts) + "."


@when_measured
def noise_floor(results: dict) -> str:
    """Return what the baseline gives beside itself, measured under two names (A/A)."""
    parts = []
    for row in results["noise_floor"]:
        if row["scenario"] == "sweep":
            continue
        low, high = row["ratio_ci95"]
        inside = "contains 1" if low <= 1 <= high else "does not contain 1: read ratios with care"
        parts.append(
            f"{row['scenario'].replace('_', '-')} {row['ratio']:.3f} ({low:.3f} to {high:.3f}, "
            f"which {inside})"
        )
    if not parts:
        raise Missing("the baseline was not measured twice")
    baseline = RUNTIMES[results["noise_floor"][0]["runtime"]].title
    return (
        f"The noise floor here is what {baseline} gives when it is measured a second time "
        f"under another name: {'; '.join(parts)}. No smaller difference means anything."
    )


@when_measured
def threads(results: dict) -> str:
    """Return what more threads gain the baseline, offline and with single images."""
    gains = []
    for scenario in ("offline", "single_stream"):
        most = timed(results, "pytorch", scenario)
        alone = one(results["latency"], runtime="pytorch", scenario=scenario, threads=1)
        gains.append(times(alone["median_s"] / most["median_s"]))
    return (
        f"With {most['threads']} threads instead of one PyTorch is {gains[0]} as fast on the whole "
        f"test set and {gains[1]} on a single image."
    )


def flags(results: dict) -> str:
    """Return how many of the rows carry which flag."""
    rows = results["latency"]
    counted = pd.Series([flag for row in rows for flag in row["flags"]], dtype=str).value_counts()
    if counted.empty:
        return f"None of the {len(rows)} rows is flagged."
    words = ", ".join(f"{flag}: {count}" for flag, count in counted.items())
    return f"Of {len(rows)} rows, these carry a flag: {words}."


def cold_start(results: dict) -> str:
    """Return how long PyTorch and ONNX Runtime take to their first answer."""
    seconds = {
        row["runtime"]: row["import_s"] + row["load_s"] + row["first_call_s"]
        for row in results["cold_start"]
    }
    first = [
        f"{RUNTIMES[name].title} gives its first answer after {duration(seconds[name])}"
        for name in sorted(seconds, key=seconds.get)
        if name in ("pytorch", "tf-function", "litert", "onnxruntime")
    ]
    return ", ".join(first) + "."


def dataset(results: dict) -> str:
    """Return what the choice of images limits."""
    source = results["run"]["dataset"]
    if source["name"] == "sample":
        return (
            f"A sample of {source['train']:,} training and {source['test']:,} test images, not the "
            "full MNIST: the accuracies are lower and less certain than on all of it."
        )
    if source["name"] != "mnist":
        return (
            f"The images are the {source['train']:,} training and {source['test']:,} test images "
            f"of {source['name']}, not MNIST: what the 2025 report claims of accuracies and times "
            "cannot be tested on them."
        )
    return (
        f"The {source['test']:,} test images of MNIST, a few of whose labels are known to be wrong "
        "(Northcutt et al. 2021)."
    )


def trained(name: str, seeds: list[dict]) -> str:
    """Return what the runs of one framework reached on the test set, a clause a kind."""
    parts = []
    for row in summary(seeds):
        runs = "one run" if row["runs"] == 1 else f"the mean of {row['runs']} runs"
        network = f"{row['architecture']} by the {row['recipe']} recipe"
        parts.append(f"{row['mean']:.2%} with the {network} ({runs})")
    return f"{name} reached {', '.join(parts)}."


def sizes(exports: list[dict], form: str) -> str:
    """Return the bytes of the mlp's exports in a format, by precision."""
    return ", ".join(
        f"{row['bytes']:,} bytes ({row['precision']})"
        for row in where(exports, format=form, input="scaled")
        if row["source"].startswith("mlp")
    )


def gates(exports: list[dict]) -> str:
    """Return how many exports passed the gate, and what those lose that are not float32."""
    failed = [f"{row['id']}: {row['gate']}" for row in exports if row["gate"] != "passed"]
    if failed:
        return f"Not every export gives its source's logits ({'; '.join(failed)})."
    exact = where(exports, precision="float32")
    same = sum(row["agreement"] == 1 for row in exact)
    words = f"all {len(exports)} exports passed the gate"
    words += f"; {same} of the {len(exact)} in float32 give every test image its source's class"
    smaller = [row for row in exports if row["precision"] != "float32"]
    if smaller:
        worst = min(smaller, key=lambda row: row["agreement"])
        words += (
            f", of the smaller ones {worst['id']} differs most, in {1 - worst['agreement']:.2%}"
        )
    return words[0].upper() + words[1:] + "."


@when_measured
def seed_difference(seeds: list[dict], architecture: str = "mlp", recipe: str = "lab") -> str:
    """Return how PyTorch's accuracy compares with TensorFlow's over paired seeds."""
    paired = paired_difference(seeds, architecture, recipe)
    points = f"{100 * abs(paired['mean']):.2f} points"
    order = "more" if paired["mean"] > 0 else "less"
    words = f"PyTorch is {points} {order} accurate than TensorFlow"
    if paired["mean"] == 0:
        words = "PyTorch is exactly as accurate as TensorFlow"
    if not paired["ci95"]:
        return f"{words}, from one seed each, which says nothing about the frameworks"
    low, high = (100 * value for value in paired["ci95"])
    verdict = "no difference" if low <= 0 <= high else "a difference"
    return (
        f"{words} over {paired['pairs']} paired seeds (95 % interval {low:+.2f} to "
        f"{high:+.2f}), which shows {verdict} between the frameworks"
    )


def raw_pixels(exports: list[dict]) -> str:
    """Return what the files that take raw pixels lose beside those that take scaled images."""
    by_id = {row["id"]: row for row in exports if row["test_accuracy"] is not None}
    pairs = [
        (row["id"], abs(row["test_accuracy"] - by_id[f"{row['id']}-pixels"]["test_accuracy"]))
        for row in by_id.values()
        if f"{row['id']}-pixels" in by_id
    ]
    same = sum(not difference for _, difference in pairs)
    words = f"{same} of the {len(pairs)} are exactly as accurate when they take raw pixels"
    if same < len(pairs):
        name, most = max(pairs, key=lambda pair: pair[1])
        words += f", and {name} differs most, by {100 * most:.2f} points"
    return f"{words}."


def tuning(trials: list[dict]) -> str:
    """Return whether a variant of the strong recipes did better than the chosen one."""
    if not trials:
        return "What was tried for the strong recipes is not in this folder; make tuning runs it."
    parts = []
    for architecture, own in pd.DataFrame(trials).groupby("architecture", sort=False):
        means = own.groupby("variant", sort=False)["validation_accuracy"].mean()
        others = means.drop(CHOSEN)
        best, gained = others.idxmax(), 100 * (others.max() - means[CHOSEN])
        parts.append(
            f"the best of {len(others)} changes of the {architecture}'s recipe ({best}) gives "
            f"{gained:+.2f} points beside the chosen one"
        )
    return f"On the validation images, over paired seeds, {' and '.join(parts)}."


def paired_trainings(rows: list[dict]) -> str:
    """Return how far two trainings from the same start drift apart."""
    first, last = rows[0], rows[-1]
    most = max(row["loss_difference"] for row in rows)
    return (
        f"From the same weights and batches the losses of the two frameworks differ by "
        f"{first['loss_difference'] / first['tensorflow_loss']:.2%} in the first epoch and by at "
        f"most {most:.1e} in any of {len(rows)} epoch(s), the weights in the end by at most "
        f"{last['weight_difference']:.1e}, where the largest is {last['largest_weight']:.1f}."
    )


def errors(common: list[dict], reliability: list[dict]) -> str:
    """Return how many images all models get wrong, and which model knows best how sure to be."""
    known = sum(bool(row["label_error"]) for row in common)
    words = f"{len(common)} test images are wrong for every model"
    if any(row["label_error"] is not None for row in common):
        words += f", {known} of them because of a known label error"
    least = min(reliability, key=lambda row: row["ece"])
    return (
        f"{words}; {least['model']} knows best how sure to be, with an expected calibration error "
        f"of {least['ece']:.2%}."
    )


def format_spread(robustness: list[dict]) -> str:
    """Return how far apart the files of one source are at most under any disturbance."""
    found: dict[tuple, dict[str, float]] = {}
    for row in robustness:
        architecture, framework = row["model"].split("-")[:2]
        case = architecture, framework, row["perturbation"], row["amount"]
        found.setdefault(case, {})[row["model"]] = row["accuracy"]
    spreads = {case: max(own.values()) - min(own.values()) for case, own in found.items()}
    case = max(spreads, key=spreads.get)
    low = min(found[case], key=found[case].get)
    if not spreads[case]:
        return "All files of a network are equally accurate on disturbed images."
    return (
        f"Under disturbance the files of one network differ by at most "
        f"{100 * spreads[case]:.2f} points ({low}, {case[2]} of {case[3]:g})."
    )


@when_measured
def framework_accuracy(results: dict, framework: str) -> str:
    """Return a framework's accuracy by the 2025 recipe, with its interval."""
    mean = mean_accuracy(results["seeds"], framework, "mlp", "lab")
    return f"{mean:.2%} ({interval(mean, results['run']['dataset']['test'])})"


@when_measured
def best(results: dict) -> str:
    """Return the highest mean test accuracy, and of which network."""
    rows = summary(results["seeds"])
    if not rows:
        raise Missing("no network was trained")
    most = max(rows, key=lambda row: row["mean"])
    network = f"the {most['architecture']} by the {most['recipe']} recipe"
    return f"{network} in {FRAMEWORKS[most['framework']]} reaches {most['mean']:.2%}"


def cross_sentence(results: dict) -> str:
    """Return by how much other weights and another runtime change the time of the mlp offline."""
    case = {"scenario": "offline", "precision": "float32", "architecture": "mlp"}
    by_runtime: dict[str, list[float]] = {}
    for row in where(with_most_threads(results["latency"]), **case):
        if RUNTIMES[row["runtime"]].every_file:
            by_runtime.setdefault(row["runtime"], []).append(row["median_s"])
    pairs = [max(times) / min(times) for times in by_runtime.values() if len(times) > 1]
    if not pairs:
        return "The weights of only one framework were timed."
    medians = [sum(times) / len(times) for times in by_runtime.values()]
    return (
        f"With the mlp offline, other weights change a runtime's time by a factor of at most "
        f"{ratio(max(pairs))}, another runtime by up to {ratio(max(medians) / min(medians))}."
    )


def findings(results: dict) -> str:
    """Return the main findings as a Markdown list, each linked to its evidence."""
    return "\n".join(
        [
            f"1. {headline(results)} [The 2025 times taken apart](#The-2025-times-taken-apart)",
            f"2. {fastest(results)} [Time](#Time)",
            f"3. {seed_difference(results['seeds'])}; {best(results)}. [Accuracy](#Accuracy)",
            f"4. {gates(results['exports'])} [Exports](#Exports)",
            f"5. {claims.sentence(results['claims'])} [Verdicts](#Verdicts)",
        ]
    )


def survives(claim: dict) -> str:
    """Return whether a claim of the 2025 report survives, and why."""
    fate = {CONFIRMED: "survives", NOT_TESTABLE: "cannot be tested here"}
    words = fate.get(claim["verdict"], "does not survive")
    return f'The 2025 claim "{claim["claim"].rstrip(".")}" {words}: {claim["evidence"]}'
