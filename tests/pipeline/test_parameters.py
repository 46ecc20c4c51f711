import re

import pytest

from helpers.core import artifacts
from helpers.core.artifacts import PROJECT
from helpers.core.console import LabError
from helpers.pipeline import fingerprint, parameters

NOTEBOOKS = sorted((PROJECT / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("EPOCHS", 0, "a whole number from 1 to 1000"),
        ("EPOCHS", 2.5, "a whole number from 1 to 1000"),
        ("EPOCHS", True, "a whole number from 1 to 1000"),
        ("BATCH_SIZE", -1, "a whole number from 1"),
        ("SEED", "one", "a whole number from 0 to 4294967295"),
        ("SEED", None, "a whole number from 0 to 4294967295"),
        ("LEARNING_RATE", 0, "a number above 0 and at most 1"),
        ("LEARNING_RATE", float("nan"), "a number above 0 and at most 1"),
        ("TRAININGS", [], "a list of [network, recipe, seeds, epochs] with each network and "),
        ("TRAININGS", [["mlp", "weak", 1, None]], "a list of [network, recipe, seeds, epochs]"),
        ("TRAININGS", [["mlp", "lab", 0, None]], "a list of [network, recipe, seeds, epochs]"),
        ("TRAININGS", [["mlp", "lab", 1, 0]], "a list of [network, recipe, seeds, epochs]"),
        ("TRAININGS", [["mlp-2", "lab", 1, 1]], "a list of [network, recipe, seeds, epochs]"),
        ("TRAININGS", [["mlp", "defaults", 1, 1]], "a list of [network, recipe, seeds, epochs]"),
        ("TRAININGS", [["mlp", "lab", 1, 1]] * 2, "a list of [network, recipe, seeds, epochs]"),
        ("DATASET", "cifar", "auto, mnist, sample, or a folder or .npz archive that is there ("),
        ("TRAIN_IMAGES", 3, "a whole number from 256, or None for all"),
        ("THREADS", 10_000, "a whole number from 1 to"),
        ("RUNTIMES", ["onnx"], "a list of at least one of keras-predict, tf-function, pytorch, "),
        ("RUNTIMES", [], "a list of at least one of keras-predict, tf-function, pytorch, "),
        ("RUNTIMES", [["litert"]], "a list of at least one of keras-predict, tf-function, "),
        ("BASELINE", "onnx", "one of keras-predict, tf-function, pytorch, "),
        ("ONE_THREAD", "pytorch", "a list of keras-predict, tf-function, pytorch, "),
    ],
)
def test_a_bad_value_is_named_with_what_is_allowed(name, value, allowed):
    with pytest.raises(LabError) as error:
        parameters.check({name: value})
    assert str(error.value).startswith(f"{name}={value!r}: allowed is {allowed}")
    assert "\n" not in str(error.value)


def test_the_baseline_is_one_of_the_runtimes():
    runtimes = {"RUNTIMES": ["litert", "onnxruntime"]}
    with pytest.raises(LabError) as error:
        parameters.check({**runtimes, "BASELINE": "pytorch"})
    assert str(error.value) == (
        "BASELINE='pytorch': allowed is one of RUNTIMES, which are litert, onnxruntime; name one "
        "of these, or add pytorch to RUNTIMES"
    )
    parameters.check({**runtimes, "BASELINE": "onnxruntime"})
    parameters.check({**runtimes, "BASELINE": None})
    parameters.check({"RUNTIMES": None, "BASELINE": "numpy"})


@pytest.mark.parametrize(
    ("name", "value"),
    [("EPOCHS", 1), ("SEED", 0), ("TRAIN_IMAGES", None), ("THREADS", 1), ("LEARNING_RATE", 1)],
)
def test_values_at_the_edge_pass(name, value):
    parameters.check({name: value})


def test_an_unknown_name_is_refused_and_a_notebooks_other_names_are_not():
    with pytest.raises(LabError, match="^EPOCH is not a parameter; allowed are DATASET, "):
        parameters.check({"EPOCH": 3})
    parameters.check({"HTML": str, "dataset": 1, "_": 2, "In": ["x"]})


def test_the_command_line_reads_numbers_words_and_none():
    words = ["EPOCHS=3", "LEARNING_RATE=1e-3", "DATASET=sample", "THREADS=None", "SEED=one"]
    assert parameters.from_command_line(words) == {
        "EPOCHS": 3,
        "LEARNING_RATE": 0.001,
        "DATASET": "sample",
        "THREADS": None,
        "SEED": "one",
    }
    assert parameters.from_command_line(["RUNTIMES=pytorch,litert", "ONE_THREAD=numpy"]) == {
        "RUNTIMES": ["pytorch", "litert"],
        "ONE_THREAD": ["numpy"],
    }
    assert parameters.from_command_line(["TRAININGS=mlp:lab:3,cnn:strong:1:2,deep:lab"]) == {
        "TRAININGS": [["mlp", "lab", 3, None], ["cnn", "strong", 1, 2], ["deep", "lab", 1, None]]
    }
    for text in ("RUNTIMES=", "RUNTIMES=[]"):
        assert parameters.from_command_line([text]) == {"RUNTIMES": []}
    with pytest.raises(LabError, match="^EPOCHS: write a parameter as NAME=VALUE"):
        parameters.from_command_line(["EPOCHS"])


@pytest.mark.parametrize("name", parameters.PROFILES)
def test_every_profile_is_allowed_and_reaches_a_notebook(name):
    profile = parameters.profile(name)
    parameters.check(profile)
    declared = {known for path in NOTEBOOKS for known in fingerprint.declared(path)}
    assert profile
    assert set(profile) <= declared


def test_an_unknown_profile_is_named():
    with pytest.raises(LabError, match="^PROFILE=huge: allowed is one of quick, standard, full$"):
        parameters.profile("huge")


def test_every_parameter_of_a_notebook_has_a_rule_and_its_default_passes():
    for path in NOTEBOOKS:
        cell = next(
            c for c in fingerprint.read_cells(path) if "parameters" in c["metadata"].get("tags", [])
        )
        defaults: dict = {}
        exec("".join(cell["source"]), {}, defaults)
        assert set(defaults) == set(fingerprint.declared(path)) <= set(parameters.PARAMETERS)
        parameters.check(defaults)


def test_a_yaml_file_that_is_no_mapping_is_named(tmp_path):
    (tmp_path / "lab.yaml").write_text("- author")
    with pytest.raises(LabError, match="^lab.yaml holds list; write lines of NAME: value$"):
        artifacts.read_yaml(tmp_path / "lab.yaml")
    (tmp_path / "lab.yaml").write_text("author: [")
    with pytest.raises(LabError, match="^lab.yaml cannot be read: ") as error:
        artifacts.read_yaml(tmp_path / "lab.yaml")
    assert not re.search(r"\n", str(error.value))
    (tmp_path / "lab.yaml").write_text("")
    assert artifacts.read_yaml(tmp_path / "lab.yaml") == {}
