"""What two runs with other versions say together, in sentences that follow from their tables.

`found` are results with a run beside them, as `findings.beside` puts it there.
"""

from collections.abc import Callable

from helpers.benchmark.runtimes import RUNTIMES
from helpers.core.old_results import where
from helpers.core.units import counted, points
from helpers.findings import beside, export_claims, ratios
from helpers.findings.report_2025 import (
    NAMES,
    VERSIONS_2025,
    claimed_ratio,
    of_2025,
    version,
    versions,
)
from helpers.findings.seeds import FRAMEWORKS, LEAST_SEEDS
from helpers.findings.time_claims import LEAST_PROCESSES, SAME_FACTOR
from helpers.findings.time_sentences import PLACES, between, listed, longer
from helpers.findings.verdicts import side


def other(found: dict) -> str:
    """Return what the run beside this one is called."""
    return "the stack of 2025" if of_2025(found["beside"]["run"]) else "the other stack"


def heading(found: dict) -> str:
    """Return which versions stand beside which, such as "PyTorch 2.2.2 beside 2.13.0"."""
    if of_2025(found["beside"]["run"]):
        return "2025's versions and today's"
    here, there = found["run"], found["beside"]["run"]
    differ = [name for name in VERSIONS_2025 if version(here, name) != version(there, name)]
    now = " and ".join(str(version(here, name)) for name in differ)
    return f"{versions(there, differ)} beside {now}"


def runs(found: dict) -> str:
    """Return what stands beside this run, and when it was made."""
    run = found["beside"]["run"]
    return (
        f"On the same images the chain ran with {versions(run)} too, on {run['started'][:10]}. "
        f"That run is called {other(found)} here."
    )


def accuracy(found: dict) -> str:
    """Return where the accuracies of the two runs differ over paired seeds, and where they may."""
    rows, said = found["beside_accuracy"], []
    told = [row for row in rows if row["difference_ci95"]]
    apart = [row for row in told if not _holds_0(row["difference_ci95"])]
    if apart:
        said.append(
            f"This run's accuracy is not that of {other(found)} for "
            f"{listed(f'{_kind(row)} ({_difference(row)})' for row in apart)}."
        )
    if alike := [_kind(row) for row in told if row not in apart]:
        said.append(f"No difference between the runs is shown for {listed(alike)}.")
    if len(told) > 1:
        said.append("Each of these intervals misses the true difference in 5 of 100 cases.")
    if few := [_kind(row) for row in rows if row["pairs"] and row not in told]:
        which = "each kind" if len(few) == len(rows) else listed(few)
        said.append(f"So few pairs say nothing: there are fewer than {LEAST_SEEDS} for {which}.")
    if unpaired := [_kind(row) for row in rows if not row["pairs"]]:
        said.append(
            f"There is no pair for {listed(unpaired)}: the runs took other seeds or other numbers."
        )
    if any(row["recipe"] == "strong" and row["pairs"] for row in rows):
        said.append(
            "Images of the strong recipe are augmented by OpenCV, and another version of it rounds "
            "them otherwise: there a pair has the same weights to begin with and the same order, "
            "but not quite the same images."
        )
    return " ".join(said) or "The two runs trained nothing alike."


def _holds_0(interval: list[float]) -> bool:
    return interval[0] <= 0 <= interval[1]


def _kind(row: dict) -> str:
    network = f"the {row['architecture']} by the {row['recipe']} recipe"
    return f"{network} in {FRAMEWORKS[row['framework']]}"


def _difference(row: dict) -> str:
    low, high = (100 * end for end in row["difference_ci95"])
    apart, pairs = points(100 * row["difference"]), counted(row["pairs"], "pair")
    return f"{apart} points over {pairs}, 95 % interval {points(low)} to {points(high)}"


def challenges(found: dict) -> str:
    """Return what the challenges of 2025 did in both runs, and what that decides."""
    there, here = (_passed(run["challenges"]) for run in (found["beside"], found))
    words = (
        f"The direct routes to TFLite whose file passes the gate are {there} with {other(found)} "
        f"and {here} in this run."
    )
    differ = beside.offers(found)
    words += (
        f" ONNX Runtime takes {counted(len(differ), 'array')} in one of the runs alone."
        if differ
        else " ONNX Runtime takes and refuses the same layouts and batch sizes in both."
    )
    if of_2025(found["beside"]["run"]):
        words += " What the report of 2025 claims of this is judged by both."
    return words


def _passed(challenges: dict) -> str:
    routes = [r for r in challenges["tflite_routes"] if r["route"] != export_claims.SAVE_SPEC]
    return f"{len(where(routes, gate='passed'))} of {len(routes)}"


def factors(found: dict) -> str:
    """Return what PyTorch takes beside ONNX Runtime in both runs, and what of 2025's is left.

    Nothing where a run lacks one of their timers.
    """
    (row,) = where(found["beside_factors"], runtime="onnxruntime", clock="timers")
    if not (row["other"] and row["here"]):
        return ""
    bounds = tuple(row["other_bounds"])
    there = ratios.said(row["other"], bounds)
    here = ratios.said(row["here"], tuple(row["here_bounds"]))
    words = (
        f"By the reconstructed timers PyTorch takes {there} times as long as ONNX Runtime with "
        f"{other(found)} and {here} times in this run."
    )
    claimed = claimed_ratio("pytorch")
    left = [claimed / bound for bound in reversed(bounds)]
    spread = bounds[0] < bounds[1]  # one process shows none
    if of_2025(found["beside"]["run"]) and spread and side(left, 0, SAME_FACTOR) == "above":
        words += f" So the versions of 2025 alone do not give its factor of {claimed:.0f}."
    return words


def times(found: dict) -> str:
    """Return which times changed between the two runs, or why none are compared."""
    if not beside.same_machine(found):
        return (
            "The two runs have other machines or numbers of threads, so their times are not "
            "compared."
        )
    caution = (
        "The two runs were made one after the other, not side by side: what else changed on the "
        "machine between them is in these ratios too."
    )
    if not any(beside.enough(row) for row in found["beside_training"] + found["beside_latency"]):
        return (
            f"{caution} They are not told apart by their times: that takes {LEAST_PROCESSES} "
            "trainings or processes in each."
        )
    said = [_changed("In training", found["beside_training"], trained, found, "training")]
    for scenario, place in PLACES.items():
        rows = where(found["beside_latency"], scenario=scenario)
        said.append(_changed(f"{place[0].upper()}{place[1:]}", rows, timed, found, "process"))
    return " ".join(filter(None, [caution, *said]))


def trained(row: dict) -> str:
    """Return what was trained in which framework."""
    return f"{FRAMEWORKS[row['framework']]} ({row['architecture']}, {row['recipe']} recipe)"


def timed(row: dict) -> str:
    """Return what a reader calls the runtime of a row."""
    name = row["runtime"]  # of a run with other code it may be another
    return RUNTIMES[name].title if name in RUNTIMES else NAMES.get(name, name)


def _timed_file(row: dict) -> str:
    """Return what failed: a runtime with a file, or the runtime alone where it has none."""
    return f"{timed(row)} with {row['model']}" if row["model"] else timed(row)


def _changed(
    place: str, rows: list[dict], called: Callable[[dict], str], found: dict, noun: str
) -> str:
    """Return how many of the rows take another time in this run, and which differs most."""
    rows = [row for row in rows if beside.enough(row)]
    if not rows:
        return ""
    apart = [row for row in rows if beside.told_apart(row)]
    words, most_by = f"{len(apart) or 'none'} of {len(rows)} times", "most by that"
    if len(rows) == 1:
        words = f"the one time that has at least {counted(LEAST_PROCESSES, noun)} in each"
        most_by = "that"
    if not apart:
        told = "not told" if len(rows) == 1 else "told"
        return f"{place} the runs are {told} apart by {words}."
    most = max(apart, key=lambda row: max(row["ratio"], 1 / row["ratio"]))
    ratio = beside.ratio(most)
    how, shown = ("fast", ratio) if ratio.value > 1 else ("slow", ratio.inverse())
    return (
        f"{place} the runs are told apart by {words}, {most_by} of {called(most)}: it is "
        f"{longer(shown)} as {how} {between(shown, noun=noun)} as with {other(found)}."
    )


def cannot(found: dict) -> str:
    """Return what one of the runs could not measure or did not write, and the other did."""
    said = []
    runs = {"other": (other(found), found["beside"]), "here": ("this run", found)}
    for which, (name, _) in runs.items():
        if rows := where(beside.cannot(found), where=which):
            titles = listed(dict.fromkeys(map(_timed_file, rows)))
            said.append(f"What {name} could not measure and the other could: {titles}.")
    formats = {which: {row["format"] for row in run["exports"]} for which, (_, run) in runs.items()}
    for which, against in (("other", "here"), ("here", "other")):
        if alone := formats[which] - formats[against]:
            said.append(f"Only {runs[which][0]} wrote files in {listed(sorted(alone))}.")
    return " ".join(said) or "Each run measured and wrote what the other did, as far as both tried."
