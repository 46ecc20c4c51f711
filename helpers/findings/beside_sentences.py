"""What two runs with other versions say together, in sentences that follow from their tables.

`found` are results with a run beside them, as `findings.beside` puts it there.
"""

from collections.abc import Callable

from helpers.benchmark.runtimes import RUNTIMES
from helpers.benchmark.statistics import APART
from helpers.core.results import where
from helpers.core.units import counted
from helpers.findings import beside, export_claims, ratios
from helpers.findings.report_2025 import NAMES, VERSIONS_2025, of_2025, version, versions
from helpers.findings.seeds import FRAMEWORKS, LEAST_SEEDS
from helpers.findings.time_sentences import PLACES, between, listed, longer


def other(found: dict) -> str:
    """Return what the run beside this one is called."""
    return "the stack of 2025" if of_2025(found["beside"]["run"]) else "the other stack"


def heading(found: dict) -> str:
    """Return which versions stand beside which, such as "PyTorch 2.2.2 beside 2.13.0"."""
    here, there = found["run"], found["beside"]["run"]
    differ = [name for name in VERSIONS_2025 if version(here, name) != version(there, name)]
    now = " and ".join(str(version(here, name)) for name in differ)
    return f"{versions(there, differ)} beside {now}"


def runs(found: dict) -> str:
    """Return what stands beside this run, when it was made, and whether on the same machine."""
    run, name = found["beside"]["run"], other(found)
    words = (
        f"A run with {versions(run)} was made on {run['started'][:10]}. It took the same images, "
        f"and is called {name} here."
    )
    if not beside.same_machine(found):
        words += " It was made on another machine or with another number of threads."
    return words


def accuracy(found: dict) -> str:
    """Return whether the versions change an accuracy, over the pairs of seeds of each kind."""
    rows, said = found["beside_accuracy"], []
    told = [row for row in rows if row["difference_ci95"]]
    shown = [row for row in told if not _holds(row["difference_ci95"], 0)]
    said += [_differs(row, other(found)) for row in shown]
    if hidden := [_kind(row) for row in told if row not in shown]:
        said.append(f"No effect of the versions on the accuracy is shown of {listed(hidden)}.")
    if few := [_kind(row) for row in rows if row["pairs"] and row not in told]:
        said.append(
            f"So few pairs say nothing: there are fewer than {LEAST_SEEDS} of {listed(few)}."
        )
    if unpaired := [_kind(row) for row in rows if not row["pairs"]]:
        said.append(
            f"There is no pair of {listed(unpaired)}: the runs trained from other seeds or by "
            "other numbers."
        )
    return " ".join(said) or "The two runs trained nothing alike."


def _holds(interval: list[float], value: float) -> bool:
    return interval[0] <= value <= interval[1]


def _kind(row: dict) -> str:
    return (
        f"the {row['architecture']} by the {row['recipe']} recipe in {FRAMEWORKS[row['framework']]}"
    )


def _differs(row: dict, name: str) -> str:
    low, high = (100 * end for end in row["difference_ci95"])
    order = "more" if row["difference"] > 0 else "less"
    return (
        f"In this run {_kind(row)} is {100 * abs(row['difference']):.2f} points {order} accurate "
        f"than with {name} over {counted(row['pairs'], 'pair')} (95 % interval {low:+z.2f} to "
        f"{high:+z.2f}), which shows an effect of the versions."
    )


def challenges(found: dict) -> str:
    """Return what the challenges of 2025 did in both runs, and what that decides."""
    there, here = (_passed(run["challenges"]) for run in (found["beside"], found))
    words = (
        f"The gate passes the file of {there} to TFLite with {other(found)}, and of {here} "
        "in this run."
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
    return f"{len(where(routes, gate='passed'))} of {counted(len(routes), 'route')}"


def factors(found: dict) -> str:
    """Return what PyTorch takes beside the others by both clocks, in both runs."""
    said = []
    for row in found["beside_factors"]:
        if row["other"] and row["here"]:
            by = "By the reconstructed timers" if row["clock"] == "timers" else "On the same array"
            there, here = (
                ratios.said(row[name], tuple(row[f"{name}_bounds"])) for name in ("other", "here")
            )
            said.append(
                f"{by} PyTorch takes {there} times as long as {NAMES[row['runtime']]} with "
                f"{other(found)} and {here} times in this run."
            )
    return " ".join(said)


def times(found: dict) -> str:
    """Return which times changed between the two runs, or why none are compared."""
    if not beside.same_machine(found):
        return (
            "The two runs have other machines or numbers of threads, so their times are not "
            "compared."
        )
    said = [_changed("In training", found["beside_training"], trained, found, "training")]
    for scenario, place in PLACES.items():
        rows = where(found["beside_latency"], scenario=scenario)
        said.append(_changed(f"{place[0].upper()}{place[1:]}", rows, timed, found, "process"))
    return (
        "The two runs were made one after the other, not side by side: what else changed on the "
        f"machine between them is in these ratios too. {' '.join(filter(None, said))}"
    ).strip()


def trained(row: dict) -> str:
    """Return what was trained in which framework."""
    return f"{FRAMEWORKS[row['framework']]} ({row['architecture']}, {row['recipe']} recipe)"


def timed(row: dict) -> str:
    """Return what a reader calls the runtime of a row."""
    name = row["runtime"]  # of a run with other code it may be another
    return RUNTIMES[name].title if name in RUNTIMES else NAMES.get(name, name)


def _changed(
    place: str, rows: list[dict], called: Callable[[dict], str], found: dict, noun: str
) -> str:
    """Return which of the rows take another time in this run, and of which none is shown."""
    apart = [row for row in rows if beside.ratio(row).verdict == APART]
    clauses = []
    for row in apart:
        ratio = beside.ratio(row)
        how, shown = ("fast", ratio) if ratio.value > 1 else ("slow", ratio.inverse())
        bounds = between(shown, noun=noun)
        clauses.append(f"{called(row)} is {longer(shown)} as {how} {bounds}")
    said = f"{place} {listed(clauses)} as with {other(found)}." if clauses else ""
    if hidden := [called(row) for row in rows if row not in apart]:
        said += f" {place} no difference is shown of {listed(hidden)}."
    return said.strip()


def cannot(found: dict) -> str:
    """Return what one of the runs could not measure and the other could."""
    said = []
    for which, name in (("other", other(found)), ("here", "this run")):
        rows = where(beside.cannot(found), where=which)
        if rows:
            titles = listed(dict.fromkeys(map(timed, rows)))
            said.append(f"What {name} could not measure and the other could: {titles}.")
    return " ".join(said) or "Each run measured what the other did, as far as both planned it."
