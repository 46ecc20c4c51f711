"""What the report's prose quotes: its findings, and the values by short names."""

from types import SimpleNamespace

import pandas as pd

from helpers import factor, model_sentences, sentences
from helpers.claims import CONFIRMED, NOT_TESTABLE
from helpers.core.results import one


def findings(results: dict) -> str:
    """Return the main findings as a Markdown list, each linked to its evidence."""
    return "\n".join(
        [
            f"1. {sentences.headline(results)} "
            "[The 2025 times taken apart](#The-2025-times-taken-apart)",
            f"2. {sentences.fastest(results)} [Time](#Time)",
            f"3. {model_sentences.seed_difference(results['seeds'])}; "
            f"{model_sentences.best(results)}. [Accuracy](#Accuracy)",
            f"4. {model_sentences.gates(results['exports'])} [Exports](#Exports)",
            f"5. {verdicts(results)} [Verdicts](#Verdicts)",
        ]
    )


def verdicts(results: dict) -> str:
    """Return how many claims of the 2025 report got which verdict."""
    counts = pd.Series([row["verdict"] for row in results["claims"]]).value_counts()
    counted = ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
    return f"Of the 2025 report's {len(results['claims'])} claims: {counted}."


def survives(claim: dict) -> str:
    """Return whether a claim of the 2025 report survives this run, and why."""
    fate = {CONFIRMED: "survives", NOT_TESTABLE: "cannot be tested here"}
    words = fate.get(claim["verdict"], "does not survive")
    return f'The 2025 claim "{claim["claim"].rstrip(".")}" {words}: {claim["evidence"]}'


def values(results: dict) -> SimpleNamespace:
    """Return what the prose of the report quotes, by short names."""
    run = results["run"]
    given = run["parameters"]["01_tensorflow_tflite"]
    sizes = {row["architecture"]: row["parameters"] for row in results["models"]}
    return SimpleNamespace(
        python=run["machine"]["python"],
        cpu=run["machine"]["cpu"],
        threads=run["machine"]["threads"],
        packages=run["packages"],
        parameters=", ".join(f"{name} with {size:,} weights" for name, size in sizes.items()),
        train_images=results["models"][0]["train_images"],
        learning_rate=given["LEARNING_RATE"],
        batch_size=given["BATCH_SIZE"],
        epochs=given["EPOCHS"],
        seeds=given["SEEDS"],
        test_images=run["dataset"]["test"],
        processes=run["parameters"]["03_runtime_comparison"]["PROCESSES"],
        accuracy={
            name: model_sentences.framework_accuracy(results, name)
            for name in model_sentences.TITLES
        },
        seed_difference=model_sentences.seed_difference(results["seeds"]),
        best=model_sentences.best(results),
        seconds_2025=factor.SECONDS_2025,
        claimed_ratio=factor.claimed_ratio("pytorch"),
        headline=sentences.headline(results),
        survives=survives(one(results["claims"], id="pytorch-more-accurate")),
        cold_start=sentences.cold_start(results),
        gates=model_sentences.gates(results["exports"]),
    )
