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
from helpers.core import process, provenance
from helpers.exports import gate


def work(specification: dict) -> dict:
    """Load the runtime of `specification`, gate its logits, then time the batch sizes.

    Keys: runtime, model (a path), threads, images (a .npy path), logits (the .npy path to write),
    source_logits (a .npy path), precision, batches [{scenario, batch_size, window_s}], warm_up_s,
    seed. Returns, before any timing, {"left_out": reason} when the runtime is not made for the
    network, and {"refused": reason} when the logits are not the source's.
    """
    images = np.load(specification["images"])
    cores = Cores(specification["threads"])
    if cores.one_thread:
        cores.settle(cores.paces_s())
    gc.disable()  # as timeit does: a collection would fall into somebody's call
    clock = [time.perf_counter()]
    runtime = RUNTIMES[specification["runtime"]](specification["threads"])
    clock.append(time.perf_counter())
    try:
        runtime.load(Path(specification["model"]))
    except LeftOut as error:
        return {"left_out": str(error)}
    clock.append(time.perf_counter())
    runtime(images[:1])
    clock.append(time.perf_counter())
    # The callable that is timed below is the one that gives these logits.
    logits = runtime(images)
    np.save(specification["logits"], logits)
    source_logits, precision = np.load(specification["source_logits"]), specification["precision"]
    refusal = gate.refusal(logits, source_logits, precision)
    if refusal:
        return {"refused": refusal}
    import_s, load_s, first_call_s = np.diff(clock)
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
    if difference > gate.allowed_difference(precision, source_logits):
        return {"refused": f"timed logits differ from untimed ones by up to {difference:.2g}"}
    return {
        "import_s": import_s,
        "load_s": load_s,
        "first_call_s": first_call_s,
        **times,
        "peak_rss_bytes": provenance.peak_rss_bytes(),
        "spent_s": time.perf_counter() - clock[0],
    }


if __name__ == "__main__":
    process.serve(work)
