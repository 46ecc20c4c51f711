"""Draw a digit: what brings a drawing into MNIST's form, and what answers it on the page."""

import base64
import json

import numpy as np
import pytest
from drawn import MLP, WEIGHTS, dataset_of, forward, images_of, results_of, write_network
from notebook_files import Built, output, prose

from helpers.report import drawing

GARMENTS = ("T-shirt/top", *(f"garment {number}" for number in range(1, 10)))


# --- which network answers, and what the page gets of it


def test_the_main_network_answers_if_it_is_one_of_dense_layers(run_folder):
    found = results_of("mlp", "deep")
    for name in ("mlp", "deep"):
        write_network(run_folder / "models" / f"{name}-pytorch-float32.onnx")
    assert drawing.table(found) == [{"export": MLP}]
    write_network(run_folder / "models" / "mlp-pytorch-float32.onnx", last=["Softmax"])
    assert drawing.table(found) == [{"export": "deep-pytorch-onnx-float32"}]
    write_network(run_folder / "models" / "deep-pytorch-float32.onnx", last=["Softmax"])
    assert drawing.table(found) == []


def test_the_page_gets_weights_classes_and_a_test_image_of_each_class(run_folder):
    found = results_of("mlp", classes=GARMENTS) | {"drawing": [{"export": MLP}]}
    write_network(run_folder / "models" / "mlp-pytorch-float32.onnx")
    images, labels = images_of(25)
    data = json.loads(json.dumps(drawing.data(found, dataset_of(images, labels, GARMENTS))))
    assert (data["thing"], data["network"]) == ("image", "mlp")
    assert data["classes"] == [test["label"] for test in data["tests"]] == list(GARMENTS)
    for label, test in enumerate(data["tests"]):
        first = images[list(labels).index(label)]
        assert base64.b64decode(test["image"]) == first.tobytes()
    assert [layer["relu"] for layer in data["layers"]] == [True, False]
    for layer, (kernel, bias, _) in zip(data["layers"], WEIGHTS, strict=True):
        assert base64.b64decode(layer["kernel"]) == kernel.astype("<f4").tobytes()
        assert base64.b64decode(layer["bias"]) == bias.astype("<f4").tobytes()


# --- the runtimes that answer in JupyterLab


def test_the_widget_loads_the_file_when_a_drawing_comes_and_tells_what_is_wrong(run_folder):
    file = run_folder / "net.onnx"
    images, labels = images_of(10)
    surface = drawing.widget({"numpy": file}, dataset_of(images, labels))
    sent = []
    surface.send = sent.append
    draw = surface._msg_callbacks
    draw(surface, {}, [memoryview(images[0].tobytes())])
    assert "net.onnx" in sent.pop()["wrong"]
    write_network(file)
    draw(surface, {}, [memoryview(images[0].tobytes())])
    ((answer,),) = (message["answers"] for message in sent)
    np.testing.assert_allclose(answer["logits"], forward(images[:1])[0], rtol=1e-3, atol=1e-3)
    assert answer["name"] == "NumPy (BLAS)"


# --- the form of MNIST's images, by the JavaScript itself


@pytest.fixture(scope="module")
def script(browser):
    """Evaluate an expression of `draw`, what the page's script exports, and `given`."""
    address = f"data:text/javascript;base64,{base64.b64encode(drawing.script().encode()).decode()}"
    tab = browser.new_page()

    def evaluate(expression, given=None):
        code = (
            f"async (given) => {{ const draw = await import('{address}'); return {expression}; }}"
        )
        return tab.evaluate(code, given)

    yield evaluate
    tab.close()


@pytest.fixture(scope="module")
def prepared(script):
    """Bring arrays of ink, uint8 [N, height, width], into MNIST's form; None of a blank one."""

    def prepare(inks):
        expression = """given.inks.map((ink) => {
            const image = draw.prepare(draw.bytes(ink), given.width);
            return image && [...image];
        })"""
        coded = [base64.b64encode(ink.tobytes()).decode() for ink in inks]
        images = script(expression, {"inks": coded, "width": inks[0].shape[1]})
        return [image and np.array(image, np.uint8).reshape(28, 28) for image in images]

    return prepare


def ink_of(shape, *boxes):
    """Ink in rectangles (top, bottom, left, right), the ends left out."""
    ink = np.zeros(shape, np.uint8)
    for top, bottom, left, right in boxes:
        ink[top:bottom, left:right] = 255
    return ink


@pytest.mark.real
def test_the_centre_of_mass_is_the_centre_of_the_image(prepared):
    # An L: of 144 pixels in the box the mean row is 13.06, the mean column 5.94.
    (image,) = prepared([ink_of((280, 280), (0, 200, 40, 80), (160, 200, 40, 240))])
    places, mass = np.arange(28), image.sum()
    assert abs((image.sum(axis=1) * places).sum() / mass - 14) <= 0.5
    assert abs((image.sum(axis=0) * places).sum() / mass - 14) <= 0.5
    assert np.flatnonzero(image.any(axis=1))[0] == 1
    assert np.flatnonzero(image.any(axis=0))[0] == 8


@pytest.mark.real
def test_an_image_of_mnist_comes_out_as_it_went_in_as_large_as_it_is_and_enlarged(
    prepared, dataset
):
    images = dataset.test_images[:300]
    large = images[:50].repeat(10, axis=1).repeat(10, axis=2)
    for given, expected in ((images, images), (large, images[:50])):
        found = prepared(list(given))
        same = [np.array_equal(*pair) for pair in zip(found, expected, strict=True)]
        assert np.mean(same) > 0.99


@pytest.mark.real
def test_the_page_computes_the_logits_of_the_weights(script):
    images, _ = images_of(20)
    layers = [
        {"kernel": drawing._base64(kernel), "bias": drawing._base64(bias), "relu": relu}
        for kernel, bias, relu in WEIGHTS
    ]
    given = {"layers": layers, "images": images.reshape(20, -1).tolist()}
    expression = "given.images.map((image) => draw.forward(draw.layersOf(given), image))"
    np.testing.assert_allclose(script(expression, given), forward(images), rtol=1e-4, atol=1e-4)


# --- the surface in the page


@pytest.fixture(scope="module")
def given():
    """The data of a page whose network answers 7 to everything."""
    images, labels = images_of(10)
    bias = np.zeros(10, np.float32)
    bias[7] = 3
    layer = {"kernel": np.zeros((784, 10), np.float32), "bias": bias}
    layer = {name: drawing._base64(array) for name, array in layer.items()}
    own = {"network": "mlp", "layers": [{**layer, "relu": False}]}
    return {**drawing.about(dataset_of(images, labels)), **own}


@pytest.fixture(scope="module")
def built(given, tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    return Built(folder, prose("## Draw"), output({drawing.MIME: given}), prose("The end."))


@pytest.fixture
def opened(browser, built):
    """Open the page: a function of the context's options that returns the tab."""
    contexts = []

    def open_page(**options):
        contexts.append(browser.new_context(**options))
        tab = contexts[-1].new_page()
        tab.goto(built.file.as_uri())
        return tab

    yield open_page
    for context in contexts:
        context.close()


def said(tab):
    return tab.get_by_role("status").inner_text()


def seen(tab):
    """What the network sees, uint8 [28, 28]."""
    code = (
        """[...document.querySelector(".seen").getContext("2d").getImageData(0, 0, 28, 28).data]"""
    )
    return np.array(tab.evaluate(code), np.uint8).reshape(28, 28, 4)[..., 0]


@pytest.mark.real
def test_a_stroke_of_the_mouse_is_answered(opened):
    tab = opened()
    errors = []
    tab.on("pageerror", lambda error: errors.append(str(error)))
    assert said(tab) == "Draw something first, or load a test digit."
    box = tab.locator(".surface").bounding_box()
    tab.mouse.move(box["x"] + 100, box["y"] + 50)
    tab.mouse.down()
    tab.mouse.move(box["x"] + 100, box["y"] + 230, steps=5)
    tab.mouse.up()
    assert said(tab) == "mlp: 7 (69.1%)"
    image = seen(tab)
    assert (image > 0).any(axis=1).sum() == 20
    assert (image > 0).any(axis=0).sum() == 2
    assert tab.locator(".draw tbody tr").all_inner_texts()[7].split() == ["7", "69.1%"]
    tab.get_by_role("button", name="Clear").click()
    assert said(tab) == "Draw something first, or load a test digit."
    assert seen(tab).max() == tab.locator(".draw tbody tr").count() == 0
    assert errors == []
