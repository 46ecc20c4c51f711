"""Another run beside this one, with other versions: where it is, what of it is compared, and how.

What is taken of it stands in results.json under `beside`, by the names it has in its own. So each
function of results does for it too, and the tables of both can be made again without its file.
"""

import os
from pathlib import Path
from statistics import median

from helpers.benchmark.statistics import APART, Ratio
from helpers.benchmark.timers_2025 import FAIR
from helpers.core import artifacts, stack
from helpers.core import old_results as results
from helpers.core.console import LabError
from helpers.core.old_results import Missing, main_rows, where
from helpers.core.stages import NOTEBOOKS
from helpers.data import fetch
from helpers.findings import ratios, seeds
from helpers.findings.report_2025 import timer, versions
from helpers.findings.seeds import FRAMEWORKS
from helpers.findings.time_claims import LEAST_PROCESSES
from helpers.findings.time_sentences import PLACES, in_order

# The folder in which it is looked for without a word about it, and what BESIDE may be but a path.
FOLDER = stack.OF_2025
AUTO, NONE = "auto", "none"
ALLOWED = f"{AUTO}, {NONE}, or the old_results.json of another run or the folder that holds it"
# What is taken as it stands there; of the times those that are compared.
PARTS = ("run", "models", "seeds", "exports", "failures", "cold_start", "protocols", "challenges")
# What two machines have to share for their times to be compared.
MACHINE = ("cpu", "cores", "os", "threads")
# The notebook that trains with a framework.
TRAINED_IN = dict(zip(FRAMEWORKS, NOTEBOOKS, strict=False))


def file(asked: str) -> Path | None:
    """Return the old_results.json that a value of BESIDE leads to; None where there is to be none.

    A relative path starts at the project.
    """
    if asked == NONE:
        return None
    name = results.path().name
    if asked == AUTO:
        usual = artifacts.root() / FOLDER / name
        return usual if usual.is_file() else None
    path = fetch.from_project(asked)
    return path / name if path.is_dir() else path


def can_be_asked(value: object) -> bool:
    """Tell whether BESIDE may have this value: a word for a place, or a path to a file."""
    if not isinstance(value, str) or not value.strip():
        return False
    return value in (AUTO, NONE) or file(value).is_file()


def read(path: Path, dataset: dict, packages: dict[str, str]) -> dict:
    """Return the results in a file, of another run than that with these images and packages.

    Raises LabError with the reason when the two cannot be compared.
    """
    try:
        other = results.read(path)
        images = other["run"]["dataset"]
        if images["sha256"] != dataset["sha256"]:
            raise LabError(
                f"its images ({images['name']}) have another SHA-256 than those of this run "
                f"({dataset['name']})"
            )
        made_with = versions(other["run"])
        if made_with == versions({"packages": packages}):
            raise LabError(f"it was made with {made_with}, as this run is")
    except LabError as error:
        raise LabError(
            f"{shown(path)} is not compared with this run: {error}; a run of the same images with "
            "another TensorFlow or PyTorch is"
        ) from error
    return other


def shown(path: Path) -> str:
    """Return where a file stands, from the folder of this run where a path leads there."""
    try:
        return Path(os.path.relpath(path, artifacts.root())).as_posix()
    except ValueError:  # on another drive of Windows
        return path.as_posix()


def gather(found: dict, asked: str) -> dict:
    """Return what results.json holds of another run: what is taken of it, and the tables of both.

    `found` are the results of this run, `asked` is a value of BESIDE. Of a run that cannot be
    compared it is the reason, without another run nothing.
    """
    path = file(asked)
    if path is None:
        return {}
    try:
        other = read(path, found["run"]["dataset"], found["run"]["packages"])
    except LabError as error:
        return {"beside_left_out": str(error)}
    taken = {"file": shown(path), "sha256": artifacts.sha256(path), **parts(other)}
    return {"beside": taken, **tables({**found, "beside": taken})}


def parts(other: dict) -> dict:
    """Return what is taken of another run's results."""
    times = [row for scenario in PLACES for row in main_rows(other["latency"], scenario)]
    return {**{part: other[part] for part in PARTS}, "latency": times}


def _both(found: dict) -> tuple[dict, dict]:
    return found, found["beside"]


def same_machine(found: dict) -> bool:
    """Tell whether both runs took their times on one kind of machine with as many threads."""
    here, other = (run["run"]["machine"] for run in _both(found))
    return all(here[key] == other[key] for key in MACHINE)


def _trainings(found: dict) -> list[tuple[dict, list[dict], list[dict]]]:
    """Return what both runs trained: the kind, the trainings here, those of the other run."""
    kinds = [
        {"framework": framework, "architecture": architecture, "recipe": recipe}
        for architecture, recipe in seeds.kinds(found["seeds"])
        for framework in FRAMEWORKS
    ]
    rows = [(kind, *(where(run["seeds"], **kind) for run in _both(found))) for kind in kinds]
    return [row for row in rows if all(row)]


def _given(run: dict, row: dict, *names: str) -> tuple:
    """Return parameters of the notebook that trained a row's framework; other code has others."""
    given = run["run"]["parameters"].get(TRAINED_IN[row["framework"]], {})
    return tuple(given.get(name) for name in names)


def _numbers(run: dict, row: dict) -> tuple:
    """Return the numbers that a training of a run went by: epochs, images, batch size, rate.

    The last two of the strong recipe are its own, and no results hold them.
    """
    kind = {key: row[key] for key in ("framework", "architecture")}
    images = [model["train_images"] for model in where(run["models"], **kind)]
    given = () if row["recipe"] == "strong" else ("BATCH_SIZE", "LEARNING_RATE")
    return row["epochs"], *images, *_given(run, row, *given)


def accuracy(found: dict) -> list[dict]:
    """Return the test accuracy here less that of the other run over paired seeds, one row a kind.

    A pair is a seed that both trained by the same numbers; the interval is Student's t.
    """
    rows = []
    for kind, *trained in _trainings(found):
        here, other = (
            {(row["seed"], *_numbers(run, row)): row["test_accuracy"] for row in own}
            for run, own in zip(_both(found), trained, strict=True)
        )
        paired = {"pairs": 0, **dict.fromkeys(("mean", "ci95", "sd"))}
        if here.keys() & other.keys():
            paired = seeds.difference(other, here)
        mean = {"difference": paired["mean"], "difference_ci95": paired["ci95"]}
        rows.append({**kind, "pairs": paired["pairs"], **mean, "sd": paired["sd"]})
    return rows


CLOCKS = {
    "timers": lambda run, *names: ratios.of_timers(*(timer(run, name) for name in names)),
    "same array": lambda run, *names: ratios.of_runtimes(run, *(FAIR[name] for name in names)),
}


def factors(found: dict) -> list[dict]:
    """Return PyTorch's time in units of another's by both clocks, in both runs, with bounds."""
    rows = []
    for runtime in ("onnxruntime", "tensorflow"):
        for clock, of in CLOCKS.items():
            row = {"runtime": runtime, "clock": clock}
            for name, run in zip(("here", "other"), _both(found), strict=True):
                try:
                    value, bounds = of(run, "pytorch", runtime)
                    row |= {name: value, f"{name}_bounds": list(bounds)}
                except Missing:
                    row |= {name: None, f"{name}_bounds": None}
            rows.append(row)
    return rows


def training(found: dict) -> list[dict]:
    """Return how long an epoch took in both runs, one row a kind trained by the same numbers.

    None on different machines, and of a framework that had other numbers of threads.
    """
    rows = []
    for kind, *trained in _trainings(found) if same_machine(found) else ():
        runs = tuple(zip(_both(found), trained, strict=True))
        numbers = {(*_given(run, kind, "THREADS"), *_numbers(run, own[0])) for run, own in runs}
        if len(numbers) == 1:
            here, other = ([row["train_seconds"] / row["epochs"] for row in own] for _, own in runs)
            rows.append({**kind, **_beside(other, here)})
    return rows


def latency(found: dict) -> list[dict]:
    """Return the times of a call in both runs, a row a scenario and runtime that both timed.

    None on different machines, and of another main network.
    """
    rows = []
    for scenario in PLACES if same_machine(found) else ():
        for row in in_order(main_rows(found["latency"], scenario)):
            same = {key: row[key] for key in ("scenario", "runtime", "architecture", "threads")}
            for other in where(found["beside"]["latency"], **same):
                medians_s = (each["process_medians_s"] for each in (other, row))
                floors = [each["smallest_ratio"] for each in (other, row)]
                smallest = max(filter(None, floors), default=None)
                case = {key: row[key] for key in ("scenario", "runtime")}
                rows.append({**case, **_beside(*medians_s), "smallest_ratio": smallest})
    return rows


# The tables of old_results.json that compare two runs.
TABLES = {
    "beside_accuracy": accuracy,
    "beside_factors": factors,
    "beside_training": training,
    "beside_latency": latency,
}


def tables(found: dict) -> dict[str, list[dict]]:
    """Return the tables that compare this run with the one beside it."""
    return {name: rows(found) for name, rows in TABLES.items()}


def _beside(other_s: list[float], here_s: list[float]) -> dict:
    """Return the medians of times of two runs, and their ratio with its bounds."""
    found = ratios.of_two_runs(other_s, here_s)
    return {
        "other_s": median(other_s),
        "here_s": median(here_s),
        "ratio": found.value,
        "ratio_ci95": found.ci95,
        "ratio_range": found.range,
        "samples": found.rounds,
    }


def ratio(row: dict) -> Ratio:
    """Return the other run's time of a row in units of this run's."""
    bounds = row["ratio_ci95"], row["ratio_range"], row["samples"]
    return Ratio(row["ratio"], *bounds, row.get("smallest_ratio"))


def enough(row: dict) -> bool:
    """Tell whether the two times of a row come from enough values to show their spread."""
    return row["samples"] >= LEAST_PROCESSES


def told_apart(row: dict) -> bool:
    """Tell whether the two times of a row differ beyond their spreads."""
    return enough(row) and ratio(row).verdict == APART


def routes(found: dict) -> list[str]:
    """Return the direct routes to TFLite that either run tried."""
    both = (row["route"] for run in _both(found) for row in run["challenges"]["tflite_routes"])
    return list(dict.fromkeys(both))


def offers(found: dict) -> list[dict]:
    """Return the layouts and batches that ONNX Runtime takes in one run and not in the other."""
    rows = []
    for table, kind in (("onnx_layouts", ("shape",)), ("onnx_batches", ("export", "shape"))):
        for row in found["challenges"][table]:
            same = {key: row[key] for key in kind}
            for other in where(found["beside"]["challenges"][table], **same):
                if row["accepted"] != other["accepted"]:
                    taken = {"other_accepted": other["accepted"], "here_accepted": row["accepted"]}
                    rows.append({"export": "dynamic", **same, **taken})
    return rows


def cannot(found: dict) -> list[dict]:
    """Return what could not be measured in one run and was in the other: its failure, and whose.

    A process that failed and was run again counts for nothing.
    """
    rows = []
    for name, run, against in (("other", found["beside"], found), ("here", found, found["beside"])):
        able = {row["runtime"] for table in ("latency", "protocols") for row in against[table]}
        failed = {(row["model"], row["runtime"]) for row in against["failures"]}
        rows += [
            {**row, "where": name}
            for row in run["failures"]
            if not row["processes_measured"]
            and row["runtime"] in able
            and (row["model"], row["runtime"]) not in failed
        ]
    return rows
