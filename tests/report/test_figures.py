"""What each figure finds in the fixture, and where something is missing."""

from urllib.parse import unquote
from xml.etree import ElementTree

import numpy as np
import pytest
from bs4 import BeautifulSoup

from helpers.core.results import where
from helpers.report import figures

IMAGES = np.zeros((10_000, 28, 28), np.uint8)
FINDINGS = {
    figures.three_clocks: "PyTorch takes 115 times as long as ONNX Runtime by the table of 2025, "
    "32.4 times by its timers rebuilt and 1.19 times on the same array.",
    figures.accuracy: "PyTorch's accuracy beside TensorFlow's: no clear difference (mlp lab, mlp "
    "strong, cnn strong).",
    # 10,000 images in 286 ms beside one in 46.3 ms.
    figures.batch_sizes: "With more images a call, images a second rise up to 1,620-fold in Keras "
    "predict and 3.96-fold in TFLite (LiteRT).",
    figures.timer_stages: "The forward pass is 22 % of TensorFlow's, 6 % of PyTorch's and 100 % of "
    "ONNX Runtime's timer of 2025, rebuilt here.",
    figures.common_errors: "Test images that all 4 models get wrong: 19; labels known to be wrong "
    "(red frame): 4.",
    figures.confusion: "PyTorch's mlp gets 92 of 10,000 test images wrong, most often 4 read as 9 "
    "(9 times).",
}


@pytest.fixture
def drawn(monkeypatch):
    """Draw a figure: return its finding and its HTML."""
    seen = []
    monkeypatch.setattr(figures, "display", lambda shown: seen.append(shown.data))

    def draw(figure, found):
        figure(found, *([IMAGES] if figure is figures.common_errors else []))
        soup = BeautifulSoup(seen.pop(), "html.parser")
        return soup.img["alt"].rpartition(". ")[2], soup

    return draw


@pytest.mark.parametrize("figure", FINDINGS)
def test_a_figure_says_what_it_shows_and_any_browser_reads_it(figure, found, drawn):
    finding, soup = drawn(figure, found)
    assert finding == FINDINGS[figure]
    assert len(soup.img["alt"]) > len(finding) + 40
    caption = soup.figcaption.get_text()
    assert caption[0].isupper() and caption.endswith(".")
    kind, _, svg = unquote(soup.img["src"]).partition(",")
    assert kind == "data:image/svg+xml"
    drawing = ElementTree.fromstring(svg)
    inches = [float(drawing.get(side).removesuffix("pt")) / 72 for side in ("width", "height")]
    assert inches[0] <= 7.2 and inches[1] <= 4.2


def test_what_was_not_measured_is_not_drawn(found, drawn, capsys):
    found["latency"] = [row for row in found["latency"] if row["runtime"] != "pytorch"]
    found["timers_2025"] = found["timers_2025"][:1]
    finding, _ = drawn(figures.three_clocks, found)
    assert finding == "PyTorch takes 115 times as long as ONNX Runtime by the table of 2025."
    assert drawn(figures.timer_stages, found)[0].startswith("The forward pass is 22 % of Tensor")
    found["seeds"] = where(found["seeds"], seed=1)
    found["differences"] = [{**found["differences"][0], "ci95": None, "verdict": "range only"}]
    assert drawn(figures.accuracy, found)[0].endswith("TensorFlow's: range only (mlp lab).")
    found["errors"]["common_errors"] = found["latency"] = found["timers_2025"] = []
    figures.common_errors(found, IMAGES)
    figures.batch_sizes(found)
    figures.timer_stages(found)
    assert capsys.readouterr().out == (
        "No test image is answered wrongly by all models.\nNo runtime was measured.\n"
        "No timer of 2025 was measured.\n"
    )
    assert drawn(figures.three_clocks, found)[0].endswith("by the table of 2025.")


def test_images_without_known_label_errors_and_classes_with_names_are_told(found, drawn):
    rows = found["errors"]["common_errors"]
    found["errors"]["common_errors"] = [{**row, "label_error": None} for row in 2 * rows]
    found["run"]["dataset"]["classes"][0] = "T-shirt/top"
    finding, soup = drawn(figures.common_errors, found)
    assert finding == f"Test images that all 4 models get wrong: {2 * len(rows)}."
    assert soup.figcaption.get_text().endswith("at most 24 are shown; 0 is T-shirt/top.")
