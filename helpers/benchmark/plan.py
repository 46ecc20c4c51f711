"""The plan of the measurements: which processes in which order, and what is done when one fails.

What happens inside a process is `worker`; what a runtime is, `runtimes`; what becomes of the raw
values, `statistics`.
"""

import random
import tempfile
import time
from collections import Counter, deque
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from helpers.benchmark import noise
from helpers.benchmark.runtimes import RUNTIMES, missing
from helpers.core import artifacts, console, process
from helpers.core.old_results import main_architecture, where
from helpers.core.units import counted
from helpers.models import metrics

MEASURE = "helpers.benchmark.worker"
# The runtime whose time is the unit.
BASELINE = "pytorch"
# What is measured a second time (A/A): these two, or any others in the place of one not measured.
AGAIN = (BASELINE, "onnxruntime")
# The sizes between one image and all of them, and the share of a window that each gets.
BATCH_SWEEP, BATCH_SWEEP_SHARE = (8, 32, 128, 256, 1_024), 0.25
# A block is tried this often at most.
ATTEMPTS = 3


@dataclass(frozen=True)
class Cell:
    """One model file in one runtime with a number of threads.

    One process of a cell times every scenario and batch size: a process for each would spend
    most of the time on importing frameworks. `again` marks a cell that is measured a second time
    under another name (A/A): what differs between the two is the noise floor.
    """

    model: str  # a model or export id
    architecture: str
    framework: str  # that trained the weights
    precision: str
    file: str  # relative to the artifacts folder
    source: str  # the .npy file of the logits that its own must equal, relative too
    runtime: str
    threads: int
    main: bool  # of the main comparison: the main network as the runtime's framework trained it
    again: bool = False

    @property
    def batch_swept(self) -> bool:
        """Whether the sizes between are timed: those of a float32 network."""
        return self.precision == "float32"


def cells(
    models: list[dict],
    exports: list[dict],
    *,
    threads: int,
    runtimes: list[str] | None = None,
    one_thread: list[str] | None = None,
    every_file: list[str] | None = None,
) -> list[Cell]:
    """Return the cells for every file and the runtimes that time it.

    Every runtime times the main network, the first of `models`, in float32 as its own framework
    trained it, with `threads` and with one thread; those that time every file of their framework do
    the rest with `threads`. `runtimes` names those to measure, `one_thread` those with one thread
    too, `every_file` those with every file, None for all that can. Exports whose gate did not pass
    are left out, and so are runtimes whose package is not installed. Two runtimes are there twice
    with `threads`.
    """
    absent = {row["runtime"] for row in left_out(runtimes)}
    sources = {row["id"]: row for row in models}
    usable = where(exports, gate="passed")
    main_network = main_architecture(models)
    found = []
    for row in [*models, *usable]:
        source = sources[row.get("source", row["id"])]
        kind = source["architecture"], source["framework"], row.get("precision", "float32")
        main = source["architecture"] == main_network and kind[-1] == "float32"
        for runtime in RUNTIMES.values():
            own = runtime.framework == source["framework"] and row["file"].endswith(runtime.suffix)
            wanted = runtime.name not in absent and (runtimes is None or runtime.name in runtimes)
            if not (own and wanted):
                continue
            every = runtime.every_file and (every_file is None or runtime.name in every_file)
            if main or every:
                alone = main and (one_thread is None or runtime.name in one_thread)
                for count in sorted({threads, 1} if alone else {threads}):
                    logits = f"models/{source['id']}-logits.npy"
                    names = (row["id"], *kind, row["file"], logits, runtime.name)
                    found.append(Cell(*names, threads=count, main=main))
    full = {cell.runtime: cell for cell in found if cell.main and cell.threads == threads}
    twice = [name for name in dict.fromkeys((*AGAIN, *full)) if name in full][:2]
    return found + [replace(full[name], again=True) for name in twice]


def left_out(runtimes: list[str] | None = None) -> list[dict]:
    """Return a row of the failures for each runtime asked for that is not installed.

    `runtimes` names those to measure, None for all.
    """
    nothing = {"model": None, "threads": None, "attempts": 0, "processes_measured": 0}
    return [
        {**nothing, "runtime": name, "what": "left out", "reason": missing(name)}
        for name in (RUNTIMES if runtimes is None else runtimes)
        if missing(name)
    ]


def batches(images: int, window_s: float, *, batch_swept: bool) -> list[dict]:
    """Return what a process times: {scenario, batch_size, window_s} each.

    The ends of the batch sweep are the two scenarios themselves.
    """
    rows = [
        {"scenario": "single_stream", "batch_size": 1, "window_s": window_s},
        {"scenario": "offline", "batch_size": images, "window_s": window_s},
    ]
    sizes = [size for size in BATCH_SWEEP if batch_swept and size < images]
    share_s = window_s * BATCH_SWEEP_SHARE
    return rows + [{"scenario": "batch_sweep", "batch_size": n, "window_s": share_s} for n in sizes]


def run_process(cell: Cell, folder: Path, timed: list[dict], warm_up_s: float, seed: int) -> dict:
    """Run one fresh process for `cell` and return its record; its logits are in `folder`.

    `folder` holds images.npy; `seed` shuffles the passes over `timed`. Raises
    process.ProcessFailed when the process crashes or hangs.
    """
    specification = {
        "runtime": cell.runtime,
        "model": str(artifacts.root() / cell.file),
        "images": str(folder / "images.npy"),
        "source_logits": str(artifacts.root() / cell.source),
        "precision": cell.precision,
        "logits": str(folder / "logits.npy"),
        "batches": timed,
        "warm_up_s": warm_up_s,
        "seed": seed,
    }
    return process.run(MEASURE, specification, threads=cell.threads)


def schedule(
    cells: list[Cell], processes: int, file_processes: int, extra_rounds: int, seed: int
) -> deque[dict]:
    """Return one block a cell and round; the order within each round is shuffled.

    A slow minute of the machine then falls on all cells of a round and not on one of them. A cell
    that is measured again comes right before or after itself. Cells outside the main comparison
    come in `file_processes` of the rounds, evenly spread; between the rounds are `extra_rounds`
    with nothing but what is measured again, since their ratio is what all others are judged by.
    """
    draw = random.Random(seed)
    again = {replace(cell, again=False): cell for cell in cells if cell.again}
    blocks: deque[dict] = deque()

    def add(number: int, order: list[Cell]) -> None:
        draw.shuffle(order)
        for cell in order:
            pair = [cell, again[cell]] if cell in again else [cell]
            draw.shuffle(pair)
            blocks.extend({"cell": one, "round": number, "attempt": 1} for one in pair)

    def due(number: int, wanted: int) -> range:
        """Return the turns, of so many evenly spread over the rounds, that fall on this one."""
        return range((number - 1) * wanted // processes, number * wanted // processes)

    once = [cell for cell in cells if not cell.again]
    for number in range(1, processes + 1):
        add(number, [cell for cell in once if cell.main or due(number, file_processes)])
        for extra in due(number, extra_rounds):
            add(processes + 1 + extra, list(again))
    return blocks


def run(
    cells: list[Cell],
    images: np.ndarray,
    labels: np.ndarray,
    *,
    processes: int,
    file_processes: int,
    extra_rounds: int,
    seed: int,
    warm_up_s: float,
    window_s: float,
    again: float,
) -> tuple[list[dict], dict[str, np.ndarray]]:
    """Measure every cell in fresh processes; return one record an attempt, and the logits.

    The logits are {runtime: [N, 10]} of the main comparison with the most threads.

    Processes that fail are run again at the end, and so are disturbed ones, each up to ATTEMPTS
    times and all of a kind up to `again` times the number planned, of those that fail at least two;
    a refused file is not, and one that its runtime is not made for is not tried in later rounds
    either. Prints a line a round.
    """
    waiting = schedule(cells, processes, file_processes, extra_rounds, seed)
    planned = len(waiting)
    most = int(planned * again)
    left = {"failed": max(2, most), "disturbed": most}
    most_threads = max((cell.threads for cell in cells), default=1)
    records: list[dict] = []
    main_logits: dict[str, np.ndarray] = {}
    begun = time.perf_counter()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        np.save(folder / "images.npy", images)
        while waiting:
            block = waiting.popleft()
            cell, order = block["cell"], len(records) + 1
            batch_swept = cell.batch_swept and cell.threads == most_threads
            timed = batches(len(images), window_s, batch_swept=batch_swept)
            record = {
                **asdict(cell),
                "round": block["round"],
                "attempt": block["attempt"],
                "order": order,
                **_attempt(cell, folder, timed, warm_up_s, seed + order),
            }
            if "logits" in record:
                logits = record.pop("logits")
                record["test_accuracy"] = metrics.accuracy(logits, labels)
                if cell.main and cell.threads == most_threads:
                    main_logits[cell.runtime] = logits
            records.append(record)
            if outcome(record) == "left_out":
                planned -= len(waiting)
                waiting = deque(
                    later
                    for later in waiting
                    if (later["cell"].model, later["cell"].runtime) != (cell.model, cell.runtime)
                )
                planned += len(waiting)
            noisy = noise.disturbed(record, noise.usual_paces_s(records))
            why = "disturbed" if noisy else outcome(record)
            if block["attempt"] < ATTEMPTS and left.get(why):
                left[why] -= 1
                waiting.append({**block, "attempt": block["attempt"] + 1})
            stays = order % len(cells) == 0 or not waiting
            console.show(_progress(records, planned, time.perf_counter() - begun), stays=stays)
    return records, main_logits


def _attempt(
    cell: Cell, folder: Path, timed: list[dict], warm_up_s: float, seed: int
) -> dict[str, object]:
    try:
        record = run_process(cell, folder, timed, warm_up_s, seed)
    except process.ProcessFailed as error:
        return {"failed": str(error)}
    if outcome(record) != "measured":
        return record
    return {**record, "logits": np.load(folder / "logits.npy")}


def outcome(record: dict) -> str:
    """Return what became of an attempt: "measured", or the key under which its record says why."""
    return next((what for what in ("failed", "refused", "left_out") if what in record), "measured")


def _progress(records: list[dict], planned: int, seconds: float) -> str:
    counts = Counter(outcome(record).replace("_", " ") for record in records)
    words = ", ".join(f"{count} {what}" for what, count in counts.items())
    usual_s = noise.usual_paces_s(records)
    noisy = sum(noise.disturbed(record, usual_s) for record in records)
    done = f"{len(records):>3} of {counted(planned, 'process')}"
    return f"{done}: {words}, {noisy} disturbed  {seconds:.0f} s"


def measured_seconds(records: list[dict]) -> float:
    """Return the seconds from a runtime's import to its last timed call, over all processes."""
    return sum(record.get("spent_s", 0.0) for record in records)
