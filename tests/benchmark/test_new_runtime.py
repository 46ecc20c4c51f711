"""A further runtime is one class and nothing else; one that cannot run costs its row alone."""

import json
import re
import urllib.parse

import changes
import pytest
from bs4 import BeautifulSoup

CLASSES = '''

class NumPyFloat64(NumPy):
    """The same products in float64."""

    name, title = "numpy-float64", "NumPy in float64"
    colour, marker = "#332288", "h"

    def load(self, path: Path) -> None:
        super().load(path)
        self.layers = [[k.astype(float), b.astype(float), relu] for k, b, relu in self.layers]


class Absent(NumPyFloat64):
    """One whose package nobody installed."""

    name, title, package = "absent", "Absent", "no-such-package"


class Broken(NumPyFloat64):
    """One that breaks as soon as it is asked."""

    name, title = "broken", "Broken"

    def __call__(self, images: np.ndarray) -> np.ndarray:
        raise MemoryError("no room")
'''
RUNTIMES = "pytorch,onnxruntime,numpy,numpy-float64,absent,broken"


@pytest.mark.real
@pytest.mark.campaign
def test_one_class_is_enough_for_a_row_in_every_table_and_figure(tmp_path):
    project = changes.copy_project(tmp_path / "project")
    with (project / "helpers" / "benchmark" / "runtimes.py").open("a") as file:
        file.write(CLASSES)
    words = ("DATASET=sample", "TRAININGS=mlp:lab:1", f"RUNTIMES={RUNTIMES}")
    done = changes.run_chain(project, *words)
    assert done.returncode == 0, done.stdout + done.stderr
    results = json.loads((project / "artifacts" / "old_results.json").read_text())
    assert {row["runtime"] for row in results["latency"] if row["main"]} == {
        *("pytorch", "onnxruntime", "numpy", "numpy-float64"),
    }
    assert "numpy-float64" in {row["runtime"] for row in results["cold_start"]}
    absent, broken = results["failures"]
    assert (absent["runtime"], absent["attempts"], absent["what"]) == ("absent", 0, "left out")
    assert absent["reason"] == "the package no-such-package is not installed"
    assert (broken["runtime"], broken["attempts"], broken["what"]) == ("broken", 3, "failed")
    soup = BeautifulSoup((project / "artifacts" / "report.html").read_text(), "html.parser")
    tables = [table.get_text("|") for table in soup("table")]
    assert sum("NumPy in float64" in text for text in tables) >= 4
    assert sum("left out: the package no-such-package is not installed" in t for t in tables) == 1
    # The latency of one image and of all, the sweep and the explorer draw it in its colour.
    figures = [urllib.parse.unquote(image["src"]) for image in soup("img")]
    assert sum(bool(re.search("#332288", figure, re.I)) for figure in figures) >= 4
