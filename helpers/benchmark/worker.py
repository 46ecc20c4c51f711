"""What happens inside one measuring process: load a runtime, gate its logits, time its calls.

Started by `helpers.benchmark.plan` through `helpers.core.process`, one runtime a process.
"""

import gc
import time
from pathlib import Path

import numpy as np

from helpers.benchmark import timing
from helpers.benchmark.runtimes import RUNTIMES


def work(specification: dict) -> dict:
    """Start the runtime of `specification`, gate its logits, then time its calls.

    Keys: runtime, threads, path (of the file), images and source_logits (.npy paths), precision,
    sizes (batch sizes between one image and all). Returns {start_up, batches, repeated}, or
    {"refused": reason} when the logits, later when the timed logits, are not the source's.
    """
    file = specification["images"]
    image = np.load(file, mmap_mode="r")[:1].copy()  # of a program that has one image in memory
    gc.disable()  # as timeit does: a collection would fall into somebody's call
    clock = [time.perf_counter()]
    runtime = RUNTIMES[specification["runtime"]](specification["threads"])
    clock.append(time.perf_counter())
    runtime.load(Path(specification["path"]))
    clock.append(time.perf_counter())
    runtime(image)
    clock.append(time.perf_counter())
    start_up = dict(zip(("import_s", "load_s", "first_call_s"), np.diff(clock), strict=True))
    # What is imported from here on is no part of the start-up.
    from helpers.core import machine
    from helpers.exports import gate

    start_up["peak_rss_bytes"] = machine.peak_rss_bytes()

    # The callable that is timed below is the one that gives these logits.
    images, source_logits = np.load(file), np.load(specification["source_logits"])
    logits = runtime(images)
    refusal = gate.refusal(logits, source_logits, specification["precision"])
    if refusal:
        return {"refused": refusal}
    sizes = [("single_stream", 1, 1), ("offline", len(images), 1)]
    sizes += [("batch_sweep", size, timing.SWEEP_SHARE) for size in specification["sizes"]]
    batches = []
    for scenario, size, share in sizes:
        timed = timing.time_batch(runtime, images, size, logits, share * timing.WINDOW_S)
        batches.append({"scenario": scenario, **timed})
    repeated = timing.repeated_per_distinct(runtime, images, batches[0]["calls_per_block"])
    difference = max(row["largest_difference"] for row in batches)
    # A dynamic ONNX file takes its ranges over all images of a call: in other company an image is
    # answered differently, within what the precision may differ.
    if difference > gate.allowed_difference(specification["precision"], source_logits):
        return {"refused": f"timed logits differ from untimed ones by up to {difference:.2g}"}
    return {"start_up": start_up, "batches": batches, "repeated": repeated}
