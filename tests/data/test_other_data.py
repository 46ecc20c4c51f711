"""A folder with other images than MNIST's: what is taken, what is refused, and a run with it."""

import gzip

import numpy as np
import pytest
from conftest import pipeline

from helpers.core import artifacts
from helpers.core.console import LabError
from helpers.data import idx, mnist
from helpers.data.parts import PARTS

LETTERS = tuple("JIHGFEDCBA")  # an order of their own
TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS = (part.file for part in PARTS)


def turned(dataset, train, test):
    """The sample turned by a quarter: {name of an IDX file: array}."""
    images = np.rot90(np.concatenate([dataset.train_images, dataset.test_images]), axes=(1, 2))
    labels = np.concatenate([dataset.train_labels, dataset.test_labels]).astype(np.uint8)
    order = np.random.default_rng(0).permutation(len(labels))[: train + test]
    halves = order[:train], order[train:]
    arrays = [values[half] for half in halves for values in (images, labels)]
    return {part.file: array for part, array in zip(PARTS, arrays, strict=True)}


def write(folder, content, classes=None):
    folder.mkdir(parents=True, exist_ok=True)
    for name, array in content.items():
        (folder / f"{name}.gz").write_bytes(gzip.compress(idx.to_bytes(array), compresslevel=1))
    if classes:
        (folder / "classes.txt").write_text("\n".join(classes) + "\n", encoding="utf-8")
    return folder


@pytest.fixture
def content(dataset):
    return turned(dataset, 300, 100)


# --- what is taken


def test_a_folder_is_a_data_set_with_its_name_count_digest_and_classes(content, tmp_path):
    folder = write(tmp_path / "letters", content, LETTERS)
    loaded = mnist.load(str(folder))
    pixels_and_labels = b"".join(array.tobytes() for array in content.values())
    assert loaded.source.record() == {
        "name": "letters",
        "origin": str(folder),
        "train": 300,
        "test": 100,
        "sha256": idx.sha256(np.frombuffer(pixels_and_labels, np.uint8)),
        "classes": LETTERS,
    }
    np.testing.assert_array_equal(loaded.train_images, content[TRAIN_IMAGES])
    np.testing.assert_array_equal(loaded.test_labels, content[TEST_LABELS])
    assert loaded.train_labels.dtype == np.int64
    assert str(loaded.source).startswith("letters: 300 training, 100 test, from ")
    train, validation = mnist.training_split(loaded)
    assert (len(train), len(validation)) == (275, 25)


def test_without_class_names_the_classes_are_digits(content, tmp_path):
    source = mnist.locate(str(write(tmp_path / "own", content)))
    assert (source.name, source.classes) == ("own", tuple("0123456789"))


@pytest.mark.parametrize("typed", ["here/own", "~/own", "here/../here/own/"])
def test_a_path_starts_at_the_project_or_at_home(content, tmp_path, monkeypatch, typed):
    write(tmp_path / "here" / "own", content)
    monkeypatch.setattr(artifacts, "PROJECT", tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "here"))
    source = mnist.locate(typed)
    assert (source.name, source.origin) == ("own", typed)


def test_torchvisions_root_and_an_archive_are_taken(content, tmp_path):
    write(tmp_path / "root" / "FashionMNIST" / "raw", content)
    (tmp_path / "root" / "classes.txt").write_text("\n".join(LETTERS))
    found = [mnist.locate(str(tmp_path / "root"))]
    found.append(mnist.locate(str(tmp_path / "root" / "FashionMNIST")))
    archive = {part.key: content[part.file] for part in PARTS}
    archive["y_test"] = archive["y_test"].astype(np.int64)
    np.savez(tmp_path / "fashion.npz", **archive)
    found.append(mnist.locate(str(tmp_path / "fashion.npz")))
    assert [source.name for source in found] == ["FashionMNIST", "FashionMNIST", "fashion"]
    assert [source.classes[0] for source in found] == [LETTERS[0], "0", "0"]
    assert len({source.sha256 for source in found}) == 1


def test_images_that_have_changed_since_are_not_shown(content, tmp_path):
    folder = str(write(tmp_path / "own", content))
    record = mnist.locate(folder).record()
    assert mnist.load_again(record, folder).source.sha256 == record["sha256"]
    write(tmp_path / "own", {TEST_IMAGES: content[TEST_IMAGES][::-1]})
    with pytest.raises(LabError, match="has other images now than the records were made with; run"):
        mnist.load_again(record, folder)


# --- what is refused


def change(**parts):
    keys = {part.key: part.file for part in PARTS}
    return lambda content: {**content, **{keys[k]: f(content) for k, f in parts.items()}}


REFUSED = [
    (
        change(x_train=lambda content: np.zeros((300, 32, 32), np.uint8)),
        "{place}/train-images-idx3-ubyte.gz: holds 300 images of 32 x 32; allowed are 28 x 28",
    ),
    (
        change(y_test=lambda content: content[TEST_LABELS] + 10),
        "{place}/t10k-labels-idx1-ubyte.gz: holds labels up to 19; allowed are 0 to 9",
    ),
    (
        change(y_train=lambda content: content[TRAIN_LABELS][1:]),
        "{place}: 300 training images, 299 training labels, 100 test images, 100 test labels; "
        "there must be a label for each image",
    ),
    (
        change(
            x_train=lambda content: content[TEST_IMAGES],
            x_test=lambda content: content[TRAIN_IMAGES],
        ),
        "{place}: 100 training images, 300 training labels, 300 test images, 100 test labels: "
        "the files of training and test are exchanged",
    ),
    (
        change(
            x_train=lambda content: content[TRAIN_LABELS],
            y_train=lambda content: content[TRAIN_IMAGES],
        ),
        "{place}/train-images-idx3-ubyte.gz: holds 300 labels, not images; "
        "{place}/train-labels-idx1-ubyte.gz: holds 300 images of 28 x 28, not labels",
    ),
    (
        lambda content: {name: array[:90] for name, array in content.items()},
        "{place}: 90 training images, 90 training labels, 90 test images, 90 test labels; there "
        "must be at least 280 training images",
    ),
    (
        change(y_test=lambda content: np.minimum(content[TEST_LABELS], 8)),
        "{place}: 0 test labels of class 9; there must be at least 1 of each class from 0 to 9",
    ),
    (
        lambda content: {name: content[name] for name in (TRAIN_IMAGES, TRAIN_LABELS)},
        "{place}: no t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte (plain or .gz)",
    ),
]
WHAT_IT_IS = (
    ". A data set is training and test images of 28 x 28 grey pixels and their labels 0 to 9, as "
    "four IDX files named like MNIST's or as an .npz archive of x_train, y_train, x_test, y_test"
)


@pytest.mark.parametrize(("alter", "line"), REFUSED)
def test_what_is_no_data_set_gets_one_line(content, tmp_path, alter, line):
    folder = write(tmp_path / "own", alter(content))
    with pytest.raises(LabError) as error:
        mnist.locate(str(folder))
    assert str(error.value) == line.format(place=f"DATASET={folder}") + WHAT_IT_IS


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (b"A\nB\n", "classes.txt has 2 lines; allowed are 10, a name for each of the classes 0 to"),
        (b"A\n" * 10, "classes.txt has the name 'A'; each class needs a name of its own, without"),
        (b"A\nB\n\nD\nE\nF\nG\nH\nI\nJ", "classes.txt has the name ''; each class needs a name"),
        (b"A,B\nC\nD\nE\nF\nG\nH\nI\nJ\nK", "classes.txt has the name 'A,B'; each class needs a"),
        (b"\xff\xfe\n", "classes.txt cannot be read ('utf-8' codec can't decode byte 0xff in"),
    ],
)
def test_wrong_class_names_get_one_line(content, tmp_path, text, line):
    folder = write(tmp_path / "own", content)
    (folder / "classes.txt").write_bytes(text)
    with pytest.raises(LabError) as error:
        mnist.locate(str(folder))
    assert str(error.value).startswith(f"DATASET={folder}: {line}")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("archive", "line"),
    [
        ({"x_train": np.zeros((300, 28, 28))}, "x_train: holds float64 values; allowed are whole"),
        ({"y_test": np.arange(100) - 1}, "y_test: holds -1 to 98; allowed is 0 to 255"),
        ({"y_test": np.array([None])}, "y_test: cannot be read (Object arrays cannot be loaded"),
        (
            {"x_test": np.zeros((100, 784), np.uint8)},
            "x_test: holds an array of shape (100, 784), ",
        ),
    ],
)
def test_what_an_archive_holds_is_told(content, tmp_path, archive, line):
    good = {part.key: content[part.file] for part in PARTS}
    np.savez(tmp_path / "own.npz", **good | archive)
    with pytest.raises(LabError) as error:
        mnist.locate(str(tmp_path / "own.npz"))
    assert str(error.value).startswith(f"DATASET={tmp_path}/own.npz, {line}")


def test_a_bad_folder_ends_with_exit_code_2_before_anything_runs(content, tmp_path):
    folder = write(tmp_path / "own", content, LETTERS[:9])
    done = pipeline(tmp_path / "artifacts", "--profile", "quick", f"DATASET={folder}")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f"error: DATASET={folder}: classes.txt has 9 lines; allowed are 10, a name for each of the "
        "classes 0 to 9\n"
    )
    done = pipeline(tmp_path / "artifacts", f"DATASET={tmp_path}/nowhere")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"error: DATASET='{tmp_path}/nowhere': allowed is auto, mnist, ")
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "artifacts").exists()
