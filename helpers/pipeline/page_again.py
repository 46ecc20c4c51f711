"""The page of a run, made again: from its executed notebooks, and from old_results.json alone."""

import contextlib
import difflib
import hashlib
import io
import itertools
import json
import re
import tempfile
import types

import nbformat
from bs4 import BeautifulSoup, Tag
from bs4.element import PreformattedString

from helpers.core import artifacts
from helpers.core import old_results as results
from helpers.core.console import LabError, one_line
from helpers.core.stages import NOTEBOOKS
from helpers.data.mnist import Source
from helpers.pipeline import chain
from helpers.pipeline.notebook import FOLDER, executed
from helpers.pipeline.tally import NOTHING, Run, Tally, plain, there
from helpers.report import drawing

# The cell of 05 that writes old_results.json.
GATHER_TAG = "gather"
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
# What holds one text: a table's row is one.
BLOCKS = [*HEADINGS, "p", "li", "dt", "dd", "tr", "figcaption", "summary", "pre"]

Texts = list[tuple[str, str]]  # the heading above a text, and the text


def of_notebooks(tally: Tally, run: Run) -> None:
    """Compare every text and drawing of the page with those of the executed notebooks."""
    absent = [name for name in NOTEBOOKS if not executed(name).exists()]
    for name in absent:
        tally.lacks(f"notebooks/{name}.ipynb")
    if run.page and not absent:
        written, again = _parse(run.page), _parse(_build(run))
        _compare(tally, _texts(written.body, drawings=True), _texts(again.body, drawings=True))


def of_results(tally: Tally, run: Run) -> None:
    """Compare every text of the page before its appendices with what old_results.json gives."""
    if not run.page:
        return tally.lacks("report.html")
    _forget_how_long_05_took(run.found)
    failed = _show_again(tally)
    written, again = _parse(run.page), _parse(_build(run))
    # What nothing can be shown of again. The page may count other cells than the notebook has now.
    told = [shown.get_text() for prose in failed if (shown := again.find(id=prose))]
    out = [_after(written, text) for text in told]
    for soup in (written, again):
        # The title block says what lab.yaml said then.
        out += [soup.main.header, *soup(class_="appendix")]
    for part in filter(None, out):
        part.decompose()
    return _compare(tally, _texts(written.main), _texts(again.main))


def network(tally: Tally, run: Run) -> None:
    """Compare what answers drawings in the page with the model file that old_results.json names."""
    if not run.page:
        return tally.lacks("report.html")
    held = re.search(r'<script type="application/json">(.*?)</script>', run.page)
    rows = run.found.get("drawing", [])
    tally.compare("report.html answers drawings", bool(held), bool(rows))
    if not (held and rows):
        return None
    export = results.one(run.found["exports"], id=rows[0]["export"])
    file = there(export["file"])
    if not file:
        return tally.lacks(export["file"])
    if run.dataset is None:
        return tally.lacks("the network in report.html", "no test images to compare it with")
    tally.compare(f"{export['file']}, SHA-256", export["sha256"], artifacts.sha256(file))
    again = plain(drawing.data(run.found, run.dataset))
    return tally.compare("report.html, what answers drawings", json.loads(held[1]), again)


def _after(soup: BeautifulSoup, text: str) -> Tag | None:
    """Return the cell after the one with a text."""
    cells = soup.main(class_="nb-cell")
    found = (after for cell, after in itertools.pairwise(cells) if cell.get_text() == text)
    return next(found, None)


def _parse(page: str) -> BeautifulSoup:
    soup = BeautifulSoup(page, "html.parser")
    for part in soup(["script", "style", "noscript"]):
        part.decompose()
    return soup


def _build(run: Run) -> str:
    """Return the page of the notebooks that are executed."""
    said = run.found["run"]
    source = Source(**said["dataset"])
    request = chain.Request(said["profile"], [], {}, source, begin=0, force=False)
    return chain.build_page(request).read_text(encoding="utf-8")


def _forget_how_long_05_took(found: dict) -> None:
    """Write the results as they were when 05 showed it: the chain notes what that took after it."""
    stages = {name: s for name, s in found["run"]["stages"].items() if name != NOTEBOOKS[-1]}
    results.write({**found, "run": {**found["run"], "stages": stages}})


def _show_again(tally: Tally) -> list[str]:
    """Execute the cells of 05 that show the results; return ids of the prose before failing ones.

    In this process: no kernel that a user has configured takes part.
    """
    from IPython.core.displayhook import CapturingDisplayHook
    from IPython.core.displaypub import CapturingDisplayPublisher
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    notebook, failed = nbformat.read(FOLDER / f"{NOTEBOOKS[-1]}.ipynb", as_version=4), []
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        config = Config({"HistoryManager": {"enabled": False}})
        own = types.ModuleType("report")  # instead of this program's __main__
        shell = InteractiveShell.instance(ipython_dir=folder, config=config, user_module=own)
        shell.display_pub = CapturingDisplayPublisher()
        shown = shell.display_pub.outputs
        shell.display_trap.hook = CapturingDisplayHook(shell, shown)
        for before, cell in enumerate(notebook.cells):  # the ids begin with 1
            if cell.cell_type != "code" or GATHER_TAG in cell.metadata.get("tags", []):
                continue
            done = shell.run_cell(cell.source)
            cell.outputs = [
                nbformat.v4.new_output("display_data", each["data"], metadata=each["metadata"])
                for each in shown
            ]
            shown.clear()
            if error := done.error_before_exec or done.error_in_exec:
                failed.append(f"{NOTEBOOKS[-1][:2]}-cell-{before}")
                where = cell.source.splitlines()[0].lstrip("# ")
                if isinstance(error, LabError):
                    tally.lacks(where, str(error))
                else:
                    tally.differ(where, "", f"{type(error).__name__}: {one_line(error)}")
    InteractiveShell.clear_instance()
    with artifacts.replacing(executed(NOTEBOOKS[-1])) as temporary:
        nbformat.write(notebook, temporary)
    return failed


def _texts(root: Tag, *, drawings: bool = False) -> Texts:
    """Return the texts of a page in their order; with `drawings` digests of its pictures too."""
    found, heading, last = [], "", None
    for node in root.descendants:
        if isinstance(node, PreformattedString):  # a comment
            continue
        if not isinstance(node, Tag):
            words, block = str(node), node.find_parent(BLOCKS) or root
        elif node.name == "img":
            drawn = hashlib.sha256(node["src"].encode()).hexdigest()[:12]
            words, block = node.get("alt", "") + drawings * f" (drawing {drawn})", node
        elif node.name in ("td", "th"):
            words, block = " ", node.find_parent("tr")
        else:
            continue
        if block is last:
            found[-1] = found[-1][0], found[-1][1] + words
        elif words.strip():
            found.append((heading, words))
            last = block
        if last is not None and last.name in HEADINGS:
            heading = " ".join(found[-1][1].split())
    return [(heading, " ".join(words.split())) for heading, words in found]


def _compare(tally: Tally, written: Texts, again: Texts) -> None:
    """Note where the texts of two pages part."""
    tally.checked += len(written)
    both = ([text for _, text in texts] for texts in (written, again))
    for what, i, i_end, j, j_end in difflib.SequenceMatcher(None, *both, False).get_opcodes():
        if what == "equal":
            continue
        pairs = itertools.zip_longest(written[i:i_end], again[j:j_end])
        for own, other in pairs:
            heading = (own or other)[0]
            texts = (each[1] if each else NOTHING for each in (own, other))
            tally.differ(f"report.html{heading and f', {heading}'}", *texts)
