"""What a measuring process refuses: logits of timed calls that are not those of the untimed."""

import numpy as np
import pytest

from helpers.benchmark import worker
from helpers.benchmark.runtimes import RUNTIMES, NumPy

IMAGES = np.random.default_rng(0).random((64, 28, 28), np.float32)
LOGITS = 20 * np.eye(10, dtype=np.float32)[np.arange(64) % 10]


class Company(NumPy):
    """A runtime that answers an image otherwise by 0.01 in a smaller call."""

    name, title = "company", "Company"

    def __init__(self, threads):
        pass

    def load(self, path):
        pass

    def __call__(self, images):
        places = [int(np.flatnonzero((image == IMAGES).all((1, 2)))[0]) for image in images]
        return LOGITS[places] + np.float32(0.01 * (len(images) < len(IMAGES)))


class Dynamic(Company):
    """The same, where it is known to do so."""

    name, title = "dynamic", "Dynamic"
    company_counts = ("dynamic",)


for made_here in (Company, Dynamic):  # for these tests alone
    del RUNTIMES[made_here.name]


@pytest.mark.parametrize(
    ("runtime", "precision", "refused"),
    [
        (Company, "int8", True),
        (Company, "dynamic", True),
        (Dynamic, "int8", True),
        (Dynamic, "dynamic", False),
        (Company, "float32", True),  # more than rounding
        (Company, "float16", False),
    ],
)
def test_eight_bits_answer_alike_bit_for_bit_unless_company_counts(
    tmp_path, monkeypatch, runtime, precision, refused
):
    monkeypatch.setitem(RUNTIMES, runtime.name, runtime)
    for name, array in (("images", IMAGES), ("source", LOGITS)):
        np.save(tmp_path / f"{name}.npy", array)
    record = worker.work(
        {
            "runtime": runtime.name,
            "model": "x",
            "threads": 2,
            "precision": precision,
            "images": str(tmp_path / "images.npy"),
            "source_logits": str(tmp_path / "source.npy"),
            "logits": str(tmp_path / "logits.npy"),
            "batches": [
                {"scenario": "single_stream", "batch_size": 1, "window_s": 0.01},
                {"scenario": "offline", "batch_size": 64, "window_s": 0.01},
            ],
            "warm_up_s": 0.01,
            "seed": 1,
        }
    )
    assert ("refused" in record) == refused
    if refused:
        assert record["refused"] == "timed logits differ from untimed ones by up to 0.01"
    else:
        differences = [row["largest_difference"] for row in record["batches"]]
        assert differences == pytest.approx([0.01, 0], abs=1e-5)


def test_only_onnx_runtimes_dynamic_files_depend_on_company():
    found = {name: r.company_counts for name, r in RUNTIMES.items() if r.company_counts}
    assert found == {"onnxruntime": ("dynamic",)}
