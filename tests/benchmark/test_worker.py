"""What a measuring process hands back, and what it refuses."""

import time

import numpy as np
import pytest

from helpers.benchmark import timing, worker
from helpers.benchmark.runtimes import RUNTIMES, Runtime

IMAGES = np.random.default_rng(0).random((64, 28, 28), np.float32)
LOGITS = 20 * np.eye(10, dtype=np.float32)[np.arange(64) % 10]


class Table(Runtime):
    """A runtime that knows the answers, and answers otherwise by 0.01 in a smaller call."""

    name, title, suffix, package, framework = "table", "Table", ".onnx", "numpy", "pytorch"
    off = 0.01

    def __init__(self, threads):
        time.sleep(0.02)

    def load(self, path):
        pass

    def __call__(self, images):
        places = [int(np.flatnonzero((image == IMAGES).all((1, 2)))[0]) for image in images]
        return LOGITS[places] + np.float32(self.off * (len(images) < len(IMAGES)))


del RUNTIMES["table"]  # for these tests alone


@pytest.fixture
def work(tmp_path, monkeypatch):
    """A function that does a process's work with the table."""
    monkeypatch.setitem(RUNTIMES, "table", Table)
    monkeypatch.setattr(timing, "WINDOW_S", 0.01)
    np.save(tmp_path / "images.npy", IMAGES)

    def run(precision="float32", logits=LOGITS, sizes=()):
        np.save(tmp_path / "source.npy", logits)
        arrays = {
            "images": str(tmp_path / "images.npy"),
            "source_logits": str(tmp_path / "source.npy"),
        }
        given = {"runtime": "table", "path": "x", "threads": 2, "precision": precision}
        return worker.work({**arrays, **given, "sizes": list(sizes)})

    return run


def test_one_process_gives_start_up_and_the_times_of_every_size(work, monkeypatch):
    monkeypatch.setattr(Table, "off", 0)
    record = work(sizes=[8, 32])
    assert [(row["scenario"], row["batch_size"]) for row in record["batches"]] == [
        ("single_stream", 1),
        ("offline", 64),
        ("batch_sweep", 8),
        ("batch_sweep", 32),
    ]
    start_up = record["start_up"]
    assert start_up["load_s"] < 0.02 <= start_up["import_s"] < 1
    assert 10e6 < start_up["peak_rss_bytes"] < 10e9
    assert 0.5 < record["repeated"] < 2


@pytest.mark.parametrize(
    ("precision", "refused"),
    [("float32", True), ("float16", False), ("int8", False), ("dynamic", False)],
)
def test_timed_logits_may_differ_by_what_the_precision_may(work, precision, refused):
    record = work(precision)
    assert ("refused" in record) == refused
    if refused:
        assert record["refused"] == "timed logits differ from untimed ones by up to 0.01"


def test_logits_of_another_network_are_refused_before_anything_is_timed(work):
    record = work(logits=LOGITS[::-1])
    assert set(record) == {"refused"}
    assert "of the classes agree" in record["refused"]
