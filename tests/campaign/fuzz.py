"""Feed damaged files to the readers of images and results: each is read or refused in one line.

    python tests/campaign/fuzz.py [COUNT]

COUNT inputs, 100,000 without it, are spread evenly over the readers. What is neither read nor a
LabError of one line within TIMEOUT_S is a finding; each kind is shown with its first input, and
the exit code is 1 then.
"""

import io
import json
import os
import random
import signal
import sys
import tempfile
import time
import traceback
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import made_up

from helpers.core import artifacts, results
from helpers.core.console import LabError, one_line
from helpers.core.stages import NOTEBOOKS, STAGES
from helpers.data import fetch, idx, mnist, own
from helpers.data.parts import PARTS

TIMEOUT_S = 10
# Sizes, lengths and text that readers trip over.
BYTES = (b"\x00", b"\xff", b"\x1f\x8b", b"PK\x03\x04", b"\xff\xff\xff\xff", b"\x80\x00\x00\x00")
VALUES = (None, True, -1, 0, 2**70, 1e308, "", "../x", "\x00", "\ud800", [], {}, [[]], {"": None})


class Hang(BaseException):
    """A reader that took longer than TIMEOUT_S."""


def damaged(content: bytes, draw: random.Random) -> bytes:
    """Return a file's content with one to four faults."""
    found = bytearray(content)
    for _ in range(draw.randint(1, 4)):
        # Most of what a reader decides on stands at the begin and at the end.
        place = draw.choice((draw.randrange(64), -draw.randrange(1, 200), draw.randrange(1 << 30)))
        place %= max(1, len(found))
        length = draw.choice((1, 2, 4, draw.randint(0, 300)))
        match draw.randrange(5):
            case 0 if found:
                found[place] ^= 1 << draw.randrange(8)
            case 1:
                found[place : place + length] = draw.randbytes(length)
            case 2:
                del found[place : place + length]
            case 3:
                found[place:place] = found[:length] if draw.random() < 0.5 else draw.choice(BYTES)
            case 4:
                chosen = draw.choice(BYTES)
                found[place : place + len(chosen)] = chosen
    return bytes(found)


def damaged_archive(content: bytes, draw: random.Random) -> bytes:
    """Return an .npz archive, itself damaged or with damaged members in it."""
    if draw.random() < 0.5:
        return damaged(content, draw)
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(packed, "w") as new:
        chosen = draw.choice(old.namelist())
        for name in old.namelist():
            held = old.read(name)
            new.writestr(name, damaged(held, draw) if name == chosen else held)
    return packed.getvalue()


def damaged_json(content: bytes, draw: random.Random) -> bytes:
    """Return a JSON file, itself damaged or with another value somewhere."""
    if draw.random() < 0.5:
        return damaged(content, draw)
    value = json.loads(content)
    place, key = {"": value}, ""
    while isinstance(place[key], dict | list) and place[key] and draw.random() < 0.9:
        place = place[key]
        key = draw.choice(list(place)) if isinstance(place, dict) else draw.randrange(len(place))
    place[key] = draw.choice(VALUES)
    return json.dumps(value).encode()


def small_data_set() -> dict[str, np.ndarray]:
    """Return 30 training and 20 test images of noise by their keys in an archive."""
    draw, found = np.random.default_rng(0), {}
    for part in PARTS:
        count = 30 if part.half == "training" else 20
        labels = np.arange(count, dtype=np.uint8) % 10
        noise = draw.integers(0, 256, (count, 28, 28), np.uint8)
        found[part.key] = noise if part.kind == "images" else labels
    return found


Reader = tuple[list[bytes], Callable[[bytes, random.Random], bytes], Callable[[bytes, int], None]]


def readers(folder: Path) -> dict[str, Reader]:
    """Return what is read: whole contents, how they are damaged, what writes and reads them."""
    own.LEAST_TRAINING = 20
    os.environ["LAB_ARTIFACTS"] = str(folder)
    arrays = small_data_set()
    raw = {part: idx.to_bytes(arrays[part.key]) for part in PARTS}
    packed = io.BytesIO()
    np.savez_compressed(packed, **arrays)
    rows = made_up.whole("mlp")
    small = {name: v[:1] if isinstance(v, list) else v for name, v in rows.items()}
    record = {name: small[name] for name in STAGES[NOTEBOOKS[0]].tables}
    record |= {"schema_version": results.version(), "trajectory": made_up.file("x.npz")}

    def read_idx(content: bytes, number: int) -> None:
        for place, part in enumerate(PARTS):
            written = content if place == number % 4 else raw[part]
            Path(folder, "idx", part.file).write_bytes(written)
        fetch.verified(fetch.Place("here", folder / "idx"))
        mnist.locate(str(folder / "idx"))

    def read_archive(content: bytes, number: int) -> None:
        Path(folder, "npz", "mnist.npz").write_bytes(content)
        fetch.verified(fetch.Place("here", folder / "npz"))
        mnist.locate(str(folder / "npz"))

    def read_results(content: bytes, number: int) -> None:
        results.path().write_bytes(content)
        results.read()

    def read_record(content: bytes, number: int) -> None:
        STAGES[NOTEBOOKS[0]].record.write_bytes(content)
        results.read_record(NOTEBOOKS[0])

    for name in ("idx", "npz", STAGES[NOTEBOOKS[0]].folder, "models", "logits"):
        Path(folder, name).mkdir()
    models = record["models"]
    for row in [*models, *(m["logits"] for m in models), *record["exports"], record["trajectory"]]:
        Path(folder, row["file"]).write_bytes(b"")
        row["sha256"] = artifacts.sha256(folder / row["file"])
    json_of = [artifacts.to_json(small).encode()], [artifacts.to_json(record).encode()]
    return {
        "IDX files": (list(raw.values()), damaged, read_idx),
        "archives": ([packed.getvalue()], damaged_archive, read_archive),
        "results.json": (json_of[0], damaged_json, read_results),
        "records": (json_of[1], damaged_json, read_record),
    }


def fuzz(reader: Reader, count: int, seed: int) -> tuple[Counter, dict[str, bytes]]:
    """Return how many inputs were read and refused, and the first input of each finding.

    Raises LabError when the reader refuses what is whole.
    """
    whole, damage, read = reader
    for number, content in enumerate(whole):
        read(content, number)
    draw, ends, findings = random.Random(seed), Counter(), {}
    for number in range(count):
        content = damage(whole[number % len(whole)], draw)
        signal.setitimer(signal.ITIMER_REAL, TIMEOUT_S)
        try:
            read(content, number)
            ends["read"] += 1
        except LabError as error:
            ends["refused"] += 1
            if "\n" in str(error):
                findings.setdefault("a refusal of several lines", content)
        except (Exception, Hang) as error:
            *_, frame = traceback.extract_tb(error.__traceback__)
            found = f"{type(error).__name__} in {Path(frame.filename).name}:{frame.lineno}"
            findings.setdefault(f"{found}: {one_line(error)[:100]}", content)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    return ends, findings


def stop(*_: object) -> None:
    """Raise what tells of a hang."""
    raise Hang


def main(count: int) -> int:
    """Feed all readers, print a line each and return 1 when there is a finding."""
    signal.signal(signal.SIGALRM, stop)
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        all_readers = readers(Path(folder))
        share = -(-count // len(all_readers))
        for seed, (name, reader) in enumerate(all_readers.items()):
            begin = time.perf_counter()
            ends, findings = fuzz(reader, share, seed)
            told = ", ".join(f"{ends[end]:,} {end}" for end in ("read", "refused"))
            taken_s = time.perf_counter() - begin
            print(f"{name}: {share:,} inputs, {told}, {len(findings)} findings, {taken_s:.0f} s")
            found |= {f"{name}: {what}": content for what, content in findings.items()}
    for what, content in found.items():
        print(f"{what}\n  {content[:200]!r}", file=sys.stderr)
    return bool(found)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000))
