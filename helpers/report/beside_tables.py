"""The tables of two runs side by side: versions, accuracy, challenges, times, what one lacks.

`found` are results with a run beside them, as `findings.beside` puts it there.
"""

from helpers.benchmark.statistics import APART, UNTOLD, Ratio
from helpers.core.old_results import where
from helpers.core.units import supported
from helpers.findings import beside, ratios
from helpers.findings.beside_sentences import other
from helpers.findings.report_2025 import NAMES
from helpers.findings.sentences import short_commit
from helpers.findings.time_sentences import between
from helpers.report.tables import NUMBER, Column, columns, headed, table


def _names(found: dict) -> dict[str, str]:
    """Return what the two runs are called in a heading."""
    name = other(found).removeprefix("the ")
    return {"other": name[0].upper() + name[1:], "here": "This run"}


def _both(found: dict, key: str, heading: str = "") -> dict[str, Column]:
    """Return a column a run, which shows the value `<run>_<key>` as COLUMNS does that of `key`."""
    return {
        f"{run}_{key}": headed(key, f"{heading}, {name.lower()}" if heading else name)
        for run, name in _names(found).items()
    }


def runs(found: dict) -> str:
    """Return with what, on what and when both runs were made."""
    facts = {name: _facts(run) for name, run in (("other", found["beside"]), ("here", found))}
    rows = [
        {"fact": fact, **{name: own.get(fact) for name, own in facts.items()}}
        for fact in dict.fromkeys(fact for own in facts.values() for fact in own)
    ]
    return table(rows, {"fact": Column("")} | {k: Column(n) for k, n in _names(found).items()})


def _facts(results: dict) -> dict[str, str]:
    run = results["run"]
    machine = run["machine"]
    return {
        **run["packages"],
        "Python": machine["python"],
        "Processor": machine["cpu"],
        "Cores, threads": f"{machine['cores']}, {machine['threads']}",
        "System": machine["os"],
        "Started": run["started"].replace("T", " ").replace("Z", " UTC"),
        "Profile": run["profile"],
        "Commit": short_commit(run["git_commit"]) if run["git_commit"] else None,
    }


def accuracy(found: dict) -> str:
    """Return the accuracy here less that of the other run over paired seeds, one row a kind."""
    keys = "framework architecture recipe pairs difference difference_ci95 sd"
    less = f"This run less {other(found)}"
    return table(found["beside_accuracy"], columns(keys, difference=less))


def routes(found: dict) -> str:
    """Return what every direct route to TFLite did in both runs, one below the other."""
    names = _names(found)
    rows = [
        {**row, "run": names[name]}
        for route in beside.routes(found)
        for name, run in (("other", found["beside"]), ("here", found))
        for row in where(run["challenges"]["tflite_routes"], route=route)
    ]
    return table(rows, columns("route") | {"run": Column("In")} | columns("outcome gate"))


def offers(found: dict) -> str:
    """Return what ONNX Runtime takes in one run and not in the other; "" for nothing."""
    rows = beside.offers(found)
    return table(rows, columns("export shape") | _both(found, "accepted")) if rows else ""


CLOCKS = {"timers": "reconstructed timers", "same array": "same array"}


def factors(found: dict) -> str:
    """Return PyTorch's time in units of another's by both clocks, in both runs."""
    shown = {
        "clock": Column("Clock", CLOCKS.get),
        "runtime": Column("PyTorch's time over that of", NAMES.get),
    }
    for name, heading in _names(found).items():
        shown[name] = Column(
            heading,
            lambda value, bounds: ratios.said(value, tuple(bounds)),
            NUMBER,
            also=(f"{name}_bounds",),
        )
    return table(found["beside_factors"], shown)


def training(found: dict) -> str:
    """Return how long an epoch took in both runs, with the ratio of the two."""
    return _times(found, "beside_training", "framework architecture recipe", "training")


def latency(found: dict) -> str:
    """Return the times of a call in both runs, with the ratio of the two."""
    return _times(found, "beside_latency", "scenario runtime", "process")


def _times(found: dict, name: str, keys: str, noun: str) -> str:
    rows = [{**row, "ratio": beside.ratio(row)} for row in found[name]]
    shown = columns(keys)
    shown |= {f"{run}_s": headed("median_s", title) for run, title in _names(found).items()}
    heading = f"{_names(found)['other']} / this run"
    shown["ratio"] = Column(heading, lambda ratio: _ratio(ratio, noun), NUMBER)
    return table(rows, shown)


def _ratio(found: Ratio, noun: str) -> str:
    words = f"{supported(found.value, found.ends)} {between(found, '–', noun)}"
    return words if found.rounds == 1 or found.verdict == APART else f"{words}, {UNTOLD}"


SIZES = {
    "import_s": "Import",
    "install_bytes": "Size",
    "install_without_cuda_bytes": "Size without CUDA",
}


def cold_start(found: dict) -> str:
    """Return import time and installed size of each runtime that started in both runs."""
    rows = [
        {"runtime": row["runtime"]}
        | {f"other_{key}": old[key] for key in SIZES}
        | {f"here_{key}": row[key] for key in SIZES}
        for row in found["cold_start"]
        for old in where(found["beside"]["cold_start"], runtime=row["runtime"])
    ]
    shown = columns("runtime")
    for key, heading in SIZES.items():
        shown |= _both(found, key, heading)
    return table(rows, shown)


def cannot(found: dict) -> str:
    """Return what one run could not measure and the other could, and why; "" for nothing."""
    rows, shown = beside.cannot(found), {"where": Column("In", _names(found).get)}
    return table(rows, shown | columns("runtime model reason")) if rows else ""
