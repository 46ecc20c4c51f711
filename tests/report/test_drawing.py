"""Draw a digit: what brings a drawing into MNIST's form, and what answers it on the page."""

import base64
import json

import nbformat
import numpy as np
import pytest
from bs4 import BeautifulSoup
from drawn import WEIGHTS, forward, images_of, write_network
from nbformat.v4 import new_code_cell, new_notebook, new_output

from helpers.data import DIGITS
from helpers.report import drawing, page

FILE = "models/mlp.onnx"


def results_of(classes=DIGITS, gate="passed"):
    """The tables that are read, of one network."""
    export = {"id": "mlp-pytorch-onnx-float32", "source": "mlp-pytorch", "file": FILE, "gate": gate}
    model = {"id": "mlp-pytorch", "architecture": "mlp"}
    run = {"dataset": {"classes": list(classes)}}
    return {"models": [model], "exports": [export], "run": run}


@pytest.fixture
def shown(monkeypatch):
    """Show the surface: return what is displayed as HTML, None where nothing is."""

    def show(found, images, labels):
        seen = []
        monkeypatch.setattr(drawing, "display", lambda *given: seen.append(given[-1].data))
        drawing.show(found, images, labels)
        return seen[-1] if seen else None

    return show


def test_the_page_gets_weights_classes_and_a_test_image_of_each_class(run_folder, shown):
    classes = ("T-shirt/top", *DIGITS[1:])
    images, labels = images_of(25)
    write_network(run_folder / FILE)
    html = shown(results_of(classes), images, labels)
    data = json.loads(BeautifulSoup(html, "html.parser").get_text())
    assert data["network"] == "mlp"
    assert data["classes"] == [test["label"] for test in data["tests"]] == list(classes)
    for label, test in enumerate(data["tests"]):
        first = images[list(labels).index(label)]
        assert base64.b64decode(test["image"]) == first.tobytes()
    for layer, (kernel, bias, relu) in zip(data["layers"], WEIGHTS, strict=True):
        assert layer["relu"] == relu
        assert base64.b64decode(layer["kernel"]) == kernel.astype("<f4").tobytes()
        assert base64.b64decode(layer["bias"]) == bias.astype("<f4").tobytes()
    assert shown(results_of(gate="its bytes are few"), images, labels) is None
    write_network(run_folder / FILE, last=["Softmax"])
    assert shown(results_of(), images, labels) is None


@pytest.mark.real
def test_an_image_of_mnist_comes_out_as_it_went_in_as_large_as_it_is_and_enlarged(browser, dataset):
    script = (page.TEMPLATE / "network.js").read_bytes()
    address = f"data:text/javascript;base64,{base64.b64encode(script).decode()}"
    code = f"""async (given) => {{
        const draw = await import('{address}');
        return given.inks.map((ink) => [...draw.prepare(draw.bytes(ink), given.width)]);
    }}"""
    tab = browser.new_page()
    images = dataset.test_images[:200]
    for given in (images, images[:50].repeat(10, axis=1).repeat(10, axis=2)):
        inks = [base64.b64encode(ink.tobytes()).decode() for ink in given]
        found = tab.evaluate(code, {"inks": inks, "width": given.shape[1]})
        expected = images[: len(given)].reshape(len(given), -1)
        assert np.mean((np.array(found) == expected).all(axis=1)) > 0.99
    tab.close()


@pytest.mark.real
def test_a_stroke_and_a_test_image_are_answered_and_cleared(browser, run_folder, dataset, shown):
    write_network(run_folder / FILE)
    html = shown(results_of(), dataset.test_images, dataset.test_labels)
    cell = new_code_cell("x", outputs=[new_output("display_data", data={"text/html": html})])
    nbformat.write(new_notebook(cells=[cell]), run_folder / "05.ipynb")
    page.build(run_folder / "05.ipynb", [], run_folder / "r.html", head="<h1>x</h1>", banners=[])
    tab = browser.new_page()
    tab.on("pageerror", lambda error: pytest.fail(str(error)))
    tab.goto((run_folder / "r.html").as_uri())
    status, bars = tab.get_by_role("status"), tab.locator(".draw li")
    assert status.inner_text() == "Draw here, or load a test image."
    box = tab.locator(".pen").bounding_box()
    tab.mouse.move(box["x"] + 100, box["y"] + 50)
    tab.mouse.down()
    tab.mouse.move(box["x"] + 100, box["y"] + 230, steps=5)
    tab.mouse.up()
    assert status.inner_text().startswith("The mlp answers ")
    tab.get_by_role("button", name="Clear").click()
    assert status.inner_text() == "Draw here, or load a test image." and bars.count() == 0
    tab.get_by_role("button", name="Load a test image").press("Enter")
    first = dataset.test_images[list(dataset.test_labels).index(0)]
    powers = np.exp(forward(first[np.newaxis])[0])
    answer, share = powers.argmax(), 100 * powers.max() / powers.sum()
    said = f"A test image, labelled 0. The mlp answers {answer} ({share:.1f} %)."
    assert status.inner_text() == said
    assert bars.count() == 10
    tab.close()
