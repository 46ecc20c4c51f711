"""The changes that students make, each on a copy of the project and followed by the chain."""

import json

import pytest
from bs4 import BeautifulSoup
from changes import copy_project, replace_once, run_chain

from helpers.core.old_results import one, where

pytestmark = pytest.mark.real

KERAS_DEEP = '''

@architecture
def deep() -> keras.Model:
    """Return Flatten, Dense 64, ReLU, Dense 32, ReLU, Dense 10."""
    return keras.Sequential(
        [
            keras.Input((28, 28), name="image"),
            keras.layers.Flatten(),
            keras.layers.Dense(64, activation="relu"),
            keras.layers.Dense(32, activation="relu"),
            keras.layers.Dense(10, name="logits"),
        ]
    )
'''
TORCH_DEEP = '''

@architecture
class Deep(nn.Module):
    """Flatten, Linear 64, ReLU, Linear 32, ReLU, Linear 10."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(28 * 28, 64)
        self.second = nn.Linear(64, 32)
        self.logits = nn.Linear(32, 10)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        hidden = functional.relu(self.second(functional.relu(self.first(image.flatten(1)))))
        return self.logits(hidden)
'''


def finished(project, *words):
    """Run the chain of a copy and return its results and its page."""
    done = run_chain(project, *words)
    assert done.returncode == 0, done.stdout + done.stderr
    results = json.loads((project / "artifacts" / "old_results.json").read_text(encoding="utf-8"))
    page = (project / "artifacts" / "report.html").read_text(encoding="utf-8")
    return results, BeautifulSoup(page, "html.parser")


def report_text(page):
    """Return the words of the report without its appendices."""
    main = page.find("main")
    for appendix in main(class_="appendix"):
        appendix.decompose()
    return " ".join(main.get_text(" ").split())


@pytest.mark.campaign
def test_another_width_runs_in_every_runtime_and_is_not_the_network_of_2025(tmp_path):
    project = copy_project(tmp_path / "project")
    models = project / "helpers" / "models"
    replace_once(models / "keras_networks.py", "Dense(128,", "Dense(256,")
    replace_once(models / "torch_networks.py", "nn.Linear(28 * 28, 128)", "nn.Linear(28 * 28, 256)")
    replace_once(models / "torch_networks.py", "nn.Linear(128, 10)", "nn.Linear(256, 10)")
    results, page = finished(project, "TRAININGS=mlp:lab:1")
    assert {row["parameters"] for row in results["models"]} == {203_530}
    assert {row["gate"] for row in results["exports"]} == {"passed"}
    assert results["failures"] == []
    asked = results["run"]["parameters"]["03_runtime_comparison"]["RUNTIMES"]
    measured = {row["runtime"] for row in where(results["latency"], main=True)}
    assert measured == set(asked)
    assert "numpy" in measured
    text = report_text(page)
    assert "203,530" in text
    for id in ("accuracy-tensorflow", "accuracy-pytorch", "pytorch-more-accurate", "time-pytorch"):
        claim = one(results["claims"], id=id)
        assert claim["verdict"] == "not testable"
        assert "203,530 weights" in claim["evidence"]
    assert "not the network taken for that of 2025" in text


@pytest.mark.campaign
def test_a_third_network_is_trained_exported_timed_and_shown_like_the_others(tmp_path):
    project = copy_project(tmp_path / "project")
    for file, source in (("keras_networks.py", KERAS_DEEP), ("torch_networks.py", TORCH_DEEP)):
        with (project / "helpers" / "models" / file).open("a", encoding="utf-8") as opened:
            opened.write(source)
    results, page = finished(
        project,
        "DATASET=sample",
        "TRAININGS=mlp:lab:1,deep:lab:2",
        "RUNTIMES=pytorch,litert,onnxruntime",
    )
    weights = 784 * 64 + 64 + 64 * 32 + 32 + 32 * 10 + 10
    own = where(results["models"], architecture="deep")
    assert [(row["framework"], row["parameters"]) for row in own] == [
        ("tensorflow", weights),
        ("pytorch", weights),
    ]
    assert len(where(results["seeds"], architecture="deep")) == 4
    forms = {
        name: sorted(
            (row["source"].partition("-")[2], row["format"], row["precision"], row["input"])
            for row in results["exports"]
            if row["source"].startswith(f"{name}-")
        )
        for name in ("mlp", "deep")
    }
    assert forms["deep"] == forms["mlp"]
    assert len(forms["deep"]) == 22
    assert {row["gate"] for row in results["exports"]} == {"passed"}
    timed = {row["model"] for row in where(results["latency"], architecture="deep")}
    assert {"deep-tensorflow-onnx-float32", "deep-pytorch-onnx-int8"} <= timed
    assert {row["model"] for row in results["recalls"]} >= {"deep-tensorflow", "deep-pytorch"}
    assert where(results["disagreements"], architecture="deep")
    shown = [text for table in page("table") if "deep" in (text := table.get_text(" "))]
    assert len(shown) > 10
    figures = [image["alt"] for image in page("img") if "deep" in image.get("alt", "")]
    assert figures
    assert f"deep with {weights:,} weights" in report_text(page)


def test_networks_of_different_shapes_end_the_chain_before_it_trains(tmp_path):
    project = copy_project(tmp_path / "project")
    replace_once(project / "helpers" / "models" / "keras_networks.py", "Dense(128,", "Dense(256,")
    done = run_chain(project)
    assert done.returncode == 2
    assert (
        "LabError: mlp has weights 784 x 256, 256, 256 x 10, 10 in keras_networks.py and "
        "784 x 128, 128, 128 x 10, 10 in torch_networks.py; give it the same layers in both"
    ) in done.stderr
    assert not (project / "artifacts" / "01_tensorflow" / "record.json").exists()


@pytest.mark.campaign
def test_an_unknown_network_ends_the_chain_before_it_trains(tmp_path):
    done = run_chain(copy_project(tmp_path / "project"), "TRAININGS=mlp:lab,vit:lab")
    assert done.returncode == 2
    said = "vit is no network of helpers/models/keras_networks.py, which has mlp, cnn"
    assert said in done.stderr
