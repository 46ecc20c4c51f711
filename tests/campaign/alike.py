"""What two runs of the same code and seed must have alike: all but times and what hangs on them."""

import difflib
import hashlib
import io
import json
import re
import zipfile
from pathlib import Path

import h5py
from bs4 import BeautifulSoup, Tag

# Fields of results.json that are times or hang on them, and so are those that end in _s or seconds.
TIMED = re.compile(
    r".*(_s|seconds)|started|stages|calls|flags|quiet_processes|others_cores|cpu_per_wall"
    r"|images_per_s|(smallest_)?ratio(_ci95|_range)?|timed_logit_difference|\w*rss_bytes"
)
# Claims and goals about times.
TIMED_CHECK = re.compile("time|faster|slower|factor|speed|seconds")
# Parts of the page that say nothing of the times of the runtimes, by the ids of their headings.
TIMELESS_PART = re.compile(
    "0[1246]-.*|05-(requirements|introduction|models-and-training|accuracy|many-seeds|exports"
    "|challenges|what-the-networks-get-wrong|references)"
)
# The file of a broken TFLite route has weights from memory that nothing was written to.
BROKEN = re.compile(r"(cannot hold [\d,]+ weights);.*")
# What may differ there: durations, sizes of processes, dates.
TIME = re.compile(r"\d[\d.,]* ?(ns|µs|ms|s|MB)\b|\d{4}-\d\d-\d\d( at)?|\d\d:\d\d(:\d\d)?")


def differences(first: Path, second: Path) -> list[str]:
    """Return the lines that the artifacts of two runs do not have alike, of each after - or +."""
    lines = []
    for told in (_results, _page):
        lines += difflib.unified_diff(told(first), told(second), lineterm="", n=0)
    return [line for line in lines if not line.startswith(("---", "+++", "@@"))]


def _results(folder: Path) -> list[str]:
    """Return results.json as lines without times, and the weights of the Keras files."""
    results = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    del results["run"]["id"]  # the time of its start
    for row in results["models"] + results["exports"]:
        if row["file"].endswith(".keras"):  # such a file holds its date
            del row["bytes"]
            row["sha256"] = _weights_sha256(folder / row["file"])
    return json.dumps(_timeless(results), indent=1, sort_keys=True).splitlines()


def _timeless(value: object) -> object:
    if isinstance(value, dict):
        return {k: _timeless(v) for k, v in value.items() if not TIMED.fullmatch(k)}
    if isinstance(value, list):
        return [_timeless(row) for row in value if not _is_timed_check(row)]
    return BROKEN.sub(r"\1", value) if isinstance(value, str) else value


def _is_timed_check(row: object) -> bool:
    return isinstance(row, dict) and "verdict" in row and bool(TIMED_CHECK.search(row["id"]))


def _weights_sha256(file: Path) -> str:
    with zipfile.ZipFile(file) as archive:
        content = io.BytesIO(archive.read("model.weights.h5"))
    digest, names = hashlib.sha256(), []
    with h5py.File(content, "r") as weights:
        weights.visit(names.append)
        for name in sorted(names):
            if isinstance(weights[name], h5py.Dataset):
                digest.update(name.encode() + weights[name][()].tobytes())
    return digest.hexdigest()


def _page(folder: Path) -> list[str]:
    """Return the page as lines: all headings, and what stands in its timeless parts."""
    page = (folder / "report.html").read_text(encoding="utf-8")
    lines, timeless = [], False
    for element in BeautifulSoup(page, "html.parser").main.descendants:
        if isinstance(element, Tag):
            if re.fullmatch("h[1-6]", element.name):
                timeless = bool(TIMELESS_PART.fullmatch(element["id"]))
                lines.append(element.get_text(" ", strip=True))
            elif element.name == "th" and element.get("scope") == "col":
                lines.append(element.get_text(" ", strip=True))
            elif element.name == "img" and timeless:
                lines.append(f"{element['alt']} {element['src']}")
        elif timeless and element.strip():
            lines += TIME.sub("…", BROKEN.sub(r"\1", element)).splitlines()
    return lines
