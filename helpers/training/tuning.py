"""What was tried for the strong recipes: one change each, judged on the validation images alone.

`make tuning` trains every variant and keeps what it gave, with its date, machine and commit; the
report quotes it. The test set is not opened here.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

from helpers.core import artifacts, process, provenance
from helpers.core.console import LabError
from helpers.data import mnist
from helpers.training.recipes import STRONG, Recipe

SEEDS = (1, 2)
CHOSEN = "as chosen"


# What was changed, one thing at a time: fields of the recipe, or of its augmentation.
CHANGES: dict[str, dict[str, dict[str, object]]] = {
    "mlp": {
        "60 epochs": {"epochs": 60},
        "peak learning rate 0.008": {"learning_rate": 8e-3},
        "weight decay 0.05": {"weight_decay": 0.05},
        "displacement 0.07": {"augmentation": {"displacement": 0.07}},
    },
    "cnn": {
        "4 epochs": {"epochs": 4},
        "betas 0.7 and 0.9": {"betas": (0.7, 0.9)},
        "scale and shear 0.1": {"augmentation": {"scale": 0.1, "shear": 0.1}},
        "displacement 0.03": {"augmentation": {"displacement": 0.03}},
    },
}


def variants(architecture: str) -> dict[str, Recipe]:
    """Return the chosen recipe of a network and those beside it, by what is changed."""
    chosen = STRONG[architecture]
    found = {CHOSEN: chosen, "no augmentation": replace(chosen, augmentation=None)}
    for name, change in CHANGES[architecture].items():
        if "augmentation" in change:
            change = {"augmentation": replace(chosen.augmentation, **change["augmentation"])}
        found[name] = replace(chosen, **change)
    return found


def trials() -> Iterator[dict]:
    """Yield every training to do: {architecture, variant, seed, recipe}."""
    for architecture in STRONG:
        for variant, recipe in variants(architecture).items():
            for seed in SEEDS:
                trial = {
                    "architecture": architecture,
                    "variant": variant,
                    "seed": seed,
                    "recipe": asdict(recipe),
                }
                yield json.loads(json.dumps(trial))  # as it is read back: a pair is a list then


def results() -> dict:
    """Return {made: {date, machine, commit}, trials}, each trial with its validation_accuracy.

    What an earlier version of the recipes gave is left out; `made` is None without any trial.
    """
    if not path().exists():
        return {"made": None, "trials": []}
    found = json.loads(path().read_text(encoding="utf-8"))
    current = list(trials())
    kept = [row for row in found["trials"] if any(t.items() <= row.items() for t in current)]
    return {"made": found["made"] if kept else None, "trials": kept}


def path() -> Path:
    """Return where the trials are kept."""
    return artifacts.root() / "tuning.json"


def begin() -> dict:
    """Return what `results` does for this machine and commit; what others gave does not count."""
    machine, commit = provenance.describe(), provenance.git_commit()
    found = results()
    old = found["made"] or {"machine": None}
    same = old["machine"] and provenance.same_machine(old["machine"], machine)
    if same and old["commit"] == commit:
        return found
    made = {"date": provenance.now()[:10], "machine": machine, "commit": commit}
    return {"made": made, "trials": []}


def work(specification: dict) -> dict:
    """Train one variant in TensorFlow and return {validation_accuracy}."""
    from helpers.models import keras_networks
    from helpers.training import keras_training  # the faster one; PyTorch trains alike

    architecture, seed = specification["architecture"], specification["seed"]
    keras_networks.use_threads(specification["threads"])
    dataset = mnist.load("mnist")
    train, validation = mnist.training_split(dataset)
    images, labels = dataset.train_images, dataset.train_labels
    history = keras_training.train(
        keras_networks.build(architecture, seed),
        images[train],
        labels[train],
        (mnist.scale(images[validation]), labels[validation]),
        variants(architecture)[specification["variant"]],
        seed,
    )
    return {"validation_accuracy": history[-1].validation_accuracy}


def main() -> int:
    """Train every variant that has not been, keeping the file whole after each."""
    try:
        mnist.locate("mnist")
    except LabError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    found = begin()
    for trial in trials():
        row = next((row for row in found["trials"] if trial.items() <= row.items()), None)
        if row is None:
            row = trial | process.run("helpers.training.tuning", trial, threads=provenance.cores())
            found["trials"].append(row)
            artifacts.write_json(path(), found)
        print(
            f"{row['architecture']}, {row['variant']}, seed {row['seed']}: validation accuracy "
            f"{row['validation_accuracy']:.2%}",
            flush=True,
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
