"""The page of a run, made again: from its executed notebooks, and from results.json alone."""

import contextlib
import difflib
import hashlib
import io
import itertools
import tempfile
import types

import nbformat
from bs4 import BeautifulSoup, Tag
from bs4.element import PreformattedString

from helpers.core import artifacts
from helpers.core.console import LabError, one_line
from helpers.core.stages import NOTEBOOKS
from helpers.data.mnist import Source
from helpers.pipeline import chain
from helpers.pipeline.notebook import FOLDER, executed
from helpers.pipeline.tally import NOTHING, Run, Tally

# The cell of 05 that writes results.json.
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
    """Compare every text of the page before its appendices with what results.json gives."""
    if not run.page:
        return tally.lacks("report.html")
    failed = _show_again(tally)
    written, again = _parse(run.page), _parse(_build(run))
    for soup in (written, again):
        # The title block says what lab.yaml said then.
        out = [soup.main.header, *soup(class_="appendix"), *(soup.find(id=name) for name in failed)]
        for part in filter(None, out):
            part.decompose()
    return _compare(tally, _texts(written.main), _texts(again.main))


def _parse(page: str) -> BeautifulSoup:
    soup = BeautifulSoup(page, "html.parser")
    for part in soup(["script", "style"]):
        part.decompose()
    return soup


def _build(run: Run) -> str:
    """Return the page of the notebooks that are executed."""
    said = run.found["run"]
    source = Source(**said["dataset"])
    request = chain.Request(said["profile"], [], {}, source, begin=0, force=False)
    return chain.build_page(request).read_text(encoding="utf-8")


def _show_again(tally: Tally) -> list[str]:
    """Execute the cells of 05 that show results.json; return the page's ids of those that fail.

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
        # papermill adds a cell, which the page counts.
        for number, cell in enumerate(notebook.cells, start=2):
            if cell.cell_type != "code" or GATHER_TAG in cell.metadata.get("tags", []):
                continue
            done = shell.run_cell(cell.source)
            cell.outputs = [
                nbformat.v4.new_output("display_data", each["data"], metadata=each["metadata"])
                for each in shown
            ]
            shown.clear()
            if error := done.error_before_exec or done.error_in_exec:
                failed.append(f"{NOTEBOOKS[-1][:2]}-cell-{number}")
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
        if isinstance(node, Tag):
            if node.name != "img":
                continue
            words, block = node.get("alt", ""), node
            if drawings:
                words += f" (drawing {hashlib.sha256(node['src'].encode()).hexdigest()[:12]})"
        elif isinstance(node, PreformattedString) or not node.strip():  # a comment, or nothing
            continue
        else:
            words, block = " ".join(node.split()), node.find_parent(BLOCKS) or root
        if block is last:
            found[-1] = found[-1][0], f"{found[-1][1]} {words}"
        else:
            found.append((heading, words))
        last = block
        if block.name in HEADINGS:
            heading = found[-1][1]
    return found


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
            tally.differ(f"report.html, {heading}", *texts)
