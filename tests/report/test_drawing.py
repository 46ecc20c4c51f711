"""Draw a digit: what brings a drawing into MNIST's form, and what answers it on the page."""

import base64
import io
import json
import re

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from bs4 import BeautifulSoup
from drawn import MLP, WEIGHTS, dataset_of, forward, images_of, results_of, write_network
from notebook_files import Built, output, prose
from PIL import Image

from helpers.core import artifacts
from helpers.data.mnist import DIGITS
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


def test_a_network_too_large_for_the_page_does_not_answer(run_folder):
    kernel, bias = np.zeros((784, 150), np.float32), np.zeros(150, np.float32)
    wide = [(kernel, bias, True), (kernel[:150, :10], bias[:10], False)]
    write_network(run_folder / "models" / "mlp-pytorch-float32.onnx", wide)
    assert kernel.nbytes < drawing.MOST_BYTES
    assert len(drawing.table(results_of("mlp"))) == 1
    kernel, bias = np.zeros((784, 160), np.float32), np.zeros(160, np.float32)
    wide = [(kernel, bias, True), (kernel[:160, :10], bias[:10], False)]
    write_network(run_folder / "models" / "mlp-pytorch-float32.onnx", wide)
    assert drawing.table(results_of("mlp")) == []


def test_an_export_that_did_not_pass_its_gate_does_not_answer(run_folder):
    found = results_of("mlp")
    write_network(run_folder / "models" / "mlp-pytorch-float32.onnx")
    for row in found["exports"]:
        row["gate"] = "other classes"
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


@pytest.mark.parametrize(("classes", "thing"), [(DIGITS, "a digit"), (GARMENTS, "an image")])
def test_the_words_say_which_weights_answer(classes, thing):
    found = results_of("mlp", classes=classes) | {"drawing": [{"export": MLP}]}
    said = drawing.words(found)
    assert said.startswith(f"## Draw {thing}\n")
    assert "the weights of `models/mlp-pytorch-float32.onnx`, not by a runtime" in said


def test_the_data_of_the_page_cannot_end_their_element():
    given = {"classes": ["</script><img src=x>", "<!--", "<script>"]}
    soup = BeautifulSoup(drawing.as_html(given), "html.parser")
    assert json.loads(soup.script.string) == given
    assert not soup.img


def test_the_surface_has_little_style():
    assert len(drawing.style().encode()) < 1_500


# --- the runtimes that answer in JupyterLab


class Runtime:
    title = "Made up"

    def __call__(self, images):
        assert images.dtype == np.float32
        return images.reshape(len(images), -1)[:, :10]


def test_a_runtime_answers_the_scaled_image_with_its_time():
    image = np.zeros((28, 28), np.uint8)
    image[0, 3] = 255
    (answer,) = drawing.answers([Runtime()], image)
    assert answer["name"] == "Made up"
    assert answer["logits"] == [0, 0, 0, 1, 0, 0, 0, 0, 0, 0]
    assert re.fullmatch(r"[\d.,]+ (ns|µs|ms|s)", answer["time"])


def test_those_answer_that_read_tflite_or_onnx(tmp_path):
    files = {name: tmp_path / name for name in ("a.keras", "b.tflite", "c.onnx", "d.pt", "e.pt2")}
    assert list(drawing.readers(files)) == ["b.tflite", "c.onnx"]


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
@pytest.mark.parametrize(
    ("box", "expected"),
    [
        ((0, 100, 180, 280), (4, 24, 4, 24)),  # a square in a corner
        ((50, 210, 7, 47), (4, 24, 12, 17)),  # one fourth as wide as high
        ((3, 5, 0, 280), (14, 15, 4, 24)),  # so flat that one row is left
        ((9, 14, 9, 14), (4, 24, 4, 24)),  # smaller than the box
    ],
)
def test_a_drawing_fills_the_box_and_keeps_its_aspect_ratio(prepared, box, expected):
    (image,) = prepared([ink_of((280, 280), box)])
    top, bottom, left, right = expected
    found = [np.flatnonzero(image.any(axis=axis)) for axis in (1, 0)]
    assert [(int(each[0]), int(each[-1]) + 1) for each in found] in (
        [(top, bottom), (left, right)],
        [(top - 1, bottom - 1), (left, right)],  # one row has no middle
    )


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
def test_what_is_far_from_its_centre_of_mass_stays_in_the_image(prepared):
    ink = ink_of((280, 280), (0, 280, 0, 1))
    ink[240:] = 255
    (image,) = prepared([ink])
    assert (image > 0).any(axis=1).sum() == 20
    assert (image > 0).any(axis=0).sum() == 20


@pytest.mark.real
def test_the_ink_is_anti_aliased(prepared):
    stripes = ink_of((40, 40))
    stripes[:, ::2] = 255
    stripes[:, -1] = 255
    (image,) = prepared([stripes])
    assert set(np.unique(image)) == {0, 128, 255}


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
def test_a_blank_drawing_is_no_image(prepared):
    assert prepared([np.zeros((280, 280), np.uint8)]) == [None]


@pytest.mark.real
@pytest.mark.parametrize("paper", [255, 230, 0, 20])
def test_a_picture_is_ink_on_paper_whichever_is_darker(script, paper):
    pen = 40 if paper > 128 else 200
    grey = np.full((20, 30), paper, np.uint8)
    grey[5:15, 10:20] = pen
    grey[2, 3] = paper + (6 if paper < 128 else -6)  # a speck
    rgba = np.dstack([grey] * 3 + [np.full_like(grey, 255)])
    coded = base64.b64encode(rgba.tobytes()).decode()
    found = script("[...draw.inkOf(draw.bytes(given), 30)]", coded)
    assert np.array_equal(np.reshape(found, (20, 30)), ink_of((20, 30), (5, 15, 10, 20)))


@pytest.mark.real
def test_a_picture_without_contrast_is_blank_and_what_is_transparent_is_paper(script):
    rgba = np.zeros((4, 4, 4), np.uint8)
    blank = base64.b64encode(rgba.tobytes()).decode()
    assert script("[...draw.inkOf(draw.bytes(given), 4)]", blank) == 16 * [0]
    rgba[1:3, 1:3] = (0, 0, 0, 255)
    black = base64.b64encode(rgba.tobytes()).decode()
    found = script("[...draw.inkOf(draw.bytes(given), 4)]", black)
    assert np.array_equal(np.reshape(found, (4, 4)), ink_of((4, 4), (1, 3, 1, 3)))


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


def drop(tab, name, kind, content):
    """Drop a file on the surface."""
    code = """([name, type, text]) => {
        const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
        const held = new DataTransfer();
        held.items.add(new File([bytes], name, { type }));
        return held;
    }"""
    coded = base64.b64encode(content).decode()
    held = tab.evaluate_handle(code, [name, kind, coded])
    tab.locator(".surface").dispatch_event("drop", {"dataTransfer": held})


def png(grey):
    file = io.BytesIO()
    Image.fromarray(grey).save(file, "png")
    return file.getvalue()


def seen(tab):
    """What the network sees, uint8 [28, 28]."""
    code = (
        """[...document.querySelector(".seen").getContext("2d").getImageData(0, 0, 28, 28).data]"""
    )
    return np.array(tab.evaluate(code), np.uint8).reshape(28, 28, 4)[..., 0]


def test_the_policy_allows_the_two_scripts_and_the_data_are_the_pages(built, given):
    policy = built.soup.find("meta", attrs={"http-equiv": True})["content"]
    own, module = (s for s in built.soup("script") if s.get("type") != "application/json")
    assert f"script-src '{page_hash(own)}' '{page_hash(module)}';" in policy
    assert module["type"] == "module"
    assert json.loads(built.soup.select_one(".draw script").string) == given
    assert drawing.style() in built.soup.style.string
    assert built.log == []


def page_hash(element):
    from helpers.report.page import _csp_hash

    return _csp_hash(element.string)


def test_a_page_without_a_drawing_holds_nothing_of_it(tmp_path):
    text = Built(tmp_path, prose("Text.")).text
    assert ".draw" not in text
    assert "module" not in text


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


@pytest.mark.real
def test_a_finger_draws_and_does_not_scroll(opened):
    tab = opened(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    assert tab.evaluate("document.scrollingElement.scrollWidth") <= 390
    surface = tab.locator(".surface")
    surface.scroll_into_view_if_needed()
    before = tab.evaluate("scrollY")
    box = surface.bounding_box()
    touch = tab.context.new_cdp_session(tab)
    for kind, down in (("touchStart", 40), ("touchMove", 120), ("touchMove", 240)):
        points = [{"x": box["x"] + 100, "y": box["y"] + down}]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    assert said(tab) == "mlp: 7 (69.1%)"
    assert tab.evaluate("scrollY") == before


@pytest.mark.real
def test_the_keyboard_loads_test_digits_one_after_the_other(opened, given):
    tab = opened()
    button = tab.get_by_role("button", name="Load a test digit")
    button.focus()
    for test in given["tests"][:2]:
        tab.keyboard.press("Enter")
        assert said(tab) == f"A test digit, labelled {test['label']}. mlp: 7 (69.1%)"
        assert seen(tab).tobytes() == base64.b64decode(test["image"])
    assert tab.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


@pytest.mark.real
def test_a_picture_that_is_dropped_is_answered_and_another_file_is_told(opened):
    tab = opened()
    paper = np.full((60, 90), 240, np.uint8)
    paper[10:50, 40:50] = 30
    drop(tab, "one.png", "image/png", png(paper))
    tab.get_by_text("one.png. mlp: 7 (69.1%)").wait_for()
    assert (seen(tab) > 0).any(axis=1).sum() == 20
    assert (seen(tab) > 0).any(axis=0).sum() == 5
    drop(tab, "notes.txt", "text/plain", b"no picture")
    wrong = "notes.txt is no picture that this browser reads; drop a PNG or JPEG file."
    tab.get_by_text(wrong).wait_for()
    drop(tab, "blank.png", "image/png", png(np.full((9, 9), 250, np.uint8)))
    tab.get_by_text("Draw something first").wait_for()


@pytest.mark.real
def test_without_javascript_a_sentence_stands_there_and_print_leaves_it_out(opened):
    tab = opened(java_script_enabled=False)
    sentence = "The surface to draw on needs JavaScript, which is off."
    assert sentence in tab.inner_text("main")
    tab = opened()
    assert sentence not in tab.inner_text("main")
    assert tab.locator(".surface").is_visible()
    tab.emulate_media(media="print")
    assert not tab.locator(".draw").is_visible()
    assert "The end." in tab.inner_text("main")


@pytest.mark.real
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_blank_and_answered(opened, scheme, width):
    tab = opened(viewport={"width": width, "height": 844}, color_scheme=scheme, bypass_csp=True)
    for _ in range(2):
        found = Axe().run(tab)
        assert found.violations_count == 0, found.generate_report()
        tab.get_by_role("button", name="Load a test digit").click()


def test_the_files_of_the_reference_would_answer(monkeypatch):
    folder = artifacts.PROJECT / "artifacts" / "reference"
    monkeypatch.setenv("LAB_ARTIFACTS", str(folder))
    found = json.loads((folder / "old_results.json").read_text(encoding="utf-8"))
    assert drawing.table(found) == [{"export": MLP}]
