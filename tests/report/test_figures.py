import re

import made_up
import numpy as np
import pytest
from bs4 import BeautifulSoup

from helpers.data.mnist import Dataset, Source
from helpers.report import explorer, figures, model_figures, time_figures

HISTORY = [
    {
        "framework": framework,
        "architecture": "mlp",
        "recipe": "lab",
        "seed": 1,
        "epoch": epoch,
        "loss": 1 / epoch,
        "validation_accuracy": accuracy + epoch / 1_000,
        "seconds": 0.5,
    }
    for framework, accuracy in (("tensorflow", 0.95), ("pytorch", 0.96))
    for epoch in (1, 2, 3)
]
LOGITS = {name: np.eye(10)[[3, answer, 5]] for name, answer in (("numpy", 4), ("litert", 9))}
LABELS = np.array([3, 4, 6])


def dataset_of(classes):
    images = np.zeros((3, 28, 28), np.uint8)
    return Dataset(images, LABELS, images, LABELS, Source("own", "own", 3, 3, "0", classes))


@pytest.fixture
def shown(monkeypatch):
    """The figures displayed, parsed."""
    seen = []
    monkeypatch.setattr(
        figures, "display", lambda shown: seen.append(BeautifulSoup(shown.data, "html.parser"))
    )
    return seen


def rows(soup):
    return [[cell.get_text() for cell in row(["th", "td"])] for row in soup("tr")]


def test_a_figure_says_its_type_its_axes_and_its_finding(shown):
    model_figures.training_curves(HISTORY)
    (figure,) = shown
    assert figure.img["src"].startswith("data:image/svg+xml,%3C?xml")
    assert figure.img["alt"] == (
        "Line charts over the epoch, training loss on a log axis above validation accuracy, one "
        "column a network and recipe, one line a framework. The mlp by the lab recipe ends at "
        "95.30% in TensorFlow and 96.30% in PyTorch of the validation images."
    )
    assert figure.figcaption.get_text().endswith("more epochs would help.")
    assert figure.summary.get_text() == "The numbers of this figure"
    assert rows(figure)[1] == ["mlp", "lab", "1", "1.0000", "1.0000", "95.10%", "96.10%"]


def test_the_same_figure_gives_the_same_bytes(shown):
    for _ in range(2):
        model_figures.training_curves(HISTORY)
    assert str(shown[0]) == str(shown[1])


def test_figures_of_times_say_what_they_found(shown):
    made = made_up.results()
    time_figures.latency(made["latency"], "offline")
    time_figures.stages(made)
    time_figures.batch_sweep(made["latency"])
    time_figures.cold_start(made["cold_start"])
    time_figures.trade_off(made)
    findings = [figure.img["alt"].rpartition(". ")[2] for figure in shown]
    assert findings == [
        "ONNX Runtime is fastest with 10,000 images a call; Keras predict takes "
        "40 times as long (37.2 to 41.5).",
        "90% of PyTorch's time in its reconstructed timer is not inference.",
        "With the mlp ONNX Runtime is fastest at 1, 128, 10,000 images a call.",
        "ONNX Runtime gives its first answer after 1.21 s, Keras predict after 1.6 s.",
        "Within 0.1 points of the best accuracy mlp-tensorflow is the smallest (410,000 bytes) and "
        "mlp-pytorch in ONNX Runtime the fastest.",
    ]
    assert "filled 2 threads, hollow one" in shown[0].img["alt"]
    assert "95 % interval over 12 processes" in shown[0].figcaption.get_text()


def test_a_figure_of_few_processes_shows_their_range(shown):
    made = made_up.few(made_up.results())
    time_figures.latency(made["latency"], "offline")
    time_figures.batch_sweep(made["latency"])
    assert "range of the processes over 3 processes" in shown[0].figcaption.get_text()
    assert "95 %" not in " ".join(figure.figcaption.get_text() for figure in shown)
    assert "95 %" not in " ".join(figure.img["alt"] for figure in shown)


def test_every_figure_has_one_sentence_below_it_and_its_numbers_as_a_table(shown):
    made = made_up.results()
    counts = {"mlp-pytorch": np.diag(np.arange(1, 11)) + np.eye(10, k=1, dtype=int)}
    bins = [{"confidence": 0.9, "accuracy": 0.8, "images": 5}]
    wrong = [{"image": 0, "label": 4, "predicted": {"mlp-pytorch": 9}}]
    wrong[0] |= {"label_error": True, "explained": False}
    robust = [
        made_up.disturbed("mlp-pytorch", *row)
        for row in (("none", 0.0, 0.97), ("noise", 0.2, 0.75), ("rotation", -30, 0.8))
    ]
    time_figures.latency(made["latency"], "single_stream")
    model_figures.seeds(made["seeds"])
    model_figures.confusion(counts, made_up.DIGITS)
    model_figures.common_errors(np.zeros((1, 28, 28)), wrong, made_up.DIGITS)
    model_figures.reliability([made_up.reliability("mlp-pytorch", 0.1) | {"bins": bins}])
    model_figures.robustness(robust)
    assert len(shown) == 6
    for figure in shown:
        assert len(figure.img["alt"]) >= 40
        assert re.fullmatch(r"[A-Z][^.]+\.", figure.figcaption.get_text())
        assert len(rows(figure)) >= 2
    tables = [rows(figure) for figure in shown]
    fastest = dict(zip(*tables[0][:2], strict=True))
    assert (fastest["Runtime"], fastest["Threads"]) == ("ONNX Runtime", "2")
    assert fastest["p90"] == "1.2 µs"
    assert tables[1][1:] == [["mlp", "lab", "1", "97.14%", "97.39%"]]
    assert tables[2][1] == ["mlp-pytorch", "0", *"1100000000"]
    assert tables[3][1] == ["0", "4", "9", "yes", "no"]
    assert "1 known label error (red), of which the models read 0 as most" in shown[3].img["alt"]
    assert tables[4][1] == ["mlp-pytorch", "10.00%", "9.00–11.00%", "1.00%", "0.50–1.50%"]
    assert tables[4][3] == ["mlp-pytorch", "5", "90.0%", "80.0%"]
    assert "In 0 of 1 model the calibration error is no larger than chance" in shown[4].img["alt"]
    assert tables[5] == [
        ["File", "clean", "noise of 0.2 of white", "rotation of -30°"],
        ["mlp-pytorch", "97.0%", "75.0% (74.5–75.5)", "80.0%"],
    ]


def test_stages_too_short_to_see_are_drawn_as_one():
    stages = {"forward pass": 0.001, "a": 0.005, "b": 0.006, "c": 0.5}
    joined = time_figures._with_small_stages_joined(stages, 1.0)
    assert joined == pytest.approx({"forward pass": 0.001, time_figures.OTHER: 0.011, "c": 0.5})


def test_the_explorer_gives_every_runtimes_answer_and_time():
    times = [
        {"runtime": name, "median_s": seconds, "p90_s": 2 * seconds}
        for name, seconds in (("numpy", 9e-6), ("litert", 5e-6), ("pytorch", 3e-5))
    ]
    found = explorer.rows(LOGITS, times, 1)
    assert [(row["runtime"], row["predicted"]) for row in found] == [("litert", 9), ("numpy", 4)]
    assert found[0]["sure"] == pytest.approx(np.e / (np.e + 9))
    assert list(explorer.wrong(LOGITS, LABELS)) == [1, 2]
    soup = BeautifulSoup(explorer.view(dataset_of(made_up.DIGITS), 1, found), "html.parser")
    assert soup.img["alt"].endswith("Test image 1, labelled 4: right in NumPy (BLAS).")
    assert soup.img["src"].startswith("data:image/svg+xml,%3C?xml")
    assert rows(soup)[1:] == [
        ["TFLite (LiteRT)", "9", "23.2%", "5 µs", "10 µs"],
        ["NumPy (BLAS)", "4", "23.2%", "9 µs", "18 µs"],
    ]


def test_the_three_clocks_stand_in_one_figure(shown):
    time_figures.three_clocks(made_up.with_claims())
    (figure,) = shown
    assert figure.img["alt"].startswith("Dot plot of seconds for all test images on a log axis")
    head, *others = rows(figure)
    assert [row[0] for row in others] == ["TensorFlow", "PyTorch", "ONNX Runtime"]
    assert others[1][head.index("Time 2025")] == "5.19 s"
    alone = made_up.with_claims()
    alone["latency"] = alone["protocols"] = []
    time_figures.three_clocks(alone)  # the table of 2025 is there without any measurement
    assert len(shown) == 2
