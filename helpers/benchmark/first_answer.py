"""A program that does nothing but answer: import a runtime, load a file, tell an image's logits.

`helpers.benchmark.cold_start` starts it and holds the clock, so it imports nothing that such a
program could do without; what it tells of itself comes after the answer.
"""

import sys
import time
from pathlib import Path

import numpy as np

from helpers.benchmark.runtimes import RUNTIMES

ANSWER, FAILED = "the first answer:", "no answer:"


def main(name: str, threads: str, model: str, image: str, images: str) -> None:
    """Print the logits of `image`, wait for a line, then run all `images` in one call.

    The images are .npy paths. The last line printed is JSON: {import_s, load_s, first_call_s,
    peak_rss_bytes}, the memory that of the whole.
    """
    clock = [time.perf_counter()]
    runtime = RUNTIMES[name](int(threads))
    clock.append(time.perf_counter())
    runtime.load(Path(model))
    clock.append(time.perf_counter())
    (logits,) = runtime(np.load(image))
    clock.append(time.perf_counter())
    print(f"\n{ANSWER}", *logits, flush=True)
    sys.stdin.readline()
    runtime(np.load(images))
    _tell(np.diff(clock).tolist())


def _tell(parts_s: list[float]) -> None:
    import json
    import os

    from helpers.core import provenance

    told = dict(zip(("import_s", "load_s", "first_call_s"), parts_s, strict=True))
    print("\n" + json.dumps({**told, "peak_rss_bytes": provenance.peak_rss_bytes()}), flush=True)
    os._exit(0)  # TensorFlow would take another second to take itself apart


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except Exception as error:
        from helpers.core import console  # only then

        print(f"\n{FAILED} {console.reason(error)}", flush=True)
        raise
