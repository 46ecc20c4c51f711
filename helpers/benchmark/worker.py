"""What happens inside one measuring process: load a runtime, gate its logits, time its calls.

Started by `helpers.benchmark.plan` through `helpers.core.process`, one runtime a process.
"""

import gc
import time
from pathlib import Path

import numpy as np

from helpers.benchmark import timing
from helpers.benchmark.noise import Cores
from helpers.benchmark.runtimes import RUNTIMES, LeftOut
from helpers.exports import gate

# Integers are summed without rounding, so the batch size makes no difference.
EXACT = ("dynamic", "int8")


def work(specification: dict) -> dict:
    """Load the runtime of `specification`, gate its logits, then time the batch sizes.

    Keys: runtime, model (a path), threads, images (a .npy path), logits (the .npy path to write),
    source_logits (a .npy path), precision, batches [{scenario, batch_size, window_s}], warm_up_s,
    seed. Returns, before any timing, {"left_out": reason} when the runtime is not made for the
    network, and {"refused": reason} when the logits are not the source's or, after it, when the
    timed logits are not the untimed ones: bit for bit where EXACT says so.
    """
    images = np.load(specification["images"])
    cores = Cores(specification["threads"])
    if cores.one_thread:
        cores.settle(cores.paces_s())
    gc.disable()  # as timeit does: a collection would fall into somebody's call
    begin = time.perf_counter()
    runtime = RUNTIMES[specification["runtime"]](specification["threads"])
    try:
        runtime.load(Path(specification["model"]))
    except LeftOut as error:
        return {"left_out": str(error)}
    # The callable that is timed below is the one that gives these logits.
    logits = runtime(images)
    np.save(specification["logits"], logits)
    source_logits, precision = np.load(specification["source_logits"]), specification["precision"]
    refusal = gate.refusal(logits, source_logits, precision)
    if refusal:
        return {"refused": refusal}
    times = timing.time_all(
        runtime,
        images,
        logits,
        specification["batches"],
        specification["warm_up_s"],
        cores,
        specification["seed"],
    )
    difference = max(row["largest_difference"] for row in times["batches"])
    exact = precision in EXACT and precision not in runtime.company_counts
    if difference > (0 if exact else gate.allowed_difference(precision, source_logits)):
        return {"refused": f"timed logits differ from untimed ones by up to {difference:.2g}"}
    return {**times, "spent_s": time.perf_counter() - begin}
