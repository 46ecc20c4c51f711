"""Draw a digit: what brings a drawing into MNIST's form, and what answers it on the page."""

import base64
import json

import numpy as np
import pytest
from drawn import WEIGHTS, forward, images_of, results_of, write_network

from helpers.benchmark.runtimes import NumPy
from helpers.core import results
from helpers.data import DIGITS
from helpers.report import drawing

MLP = "models/mlp-pytorch-float32.onnx"

SCRIPT, STYLE = drawing.read("network.js", "draw.js"), drawing.read("draw.css")


@pytest.fixture
def shown(monkeypatch):
    """Show the surface: the data that the page gets, None where nothing is displayed."""

    def show(found, images, labels):
        seen = []
        monkeypatch.setattr(drawing, "display", lambda data, **_: seen.append(data))
        drawing.show(found, images, labels)
        return json.loads(json.dumps(seen[-1][drawing.MIME])) if seen else None

    return show


def test_the_page_gets_weights_classes_and_a_test_image_of_each_class(run_folder, shown):
    classes = ("T-shirt/top", *DIGITS[1:])
    images, labels = images_of(25)
    write_network(run_folder / MLP)
    data = shown(results_of("mlp", classes=classes), images, labels)
    assert data["network"] == "mlp"
    assert data["classes"] == [test["label"] for test in data["tests"]] == list(classes)
    for label, test in enumerate(data["tests"]):
        first = images[list(labels).index(label)]
        assert base64.b64decode(test["image"]) == first.tobytes()
    assert [layer["relu"] for layer in data["layers"]] == [True, False]
    for layer, (kernel, bias, _) in zip(data["layers"], WEIGHTS, strict=True):
        assert base64.b64decode(layer["kernel"]) == kernel.astype("<f4").tobytes()
        assert base64.b64decode(layer["bias"]) == bias.astype("<f4").tobytes()


def test_a_network_of_other_layers_and_a_refused_file_are_left_out(run_folder, shown):
    found = results_of("mlp")
    write_network(run_folder / MLP, last=["Softmax"])
    assert shown(found, *images_of(10)) is None
    write_network(run_folder / MLP)
    assert shown(found, *images_of(10))
    results.first(found["exports"], id="mlp-pytorch-onnx-float32")["gate"] = "its bytes are few"
    assert shown(found, *images_of(10)) is None


@pytest.fixture(scope="module")
def script(browser):
    """Evaluate an expression of `draw`, what the page's script exports, and `given`."""
    address = f"data:text/javascript;base64,{base64.b64encode(SCRIPT.encode()).decode()}"
    tab = browser.new_page()

    def evaluate(expression, given=None):
        code = (
            f"async (given) => {{ const draw = await import('{address}'); return {expression}; }}"
        )
        return tab.evaluate(code, given)

    yield evaluate
    tab.close()


@pytest.mark.real
def test_an_image_of_mnist_comes_out_as_it_went_in_as_large_as_it_is_and_enlarged(script, dataset):
    images = dataset.test_images[:200]
    for given in (images, images[:50].repeat(10, axis=1).repeat(10, axis=2)):
        inks = [base64.b64encode(ink.tobytes()).decode() for ink in given]
        expression = "given.inks.map((ink) => [...draw.prepare(draw.bytes(ink), given.width)])"
        found = script(expression, {"inks": inks, "width": given.shape[1]})
        same = [
            np.array_equal(image, expected.ravel())
            for image, expected in zip(found, images, strict=False)
        ]
        assert np.mean(same) > 0.99
    assert script("draw.prepare(new Uint8Array(100), 10)") is None


@pytest.fixture
def opened(browser, run_folder, dataset, shown):
    """Return a tab with the surface, answered by the network of made-up weights."""
    write_network(run_folder / MLP)
    data = shown(results_of("mlp"), dataset.test_images, dataset.test_labels)
    page = (
        f'<!DOCTYPE html><html lang="en"><title>Page</title><style>{STYLE}</style>'
        f'{drawing.as_html(data)}<script type="module">{SCRIPT}</script>'
    )
    file = run_folder / "page.html"
    file.write_text(page, encoding="utf-8")
    tab = browser.new_page()
    tab.on("pageerror", lambda error: pytest.fail(str(error)))
    tab.goto(file.as_uri())
    yield tab
    tab.close()


@pytest.mark.real
def test_the_browser_computes_the_logits_of_the_runtime(script, run_folder, shown, dataset):
    images = dataset.test_images[:20]
    write_network(run_folder / MLP)
    data = shown(results_of("mlp"), images, dataset.test_labels[:20])
    network = NumPy(threads=1)
    network.load(run_folder / MLP)
    expected = network(images.astype(np.float32) / np.float32(255))
    given = {**data, "images": images.reshape(20, -1).tolist()}
    expression = "given.images.map((image) => draw.forward(draw.layersOf(given), image))"
    np.testing.assert_allclose(script(expression, given), expected, rtol=1e-4, atol=1e-4)


@pytest.mark.real
def test_a_stroke_and_a_test_image_are_answered_and_cleared(opened, dataset):
    status, bars = opened.get_by_role("status"), opened.locator(".draw li")
    assert status.inner_text() == "Draw here, or load a test image."
    box = opened.locator(".pen").bounding_box()
    opened.mouse.move(box["x"] + 100, box["y"] + 50)
    opened.mouse.down()
    opened.mouse.move(box["x"] + 100, box["y"] + 230, steps=5)
    opened.mouse.up()
    assert status.inner_text().startswith("The mlp answers ")
    code = (
        """[...document.querySelector(".seen").getContext("2d").getImageData(0, 0, 28, 28).data]"""
    )
    seen = np.array(opened.evaluate(code), np.uint8).reshape(28, 28, 4)[..., 0]
    assert (seen > 0).any(axis=1).sum() == 20  # scaled into the box
    assert (seen > 0).any(axis=0).sum() in (2, 3)
    opened.get_by_role("button", name="Clear").click()
    assert status.inner_text() == "Draw here, or load a test image." and bars.count() == 0
    opened.get_by_role("button", name="Load a test image").press("Enter")
    first = dataset.test_images[list(dataset.test_labels).index(0)]
    answer = int(forward(first[np.newaxis])[0].argmax())
    assert status.inner_text().startswith(f"A test image, labelled 0. The mlp answers {answer} (")
    assert bars.count() == 10
