"""What the results mean for somebody who must choose a framework, a runtime or a format."""

from helpers.benchmark.runtimes import RUNTIMES
from helpers.core.old_results import (
    Missing,
    main_architecture,
    main_rows,
    one,
    when_measured,
    where,
)
from helpers.core.units import counted, duration, megabytes, points
from helpers.findings import ratios, seeds
from helpers.findings.time_claims import LEAST_PROCESSES
from helpers.findings.time_sentences import not_told_apart
from helpers.findings.verdicts import EXPLAINED

ON_ONE, ON_ALL = "single_stream", "offline"
# The floor of the comparison runs dense layers alone: nobody would ship it.
FLOOR = "numpy"


def _fastest(results: dict, scenario: str) -> dict:
    return _in_order(results, scenario)[0]


def _in_order(results: dict, scenario: str) -> list[dict]:
    """Return the rows of the main comparison, the fastest first. Raises Missing without any."""
    rows = [row for row in main_rows(results["latency"], scenario) if row["runtime"] != FLOOR]
    if not rows:
        raise Missing("no runtime was measured")
    return sorted(rows, key=lambda row: row["median_s"])


@when_measured
def lesson(results: dict) -> str:
    """Return what made the factor of 2025, where the verdict is that the timers did."""
    claim = one(results["claims"], id="onnxruntime-faster-than-pytorch")
    if claim["verdict"] != EXPLAINED:
        return ""
    return (
        "The factor of 2025 rests on what stood inside the timers, as far as they can be "
        "reconstructed."
    )


@when_measured
def framework(results: dict) -> str:
    """Return what the accuracies over seeds say for the choice between the frameworks."""
    architecture, recipe = seeds.main_kind(results["seeds"])
    recipe = seeds.recipe_of_defaults(results["seeds"], architecture, recipe)
    paired = seeds.paired_difference(results["seeds"], architecture, recipe)
    pairs = counted(paired["pairs"], "pair")
    if paired["pairs"] < seeds.LEAST_SEEDS:
        return f"From {pairs} of seeds nothing follows for the choice of a framework."
    low, high = paired["ci95"]
    if low <= 0 <= high:
        return (
            f"Over {pairs} of seeds no difference in accuracy shows. The accuracy does not choose "
            "between the frameworks; what a program has to run on does."
        )
    better = seeds.FRAMEWORKS["pytorch" if low > 0 else "tensorflow"]
    least, most = sorted((abs(100 * low), abs(100 * high)))
    share = seeds.share_apart(results["seeds"], architecture, recipe, abs(paired["mean"]))
    return (
        f"Over {pairs} of seeds {better} is {points(least, '-')} to {points(most, '-')} points "
        f"more accurate (95 % interval). Two seeds of one framework differ by as much in "
        f"{share:.0%} of the pairs, so a lucky seed can weigh more than the framework."
    )


@when_measured
def choice(results: dict) -> str:
    """Return when each runtime is the right one, as a Markdown list."""
    rounds = len(_fastest(results, ON_ALL)["process_rounds"])
    if rounds < LEAST_PROCESSES:
        return (
            f"Each runtime was timed in {counted(rounds, 'process')}. From fewer than "
            f"{LEAST_PROCESSES} no choice of a runtime follows; the profiles `standard` and `full` "
            "take more."
        )
    found = [_many_images(results), _one_image(results), _quick_start(results), _own(results)]
    return "\n".join(f"- {line}" for line in [*found, _eight_bits(results)] if line)


def _many_images(results: dict) -> str:
    row, title = _fastest(results, ON_ALL), _fastest_titles(results, ON_ALL)
    return (
        f"**Many images at once**, as in a nightly job: {title}. The fastest took "
        f"{duration(row['median_s'])} for all of {counted(row['batch_size'], 'test image')}."
    )


def _one_image(results: dict) -> str:
    row, title = _fastest(results, ON_ONE), _fastest_titles(results, ON_ONE)
    return (
        f"**One image at a time**, as behind a button: {title}. The fastest took "
        f"{duration(row['median_s'])} a call."
    )


def _fastest_titles(results: dict, scenario: str) -> str:
    """Return the fastest runtime, and those that cannot be told from it."""
    rows = _in_order(results, scenario)
    names = [row["runtime"] for row in (rows[0], *not_told_apart(rows))]
    *others, last = (RUNTIMES[name].title for name in names)
    return f"{', '.join(others)} or {last}" if others else last


@when_measured
def _quick_start(results: dict) -> str:
    rows = [row for row in results["cold_start"] if row["runtime"] != FLOOR]
    if not rows:
        raise Missing("no start was timed")
    quick = min(rows, key=lambda row: row["first_answer_s"])
    small = min(rows, key=lambda row: (row["install_bytes"], row is not quick))
    floor = where(results["cold_start"], runtime=FLOOR)
    beside = f" but for {RUNTIMES[FLOOR].title}" if floor else ""
    words = (
        f"**A program that starts often**: {RUNTIMES[quick['runtime']].title}, whose first answer "
        f"comes {duration(quick['first_answer_s'])} after the start of Python."
    )
    if small["runtime"] == quick["runtime"]:
        return (
            f"{words} It takes {megabytes(small['install_bytes'])} on the disk, the least of all"
            f"{beside}."
        )
    return (
        f"{words} {RUNTIMES[small['runtime']].title} takes least on the disk{beside}, "
        f"{megabytes(small['install_bytes'])}."
    )


@when_measured
def _own(results: dict) -> str:
    """Return what staying in the framework costs, without an export."""
    best = _fastest(results, ON_ALL)["runtime"]
    if best == "pytorch":
        raise Missing("nothing to compare with")
    times = ratios.said(*ratios.of_runtimes(results, "pytorch", best))
    return (
        "**While a network still changes**: the framework that trains it. Without any export "
        f"PyTorch takes {times} times as long for all test images as the fastest runtime."
    )


@when_measured
def _eight_bits(results: dict) -> str:
    network = main_architecture(results["models"])
    accuracy = {row["id"]: row for row in where(results["models"], architecture=network)}
    small = [
        row
        for row in where(results["exports"], precision="int8", gate="passed")
        if row["source"] in accuracy
    ]
    if not small:
        raise Missing("no 8 bit file")
    lost = max(accuracy[r["source"]]["test_accuracy"] - r["test_accuracy"] for r in small)
    images = results["run"]["dataset"]["test"]
    more = max(0, round(lost * images))
    share = max(r["bytes"] / (4 * accuracy[r["source"]]["parameters"]) for r in small)
    return (
        f"**Where the size of the file counts**: 8 bits. A file of the {network} has {share:.0%} "
        f"of the bytes of its 32-bit weights. Among {counted(images, 'test image')} it gets at "
        f"most {counted(more, 'image')} more wrong."
    )


@when_measured
def elsewhere(results: dict) -> str:
    """Return what would change on another machine, as far as the numbers here tell."""
    one, all_images = _fastest(results, ON_ONE), _fastest(results, ON_ALL)
    share_s = all_images["median_s"] / all_images["batch_size"]
    return (
        f"The fastest runtime needs {duration(one['median_s'])} for one image alone and "
        f"{duration(share_s)} an image when all come together. The difference is the cost of a "
        "call. On a GPU a call costs more and arithmetic less, and the images have to be copied "
        "there, so the order may turn for small batches. On a phone the frameworks themselves are "
        "not installed, other kernels run, and the size of a file and of a runtime counts more. "
        "Neither was measured here. What carries over is the way to find out: the same array, the "
        "same weights, checked logits, several processes."
    )


def conclusion(results: dict) -> str:
    """Return what the lab comes to, without the numbers that stand above."""
    failed = [row for row in results["exports"] if row["gate"] != "passed"]
    said = [
        "Both frameworks train the network, and both export it.",
        "Every file answers as the network it was made from."
        if not failed
        else f"The gate refused {counted(len(failed), 'file')}, which is not used.",
        _order(results),
        "A comparison of runtimes needs the same work inside the same clock. A comparison of "
        "frameworks needs more than one seed.",
    ]
    return " ".join(filter(None, said))


@when_measured
def _order(results: dict) -> str:
    rows = [_fastest(results, scenario) for scenario in (ON_ALL, ON_ONE)]
    if len(rows[0]["process_rounds"]) < LEAST_PROCESSES:
        raise Missing("too few processes")
    names = [RUNTIMES[row["runtime"]].title for row in rows]
    if names[0] == names[1]:
        return f"{names[0]} is the fastest on one image and on all of them."
    return (
        f"No runtime is the fastest everywhere: on all test images it is {names[0]}, on a single "
        f"one {names[1]}."
    )
