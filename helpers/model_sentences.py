"""The words for accuracies and exports: clauses that turn round when a number does."""

import pandas as pd

from helpers.core.results import Missing
from helpers.report import interval
from helpers.seeds import accuracies, kinds, paired_difference
from helpers.sentences import when_measured
from helpers.training.tuning import CHOSEN

TITLES = {"tensorflow": "TensorFlow", "pytorch": "PyTorch"}


def trained(name: str, seeds: list[dict]) -> str:
    """Return what the runs of one framework reached on the test set, a clause a kind."""
    parts = []
    for architecture, recipe in kinds(seeds):
        found = list(accuracies(seeds, seeds[0]["framework"], architecture, recipe).values())
        mean = sum(found) / len(found)
        runs = "one run" if len(found) == 1 else f"the mean of {len(found)} runs"
        parts.append(f"{mean:.2%} with the {architecture} by the {recipe} recipe ({runs})")
    return f"{name} reached {', '.join(parts)}."


def sizes(exports: list[dict], form: str) -> str:
    """Return the bytes of the mlp's exports in a format, by precision."""
    parts = [
        f"{row['bytes']:,} bytes ({row['precision']})"
        for row in exports
        if (row["format"], row["input"]) == (form, "scaled") and row["source"].startswith("mlp")
    ]
    return ", ".join(parts)


def gates(exports: list[dict]) -> str:
    """Return how many exports passed the gate, and what those lose that are not float32."""
    failed = [f"{row['id']}: {row['gate']}" for row in exports if row["gate"] != "passed"]
    if failed:
        return f"Not every export answers as its source does ({'; '.join(failed)})."
    exact = [row for row in exports if row["precision"] == "float32"]
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


def twins(rows: list[dict]) -> str:
    """Return how far two trainings from the same start drift apart."""
    first, last = rows[0], rows[-1]
    most = max(row["loss_difference"] for row in rows)
    return (
        f"From the same weights and batches the losses of the two frameworks differ by "
        f"{first['loss_difference'] / first['tensorflow_loss']:.2%} in the first epoch and by at "
        f"most {most:.1e} in any of {len(rows)} epoch(s), the weights in the end by at most "
        f"{last['weight_difference']:.1e}, where the largest is {last['largest_weight']:.1f}."
    )


def errors(common: list[dict], calibrations: dict[str, dict]) -> str:
    """Return how many images all models get wrong, and which model knows best how sure to be."""
    known = sum(bool(row["label_error"]) for row in common)
    words = f"{len(common)} test images are wrong for every model"
    if any(row["label_error"] is not None for row in common):
        words += f", {known} of them because of a known label error"
    least = min(calibrations, key=lambda name: calibrations[name]["error"])
    return (
        f"{words}; {least} is calibrated best, with an error of {calibrations[least]['error']:.2%}."
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
        return "All files of a network answer disturbed images equally well."
    return (
        f"Under disturbance the files of one network differ by at most "
        f"{100 * spreads[case]:.2f} points ({low}, {case[2]} of {case[3]:g})."
    )


@when_measured
def framework_accuracy(results: dict, framework: str) -> str:
    """Return a framework's accuracy by the 2025 recipe, with its interval."""
    found = list(accuracies(results["seeds"], framework, "mlp", "lab").values())
    mean = sum(found) / len(found)
    return f"{mean:.2%} ({interval(mean, results['run']['dataset']['test'])})"


@when_measured
def best(results: dict) -> str:
    """Return the highest mean test accuracy of the run, and of which network."""
    seeds = results["seeds"]
    means = {
        (TITLES[name], architecture, recipe): sum(found.values()) / len(found)
        for architecture, recipe in kinds(seeds)
        for name in TITLES
        if (found := accuracies(seeds, name, architecture, recipe))
    }
    if not means:
        raise Missing("no network was trained")
    (name, architecture, recipe), mean = max(means.items(), key=lambda item: item[1])
    return f"the {architecture} by the {recipe} recipe in {name} reaches {mean:.2%}"
