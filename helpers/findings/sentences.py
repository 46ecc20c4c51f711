"""Sentences from results: they say the opposite when a number changes its sign.

Those about times are in `time_sentences`.
"""

import re
from statistics import fmean

from helpers.core.old_results import Missing, when_measured, where
from helpers.core.units import counted, points
from helpers.findings import claims, factor, report_2025, time_sentences
from helpers.findings.robustness import disturbance
from helpers.findings.seeds import (
    FRAMEWORKS,
    LEAST_SEEDS,
    expected_apart,
    kinds,
    main_kind,
    paired_difference,
    recipe_of_defaults,
    share_apart,
    summary,
)
from helpers.findings.time_sentences import listed
from helpers.models.evaluation import accuracy_ci95
from helpers.training.recipes import DEFAULTS


def _which(results: dict) -> str:
    return "the versions of 2025" if report_2025.of_2025(results["run"]) else "today's versions"


def about(results: dict) -> str:
    """Return what the report is, and which of its numbers its own run did not measure."""
    return (
        f"This report repeats the lab of 2025 with {_which(results)}. The notebooks measured its "
        "numbers, and `results.json` holds them; the card says when and on what each notebook ran. "
        "Some numbers come from elsewhere and are marked so: those of the 2025 report, and the "
        "known label errors of MNIST."
    )


def introduction(results: dict) -> str:
    """Return what the lab is about, and what this report does about it."""
    return (
        "The lab compares two deep learning frameworks, TensorFlow and PyTorch. It builds, trains "
        "and evaluates a small network on MNIST in each, exports it to TFLite and to ONNX, and "
        "runs the exports in LiteRT and ONNX Runtime. A report of 2025 did this once. This report "
        f"repeats it with {_which(results)}. It measures the times as the 2025 report most likely "
        "did, and in a fair way beside that. Then it judges each claim of 2025 by its own numbers."
    )


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


def weights(models: list[dict]) -> str:
    """Return the networks with their numbers of weights, such as "mlp with 101,770 weights"."""
    sizes = {row["architecture"]: row["parameters"] for row in models}
    return listed(f"{name} with {size:,} weights" for name, size in sizes.items())


def networks(results: dict) -> str:
    """Return what both frameworks train, on how many images, and whether 2025 trained the same."""
    models = results["models"]
    several = len({row["architecture"] for row in models}) > 1
    return (
        f"Both frameworks train the same network{'s' * several}: {weights(models)}. They train on "
        f"{training_images(models)}. {report_2025.difference(results)}"
    )


def training_images(models: list[dict]) -> str:
    """Return on how many images the networks were trained, apart from those for validation."""
    return counted(models[0]["train_images"], "image")


# What the recipes are; the lab one's step and batches are parameters.
RECIPES = {
    "lab": "The lab recipe is plain Adam with a learning rate of {LEARNING_RATE:g} and {images} a "
    "batch; it stands for that of 2025, whose report names none",
    "defaults": "The defaults recipe is the lab recipe with each framework's own initial weights "
    "and epsilon",
    "strong": "The strong recipe lets the learning rate rise and fall once and turns, shifts and "
    "bends the images anew in each epoch, by values chosen on validation images",
}


def recipes(results: dict) -> str:
    """Return by which recipes the networks are trained, for how long and from how many seeds."""
    given = results["run"]["parameters"]["01_tensorflow_tflite"]
    trained: dict[str, list[str]] = {}
    for architecture, recipe in kinds(results["seeds"]):
        own = where(results["seeds"], architecture=architecture, recipe=recipe)
        length = counted(own[0]["epochs"], "epoch")
        runs = counted(len({row["seed"] for row in own}), "seed")
        trained.setdefault(recipe, []).append(f"the {architecture} for {length} from {runs}")
    given = {**given, "images": counted(given["BATCH_SIZE"], "image")}
    told = [
        f"{RECIPES[recipe].format(**given)}. It trains {listed(clauses)}."
        for recipe, clauses in trained.items()
    ]
    own = (
        " By the defaults recipe it gives them the same batches alone."
        if "defaults" in trained
        else ""
    )
    told.append(f"A seed gives both frameworks the same initial weights and batches.{own}")
    return " ".join(told)


def software(run: dict) -> str:
    """Return what timed the networks, and on what; `run` is that of results.json."""
    timed = run["made"]["03_runtime_comparison"]
    machine, version = timed["machine"], timed["packages"]
    packages = [f"{title} {version[name]}" for name, title in SOFTWARE.items() if name in version]
    threads = counted(run["parameters"]["03_runtime_comparison"]["THREADS"], "thread")
    return (
        f"The times were measured with Python {machine['python']}, {listed(packages)} on "
        f"{machine['cpu']} with at most {threads}, on the CPU alone."
    )


# What a reader wants to know the version of, under the name that it is known by.
SOFTWARE = {
    "tensorflow": "TensorFlow",
    "torch": "PyTorch",
    "onnx": "ONNX",
    "onnxruntime": "ONNX Runtime",
    "ai-edge-litert": "LiteRT",
}


def trained(name: str, seeds: list[dict]) -> str:
    """Return what the runs of one framework reached on the test set, a clause a kind."""
    parts = []
    for row in summary(seeds):
        runs = "one run" if row["runs"] == 1 else f"the mean of {row['runs']} runs"
        network = f"{row['architecture']} by the {row['recipe']} recipe"
        parts.append(f"{row['mean']:.2%} with the {network} ({runs})")
    return f"{name} reached {', '.join(parts)}."


def sizes(exports: list[dict], form: str) -> str:
    """Return the bytes of the main network's exports in a format, by precision.

    `exports` are those of one framework, the main network's first.
    """
    return ", ".join(
        f"{row['bytes']:,} bytes ({row['precision']})"
        for row in where(exports, format=form, source=exports[0]["source"])
    )


def gates(exports: list[dict], images: int) -> str:
    """Return how many exports passed the gate, and how many of `images` the smaller ones change."""
    failed = [f"{row['id']}: {row['gate']}" for row in exports if row["gate"] != "passed"]
    if failed:
        return f"Not every export gives its source's logits ({'; '.join(failed)})."
    exact = where(exports, precision="float32")
    same = sum(row["agreement"] == 1 for row in exact)
    said = [
        f"The gate passed {counted(len(exports), 'export')}, and refused none.",
        f"In {same} of {counted(len(exact), 'file')} of 32 bits every test image keeps its class.",
    ]
    smaller = [row for row in exports if row["precision"] != "float32"]
    if smaller:
        worst = min(smaller, key=lambda row: row["agreement"])
        changed = round((1 - worst["agreement"]) * images)
        said.append(
            f"The smaller file that changes most is {worst['id']}: the class of "
            f"{counted(changed, 'image')}, of {images:,} in all."
        )
    return " ".join(said)


@when_measured
def seed_difference(seeds: list[dict], *kind: str) -> str:
    """Return how PyTorch's accuracy compares with TensorFlow's over paired seeds.

    `kind` is an architecture and a recipe, without them those of the first training.
    """
    architecture, recipe = kind or main_kind(seeds)
    paired = paired_difference(seeds, architecture, recipe)
    apart = f"{100 * abs(paired['mean']):.2f} points"
    order = "more" if paired["mean"] > 0 else "less"
    words = f"PyTorch is {apart} {order} accurate than TensorFlow"
    if paired["mean"] == 0:
        words = "PyTorch is exactly as accurate as TensorFlow"
    elif apart == "0.00 points":
        words = "PyTorch's accuracy is less than 0.01 points from TensorFlow's"
    words += f" over {counted(paired['pairs'], 'paired seed')}"
    if not paired["ci95"]:
        return f"{words}, too few seeds to tell the frameworks apart"
    low, high = (100 * value for value in paired["ci95"])
    shown = "does not show" if low <= 0 <= high else "shows"
    what = "of their defaults" if recipe == DEFAULTS else "of the frameworks"
    return (
        f"{words} (95 % interval {points(low)} to {points(high)}), which {shown} an effect {what} "
        "on the accuracy"
    )


@when_measured
def defaults(seeds: list[dict]) -> str:
    """Return what each framework's own initial weights and epsilon do to the main network."""
    architecture, _ = main_kind(seeds)
    compared = seed_difference(seeds, architecture, DEFAULTS)
    if not compared:
        return ""
    return (
        f"With each framework's own initial weights and epsilon (the {DEFAULTS} recipe) {compared}."
    )


@when_measured
def seed_alone(seeds: list[dict]) -> str:
    """Return how often two runs of one framework are as far apart as 2025's two frameworks."""
    architecture, lab = main_kind(seeds)
    kind = architecture, recipe_of_defaults(seeds, architecture, lab)
    claimed = report_2025.ACCURACY_2025["pytorch"] - report_2025.ACCURACY_2025["tensorflow"]
    expected = expected_apart(seeds, *kind, claimed)
    return (
        f"A seed alone gives a difference of {100 * claimed:.2f} points or more in "
        f"{share_apart(seeds, *kind, claimed):.0%} of the pairs of one framework's runs (the "
        f"{kind[0]} by the {kind[1]} recipe). Normal distributions as wide as these runs expect "
        f"{expected:.0%}."
    )


def short_commit(commit: str) -> str:
    """Return a commit in twelve digits, with its -dirty; git's reason where it is not known."""
    digits, mark, rest = commit.partition("-dirty")
    return (digits[:12] if re.fullmatch("[0-9a-f]+", digits) else digits) + mark + rest


# Of the largest weight: no rule that differs leaves so small a difference after an epoch.
ROUNDED = 1e-3


def paired_trainings(rows: list[dict]) -> str:
    """Return how far two trainings from the same start drift apart, and why."""
    first, last = rows[0], rows[-1]
    words = (
        "From the same weights, by the same rule and through the same batches, the losses of the "
        f"two frameworks differ by {first['loss_difference']:.1e} in the first epoch, the weights "
        f"after it by at most {first['weight_difference']:.1e}."
    )
    if len(rows) > 1:
        words += (
            f" After {counted(len(rows), 'epoch')} the weights differ by at most "
            f"{last['weight_difference']:.1e}, where the largest is {last['largest_weight']:.1f}."
        )
    if first["weight_difference"] > ROUNDED * first["largest_weight"]:
        return f"{words} Whether rounding alone makes so much of it is not shown here."
    words += " So small a difference at first is rounding."
    if last["weight_difference"] > 10 * first["weight_difference"]:
        words += (
            " Training amplifies it: it decides which ReLUs pass an image, and Adam takes a full "
            "step from a small gradient."
        )
    return words


def errors(common: list[dict], reliability: list[dict]) -> str:
    """Return how many images all models get wrong and why, and how sure the models are."""
    known = sum(bool(row["label_error"]) for row in common)
    words = f"Every model gets {counted(len(common), 'test image')} wrong."
    if any(row["label_error"] is not None for row in common):
        explained = sum(bool(row["explained"]) for row in common)
        words += (
            f" The labels of {known} are known to be wrong. On {explained} of them the models give "
            "the class that most readers chose, so there the label is the cause."
        )
    return f"{words} {calibration(reliability)}"


def calibration(reliability: list[dict]) -> str:
    """Return whether a model knows best how sure to be, and whether chance explains its error."""
    least = min(reliability, key=lambda row: row["ece"])
    low, high = least["ece_ci95"]
    near = [row["model"] for row in reliability if row is not least and row["ece_ci95"][0] <= high]
    words = f"{least['model']} knows best how sure to be"
    if near:
        words = (
            f"Which model knows best how sure to be is not shown: the intervals of "
            f"{listed([least['model'], *near])} overlap"
        )
    by_chance = sum(row["ece"] <= row["calibrated_ece_ci95"][1] for row in reliability)
    return (
        f"{words}. The smallest expected calibration error is {least['ece']:.2%} "
        f"({least['model']}, 95 % interval {100 * low:.2f}–{100 * high:.2f}%). A perfectly "
        f"calibrated model with the same confidences would show {least['calibrated_ece']:.2%} by "
        f"chance. In {by_chance} of {counted(len(reliability), 'model')} the error is no larger "
        "than chance can make it."
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
        f"{100 * spreads[case]:.2f} points ({low}, {disturbance(*case[2:])}; "
        f"{counted(robustness[0]['images'], 'image')})."
    )


def directions(robustness: list[dict]) -> str:
    """Return for which file and disturbance the two directions differ most."""
    by_case = {(r["model"], r["perturbation"], r["amount"]): r["accuracy"] for r in robustness}
    apart = {
        case: by_case[case] - by_case[*case[:2], -case[2]]
        for case in by_case
        if case[2] and (*case[:2], -case[2]) in by_case
    }
    if not any(apart.values()):
        return ""
    model, kind, amount = max(apart, key=apart.get)
    better, worse = by_case[model, kind, amount], by_case[model, kind, -amount]
    return (
        f"The direction counts: with a {disturbance(kind, amount)} {model} gets {better:.1%} of "
        f"the images right, with one of {-amount:g} only {worse:.1%}."
    )


def accuracy(results: dict) -> str:
    """Return what the main network reaches in each framework by the recipe it is trained by first.

    Raises Missing when a framework did not train it.
    """
    architecture, recipe = main_kind(results["seeds"])
    images, reached = results["run"]["dataset"]["test"], []
    rows = where(summary(results["seeds"]), architecture=architecture, recipe=recipe)
    for framework, title in FRAMEWORKS.items():
        (row,) = where(rows, framework=framework) or [None]
        if row is None:
            raise Missing(f"no {architecture} by the {recipe} recipe in {title}")
        reached.append(f"{row['mean']:.2%} in {title} ({_certainty(row, images)})")
    return f"the {architecture} by the {recipe} recipe reaches {listed(reached)}"


def _certainty(row: dict, images: int) -> str:
    """Return how certain a mean accuracy of `summary` is.

    The interval of a mean comes from its seeds. One network's is that of its share of the images,
    and tells nothing about another seed.
    """
    if row["runs"] == 1:
        low, high = accuracy_ci95(row["mean"], images)
        of = f"one network, whose 95 % interval over the {counted(images, 'test image')} is "
    elif row["mean_ci95"]:
        low, high = row["mean_ci95"]
        of = f"the mean of {counted(row['runs'], 'seed')}, 95 % interval "
    else:
        few = counted(row["runs"], "seed")
        return f"the mean of {few}, and an interval takes {LEAST_SEEDS}"
    return f"{of}{100 * low:.2f}–{100 * high:.2f}%"


def seeds_behind(results: dict) -> str:
    """Return from how many seeds the main network's mean accuracy comes."""
    architecture, recipe = main_kind(results["seeds"])
    own = where(results["seeds"], architecture=architecture, recipe=recipe)
    seeds = counted(len({row["seed"] for row in own}), "seed")
    return f"the {architecture} by the {recipe} recipe was trained from {seeds}"


def not_of_2025(results: dict) -> str:
    """Return whether the network above is what is taken for that of 2025, and so its recipe."""
    if report_2025.is_main_training(results):
        return "Network and recipe are those that stand for 2025's here."
    return report_2025.difference(results) or "This is not the recipe that stands for 2025's here."


@when_measured
def best(results: dict) -> str:
    """Return which network by which recipe has the highest mean accuracy, in each framework."""
    rows = summary(results["seeds"])
    if not rows:
        raise Missing("no network was trained")
    of = {
        kind: where(rows, architecture=kind[0], recipe=kind[1]) for kind in kinds(results["seeds"])
    }
    architecture, recipe = max(of, key=lambda kind: fmean(row["mean"] for row in of[kind]))
    reached = (
        f"{row['mean']:.2%} in {FRAMEWORKS[row['framework']]}" for row in of[architecture, recipe]
    )
    return f"The {architecture} by the {recipe} recipe reaches most: {listed(reached)}."


def findings(results: dict) -> str:
    """Return the main findings as a Markdown list, each linked to its evidence.

    What was not measured is left out.
    """
    accuracies = [f"{seed_difference(results['seeds'])}.", best(results)]
    apart = "[The 2025 times taken apart](#The-2025-times-taken-apart)"
    found = {
        apart: factor.headline(results),
        "[Time](#Time)": time_sentences.fastest(results),
        "[Accuracy](#Accuracy)": " ".join(words for words in accuracies if words.strip(".")),
        "[Exports](#Exports)": gates(results["exports"], results["run"]["dataset"]["test"]),
        "[Verdicts](#Verdicts)": claims.sentence(results["claims"]),
    }
    said = [f"{sentence} {link}" for link, sentence in found.items() if sentence]
    return "\n".join(f"{number}. {words}" for number, words in enumerate(said, start=1))


def judged(claim: dict) -> str:
    """Return the verdict on a claim of the 2025 report, with a link to its evidence."""
    words = claim["claim"].rstrip(".")
    return f'On the claim of 2025 "{words}" the [verdict](#Verdicts) is: {claim["verdict"]}.'
