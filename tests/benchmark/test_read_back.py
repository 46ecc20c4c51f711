"""What a fresh process is asked to read: the process itself is none here."""

from types import SimpleNamespace

import numpy as np
from made_up import LABELS, logits_for
from trained import check_rows

from helpers.benchmark import read_back
from helpers.exports.inventory import Export


def test_a_file_is_loaded_once_for_the_cases_in_a_row_that_ask_for_it(tmp_path, monkeypatch):
    loaded = []

    class Runtime:
        def __init__(self, threads):
            self.threads = threads

        def load(self, path):
            loaded.append(path.name)
            if path.name == "bad":
                raise ValueError("no model")

        def __call__(self, images):
            return images + len(loaded)

    monkeypatch.setattr(read_back, "RUNTIMES", {"r": Runtime})
    images = str(tmp_path / "images.npy")
    np.save(images, np.zeros(3))
    cases = [
        {"runtime": "r", "file": file, "images": images, "logits": str(tmp_path / f"{place}.npy")}
        for place, file in enumerate(("a", "a", "bad", "bad", "a"))
    ]
    told = read_back.work({"cases": cases, "threads": 1})
    assert loaded == ["a", "bad", "bad", "a"]
    no = "ValueError: no model"
    assert told == {"reasons": ["", "", no, no, ""]}
    assert [np.load(cases[place]["logits"])[0] for place in (0, 1, 4)] == [1, 1, 4]


def test_an_export_is_held_against_its_own_source(run_folder, monkeypatch):
    answers = {"mlp-pytorch": logits_for(LABELS), "cnn-pytorch": logits_for((LABELS + 1) % 10)}
    saved = [SimpleNamespace(id=id, logits=own, parameters=10) for id, own in answers.items()]
    exports = [
        Export("mlp-pytorch", "tflite", "float32", "no such layer"),
        Export("cnn-pytorch", "onnx", "float32"),
        Export("mlp-pytorch", "onnx", "int8"),
    ]
    for export in exports[1:]:
        export.file.write_bytes(bytes(40))

    def read_all(cases, *, threads):
        assert [file.name for file, _ in cases] == [
            *("cnn-pytorch-float32.onnx", "mlp-pytorch-int8.onnx")
        ]
        return [answers["mlp-pytorch"]] * 2

    monkeypatch.setattr(read_back, "read_all", read_all)
    rows = read_back.export_rows(exports, saved, None, LABELS, threads=1)
    check_rows("exports", rows)
    left_out, bad, good = rows
    assert left_out["id"] == "mlp-pytorch-tflite-float32"
    assert left_out["gate"] == "left out: no such layer"
    assert {left_out[name] for name in ("file", "bytes", "sha256", "changed")} == {None}
    assert bad["gate"] == "logits differ by up to 5; 0.00% of the classes agree"
    assert (bad["changed"], bad["test_accuracy"], bad["max_abs_logit_difference"]) == (200, 1, 5)
    assert (good["gate"], good["changed"], good["bytes"]) == ("passed", 0, 40)
    assert good["file"] == "models/mlp-pytorch-int8.onnx"
