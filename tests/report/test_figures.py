"""What each figure finds in the fixture, in few rounds, and where something is missing."""

import copy
import json
import re
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree

import numpy as np
import pytest
from bs4 import BeautifulSoup

from helpers.report import figures

FIXTURE = Path(__file__).parents[1] / "fixtures" / "results.json"
IMAGES = np.zeros((10_000, 28, 28), np.uint8)
FIGURES = {
    "three_clocks": figures.three_clocks,
    "accuracy": figures.accuracy,
    "batch_sizes": figures.batch_sizes,
    "timer_stages": figures.timer_stages,
    "common_errors": lambda found: figures.common_errors(found, IMAGES),
    "confusion": figures.confusion,
}


@pytest.fixture
def found():
    return json.loads(FIXTURE.read_text(encoding="utf-8"))


@pytest.fixture
def drawn(monkeypatch):
    """Draw a figure: return its finding and its HTML."""
    seen = []
    monkeypatch.setattr(figures, "display", lambda shown: seen.append(shown.data))

    def draw(name, found):
        FIGURES[name](found)
        soup = BeautifulSoup(seen.pop(), "html.parser")
        return soup.img["alt"].rpartition(". ")[2], soup

    yield draw
    assert seen == []


def without(rows, **unwanted):
    return [row for row in rows if any(row[name] != value for name, value in unwanted.items())]


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_has_alternative_text_a_caption_and_a_drawing_that_any_browser_reads(
    name, found, drawn
):
    finding, soup = drawn(name, found)
    assert len(soup.img["alt"]) > len(finding) + 40
    caption = soup.figcaption.get_text()
    assert caption[0].isupper() and caption.endswith(".")
    assert not set("`*_") & set(soup.img["alt"] + caption)
    kind, _, svg = unquote(soup.img["src"]).partition(",")
    assert kind == "data:image/svg+xml"
    drawing = ElementTree.fromstring(svg)
    inches = [float(drawing.get(side).removesuffix("pt")) / 72 for side in ("width", "height")]
    assert inches[0] <= 7.2 and inches[1] <= 4.2
    assert str(soup) == str(drawn(name, found)[1])


def test_the_three_clocks_are_three_factors(found, drawn):
    finding, _ = drawn("three_clocks", found)
    assert finding == (
        "PyTorch takes 115 times as long as ONNX Runtime by the table of 2025, 32.4 times by its "
        "timers rebuilt and 1.19 times on the same array."
    )
    found["latency"] = without(found["latency"], runtime="pytorch")
    found["timers_2025"] = found["timers_2025"][:1]
    finding, _ = drawn("three_clocks", found)
    assert finding == "PyTorch takes 115 times as long as ONNX Runtime by the table of 2025."
    drawn("three_clocks", {**found, "latency": [], "timers_2025": []})


def test_the_accuracies_are_judged_by_their_intervals_and_never_by_one_seed(found, drawn):
    finding, _ = drawn("accuracy", found)
    assert finding == (
        "PyTorch's accuracy beside TensorFlow's: no clear difference (mlp lab, mlp strong, cnn "
        "strong)."
    )
    found["seeds"] = [row for row in found["seeds"] if row["seed"] == 1]
    found["differences"] = [{**found["differences"][0], "ci95": None, "verdict": "range only"}]
    assert drawn("accuracy", found)[0].endswith("TensorFlow's: range only (mlp lab).")
    found["seeds"] = [row for row in found["seeds"] if row["framework"] == "pytorch"]
    assert drawn("accuracy", {**found, "differences": []})[0].endswith("not measured.")


def test_larger_batches_are_compared_with_one_image(found, drawn, capsys):
    finding, _ = drawn("batch_sizes", found)
    # 10,000 images in 286 ms beside one in 46.3 ms.
    assert finding.startswith(
        "With more images a call, images a second rise up to 1,620-fold in Keras predict and "
    )
    found["latency"] = without(found["latency"], scenario="batch_sweep")
    figures.batch_sizes(found)
    assert capsys.readouterr().out == ("Batch sizes between one image and all were not measured.\n")


def test_a_runtime_that_a_student_adds_is_drawn_in_a_colour_of_its_own(found, drawn):
    before = unquote(drawn("batch_sizes", found)[1].img["src"])
    own = [row for row in found["latency"] if row["runtime"] == "onnxruntime"]
    for name, factor in (("mine", 2), ("yours", 3)):
        found["latency"] += [
            {**row, "runtime": name, "median_s": factor * row["median_s"]} for row in own
        ]
    after = unquote(drawn("batch_sizes", found)[1].img["src"])
    added = set(re.findall("#[0-9a-f]{6}", after)) - set(re.findall("#[0-9a-f]{6}", before))
    assert len(added) == 2


def test_the_stages_say_how_much_of_a_timer_is_the_forward_pass(found, drawn, capsys):
    finding, _ = drawn("timer_stages", found)
    assert finding == (
        "The forward pass is 22 % of TensorFlow's, 6 % of PyTorch's and 100 % of ONNX Runtime's "
        "timer of 2025, rebuilt here."
    )
    figures.timer_stages({**found, "timers_2025": []})
    assert capsys.readouterr().out == "The timers of 2025 were not run.\n"


def test_the_images_that_all_models_get_wrong_are_those_that_all_get_wrong(found, drawn, capsys):
    rows = found["errors"]["common_errors"]
    known = sum(row["label_error"] for row in rows)
    finding, soup = drawn("common_errors", found)
    assert finding == (
        f"Test images that all 4 models get wrong: {len(rows)}; labels known to be wrong (red "
        f"frame): {known}."
    )
    unknown = copy.deepcopy(found)
    unknown["errors"]["common_errors"] = [{**row, "label_error": None} for row in 2 * rows]
    unknown["run"]["dataset"]["classes"][0] = "T-shirt/top"
    finding, soup = drawn("common_errors", unknown)
    assert finding == f"Test images that all 4 models get wrong: {2 * len(rows)}."
    assert soup.figcaption.get_text().endswith("at most 24 are shown; 0 is T-shirt/top.")
    found["errors"]["common_errors"] = []
    figures.common_errors(found, IMAGES)
    assert capsys.readouterr().out == "No test image is answered wrongly by all models.\n"


def test_the_confusions_are_those_of_the_network_that_was_timed(found, drawn, capsys):
    counts = np.array(found["errors"]["confusion"][2]["counts"])
    wrong = counts.sum() - np.trace(counts)
    finding, _ = drawn("confusion", found)
    assert finding.startswith(f"PyTorch's mlp gets {wrong} of 10,000 test images wrong")
    found["errors"]["confusion"] = []
    figures.confusion(found)
    assert capsys.readouterr().out == "The confusion matrix was not measured.\n"


@pytest.mark.parametrize("factor", [0.3, 0.8, 1.0, 1.2, 3.0])
def test_no_number_of_the_three_clocks_lies_on_another(found, monkeypatch, factor):
    seen = []
    monkeypatch.setattr(figures, "show", lambda figure, **words: seen.append(figure))
    for row in found["latency"]:
        if row["runtime"] == "onnxruntime" and row["scenario"] == "offline":
            row["median_s"] = factor * figures.SECONDS_2025["onnxruntime"]
    figures.three_clocks(found)
    (figure,) = seen
    figure.canvas.draw()
    boxes = [text.get_window_extent() for text in figure.axes[0].texts]
    assert len(boxes) == 9
    for place, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[:place])
