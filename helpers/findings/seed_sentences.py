"""What a sweep says of seeds, in sentences that follow from its tables alone."""

from helpers.core.old_results import when_measured, where
from helpers.core.sweeps import FAILED, FINISHED
from helpers.core.units import counted
from helpers.findings import report_2025, seed_study, sentences
from helpers.findings.effects import SEED, TITLES, TOGETHER
from helpers.findings.seeds import FRAMEWORKS
from helpers.findings.time_sentences import listed

# PyTorch's accuracy less TensorFlow's in the report of 2025.
CLAIMED = report_2025.ACCURACY_2025["pytorch"] - report_2025.ACCURACY_2025["tensorflow"]


def runs(study: dict) -> str:
    """Return what the sweep trained, how much of it failed, and with what it was made.

    `study` holds the tables of `seed_study.tables`, alone or in results.json; so do those below.
    """
    finished = where(study["sweep_runs"], status=FINISHED)
    failed = where(study["sweep_runs"], status=FAILED)
    networks = listed(f"the {name}" for name in dict.fromkeys(r["architecture"] for r in finished))
    titles = listed(FRAMEWORKS[name] for name in FRAMEWORKS if where(finished, framework=name))
    seeds = counted(len({row["seed"] for row in finished}), "seed")
    settings = counted(len(seed_study.settings(finished)), "setting")
    words = (
        f"The sweep trained {networks} in {titles}, from {seeds} in {settings}: "
        f"{counted(len(finished), 'run')} finished and {len(failed) or 'none'} failed."
    )
    threads = listed(str(number) for number in sorted({row["threads"] for row in finished}))
    each = f"each with {threads} thread{'s' * (threads != '1')}"
    return f"{words} {_made(study['sweep_made'], each)}"


def _made(kinds: list[dict], each: str) -> str:
    """Return on what the runs were made; where that differs, in how many kinds."""
    most = max(kinds, key=lambda row: row["runs"])
    versions = [f"Python {most['python']}"]
    versions += [
        f"{title} {most['packages'][name]}"
        for name, title in sentences.SOFTWARE.items()
        if name in most["packages"]
    ]
    words = (
        f"{'They' if len(kinds) == 1 else 'Most of them'} ran with {listed(versions)} on "
        f"{most['cpu']}, {each}"
    )
    if len(kinds) > 1:
        words += f"; machine, versions or commit are of {counted(len(kinds), 'kind')}"
    return f"{words}. Others may have run beside them, so none of their times is in this report."


def setting(row: dict) -> str:
    """Return the setting of a row in words, such as "the mlp by the lab recipe (10 epochs, …)"."""
    return (
        f"the {row['architecture']} by the {row['recipe']} recipe "
        f"({counted(row['epochs'], 'epoch')}, {counted(row['batch_size'], 'image')} a batch, "
        f"learning rate {row['learning_rate']:g})"
    )


@when_measured
def differences(study: dict) -> str:
    """Return how the frameworks compare by each arm, and whether 2025's difference is excluded."""
    said = []
    for row in study["sweep_pairs"]:
        kind = row["architecture"], row["recipe"]
        own = where(seed_study.runs_of_arms(study["sweep_runs"]), architecture=kind[0])
        words = f"For {setting(row)} {sentences.seed_difference(own, *kind)}."
        if row["difference_ci95"]:
            low, high = row["difference_ci95"]
            place = "inside" if low <= CLAIMED <= high else "outside"
            words += (
                f" A difference of {100 * CLAIMED:.2f} points, as in the report of 2025, lies "
                f"{place} that interval."
            )
        said.append(words)
    return " ".join(said)


def seed_alone(study: dict) -> str:
    """Return how often two seeds of one framework are as far apart as 2025's two frameworks."""
    return sentences.seed_alone(seed_study.runs_of_arms(study["sweep_runs"]))


def power(study: dict) -> str:
    """Return how many paired seeds tell differences apart; "" where the pairs do not say."""
    said = []
    for arm in study["sweep_pairs"]:
        own = where(study["sweep_power"], architecture=arm["architecture"], recipe=arm["recipe"])
        if own:
            low, high = (f"{100 * end:.2f}" for end in arm["sd_ci95"])
            said.append(
                f"For the {arm['architecture']} by the {arm['recipe']} recipe the differences of "
                f"the pairs have a standard deviation of {100 * arm['sd']:.2f} points (95 % "
                f"interval {low} to {high}). To find a difference in "
                f"{100 * seed_study.POWER:.0f} of 100 studies takes {needed(own)}."
            )
    return " ".join(said)


def needed(rows: list[dict]) -> str:
    """Return how many paired seeds each difference takes; `rows` are an arm's of the power."""
    return listed(
        f"{counted(row['seeds'], 'paired seed')} for {100 * row['told_apart']:.2g} points"
        for row in rows
    )


def effects(study: dict) -> str:
    """Return what the accuracy depends on, and what is not shown to count; "" if not known."""
    rows = study["sweep_effects"]
    if not rows:
        return ""
    tested = [row for row in rows if row["p"] is not None]
    above = [row for row in tested if row["p"] < seed_study.SIGNIFICANCE]
    below = [row for row in tested if row not in above]
    together, seed = (where(rows, factor=name)[0]["share"] for name in (TOGETHER, SEED))
    words = []
    if above:
        verbs = ["explains ", *(len(above) - 1) * [""]]
        shares = listed(
            f"the {TITLES[row['factor']]} {verb}{row['share']:.1%}"
            for row, verb in zip(above, verbs, strict=True)
        )
        words.append(f"Of the variance of the test accuracy {shares}.")
    if below:
        names = listed(f"the {TITLES[row['factor']]}" for row in below)
        words.append(f"No effect is shown of {names}.")
    words.append(
        f"Their combinations explain a further {together:.1%}, and {seed:.1%} is left to the seed."
    )
    if above:
        first = above[0]
        words.append(
            f"The best {TITLES[first['factor']]} ({first['best']}) gives "
            f"{100 * first['gap']:.2f} points more than the worst ({first['worst']}), all else "
            "alike."
        )
    return " ".join(words)
