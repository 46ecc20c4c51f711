"""What happens inside one measuring process: load a runtime, gate its answers, time its calls.

Started by `helpers.benchmark` through `helpers.isolation`, one runtime a process.
"""

import gc
import time
from pathlib import Path

import numpy as np

from helpers import evaluation, isolation, machine, timing
from helpers.cores import Cores
from helpers.runtimes import RUNTIMES


def work(specification: dict) -> dict:
    """Load the runtime of `specification`, gate its logits, then time the batch sizes.

    Keys: runtime, model (a path), threads, images (a .npy path), logits (the .npy path to write),
    source_logits (a .npy path), batches [{scenario, batch_size, window_s}], warm_up_s, seed.
    Without batches nothing is gated or timed. Returns {"refused": reason} before any timing when
    the logits are not the source's.
    """
    images = np.load(specification["images"])
    cores = Cores(specification["threads"])
    if cores.one_thread:
        cores.settle(cores.paces_s())
    gc.disable()  # as timeit does: a collection would fall into somebody's call
    clock = [time.perf_counter()]
    runtime = RUNTIMES[specification["runtime"]](specification["threads"])
    clock.append(time.perf_counter())
    runtime.load(Path(specification["model"]))
    clock.append(time.perf_counter())
    runtime(images[:1])
    clock.append(time.perf_counter())
    # The callable that is timed below is the one that answers here.
    logits = runtime(images)
    np.save(specification["logits"], logits)
    if not specification["batches"]:
        return {}
    refusal = evaluation.refusal(logits, np.load(specification["source_logits"]))
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
    if difference > evaluation.LARGEST_LOGIT_DIFFERENCE:
        return {"refused": f"timed answers differ from untimed ones by up to {difference:.2g}"}
    return {
        "import_s": import_s,
        "load_s": load_s,
        "first_call_s": first_call_s,
        **times,
        "peak_rss_bytes": machine.peak_rss_bytes(),
        "spent_s": time.perf_counter() - clock[0],
    }


if __name__ == "__main__":
    isolation.answer(work)
