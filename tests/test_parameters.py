"""What a parameter may be, whether it is in a profile, a notebook or on the command line."""

import pytest

from helpers import chain, parameters
from helpers.benchmark.runtimes import RUNTIMES
from helpers.core import files
from helpers.core.console import LabError
from helpers.core.results import NOTEBOOKS

FIRST = ["mlp", "lab", 1, None]
MAIN = ["tf-function", "pytorch", "litert", "onnxruntime"]
WHOLE = (2.5, 2.0, 0, "3", [1], True)
# Of each parameter values at its borders, and those just beyond them or of a wrong type.
ALLOWED = {
    "DATASET": (("auto", "a folder"), (None, 1, "")),
    "TRAIN_IMAGES": ((None, 256, 10**12), (255, *WHOLE)),
    "HIDDEN": ((1, 4_096), (None, 4_097, *WHOLE)),
    "EPOCHS": ((1, 1_000), (None, 1_001, *WHOLE)),
    "BATCH_SIZE": ((1, 10**12), (None, *WHOLE)),
    "LEARNING_RATE": ((1e-9, 1e-3, 1, 1.0), (None, 0, -0.0, 1.0001, "0.1", float("nan"))),
    "SEED": ((0, 2**32 - 101), (None, 2**32 - 100, 2.5, "3")),
    "TRAININGS": (
        ([FIRST], [["mlp", "lab", 100, 1_000], ["cnn", "strong", 1, 1]]),
        (
            *(None, [], "mlp", ["mlp"], [["mlp", "lab", 1]], [["mlp", "lab", 0, None]]),
            *([["mlp", "lab", 101, None]], [["mlp", "lab", 1.0, 1]], [["mlp", "lab", True, 1]]),
            *([FIRST, ["cnn", "weak", 1, 1]], [["cnn", "lab", 1, 1]]),
        ),
    ),
    "THREADS": ((None, 1), (10_000, *WHOLE)),
    "PERTURBED_IMAGES": ((None, 1), WHOLE),
    "FILES": ((None, [], ["float32", "int8"]), (["int4"], ["int8", "int8"], "int8")),
    "ROUNDS": ((1, 100), (None, 101, *WHOLE)),
    "TIMER_ROUNDS": ((1, 100), (None, 101, *WHOLE)),
    "RUNTIMES": ((None, MAIN, list(RUNTIMES)), (["onnx"], ["litert"], MAIN[1:], MAIN + MAIN, 1)),
    "BATCH_SIZES": (([], [2], [32, 1_024]), (None, 32, [1], [32, 32], [2.5], ["32"])),
    "EVERYTHING": ((True, False), (None, 0, "True")),
    "PROFILE": (("notebook", *parameters.PROFILES), (None, 1, "huge")),
}


def test_values_at_the_border_pass_and_those_beyond_are_refused_by_name():
    assert set(ALLOWED) == set(parameters.SCHEMA)
    for name, (good, bad) in ALLOWED.items():
        for value in good:
            parameters.check({name: value, "MY_ANSWERS": "42"})
        for value in bad:
            with pytest.raises(LabError, match=f"^{name}: ") as refused:
                parameters.check({name: value})
            assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("EPOCHS", "3", 3),
        ("LEARNING_RATE", "1e-3", 0.001),
        ("TRAIN_IMAGES", "None", None),
        ("DATASET", "2025", "2025"),
        ("EVERYTHING", "true", True),
        ("BATCH_SIZES", "32,1024", [32, 1_024]),
        ("RUNTIMES", ",".join(MAIN), MAIN),
        ("TRAININGS", "[[mlp, lab, 3, null]]", [["mlp", "lab", 3, None]]),
    ],
)
def test_a_value_is_read_as_it_is_typed(name, text, value):
    assert parameters.read("quick", {name: text})[name] == value


def test_every_profile_sets_what_the_notebooks_take_and_one_with_another_name_is_refused(
    tmp_path, monkeypatch
):
    taken = {name for notebook in NOTEBOOKS for name in chain.declared(notebook)}
    assert taken == set(parameters.SCHEMA)
    for name in parameters.PROFILES:
        assert parameters.read(name, {})["PROFILE"] == name
    monkeypatch.setattr(files, "PARAMETERS", tmp_path)
    for content, said in {
        "EPOCH: 3": "EPOCH is no parameter; allowed are DATASET, ",
        "EPOCHS: 0": "EPOCHS: 0 is less than the minimum of 1",
        "- 3": "quick.yaml holds [3]; write lines of NAME: value",
        "EPOCHS: [": "quick.yaml cannot be read: ",
    }.items():
        (tmp_path / "quick.yaml").write_text(content)
        with pytest.raises(LabError) as refused:
            parameters.read("quick", {})
        assert str(refused.value).startswith(said)
        assert "\n" not in str(refused.value)
