import functools
import math

import pytest

from helpers import data
from helpers.benchmark.runtimes import RUNTIMES
from helpers.core import artifacts
from helpers.core.artifacts import PROJECT
from helpers.core.console import LabError
from helpers.core.stages import NOTEBOOKS, STAGES
from helpers.pipeline import chain, fingerprint, parameters
from helpers.pipeline.notebook import FOLDER

NEVER = (math.nan, math.inf, -math.inf, "", "text", True, False, {}, -1, 1e999, [[]])
FIRST = ["mlp", "lab", 1, None]
# Of each parameter: the values at its borders, and those just beyond them or of a wrong type.
WHOLE, NONE = (2.5, 0, "3", [1]), (None,)
LISTS = ([], ["onnx"], [["litert"]], ["litert", "litert"], "litert", 1)
MAIN = ["tf-function", "pytorch", "litert", "onnxruntime"]
ALLOWED = {
    "DATASET": (("auto", "mnist", "sample", str(PROJECT / "data")), (None, 1, 2.5, "cifar")),
    "TRAIN_IMAGES": ((None, 256, 10**12), (255, *WHOLE)),
    "HIDDEN": ((1, 4_096), (None, 4_097, *WHOLE)),
    "EPOCHS": ((1, 1_000), (None, 1_001, *WHOLE)),
    "BATCH_SIZE": ((1, 10**12), (None, *WHOLE)),
    "LEARNING_RATE": ((1e-9, 1e-3, 1, 1.0), (None, 0, 0.0, -0.0, 1.0001, 2, "0.1")),
    "SEED": ((0, 2**32 - 100), (None, 2**32 - 99, 2.5, "3")),
    "TRAININGS": (
        ([FIRST], [["mlp", "lab", 100, 1_000], ["cnn", "strong", 1, 1]]),
        (
            *(None, [], "mlp", ["mlp"], [["mlp", "lab", 1]], [FIRST, FIRST]),
            *([["mlp", "lab", 0, None]], [["mlp", "lab", 101, None]], [["mlp", "lab", 1, 0]]),
            *([["mlp", "lab", 1, 1_001]], [["mlp", "lab", 1.0, 1]], [["mlp", "lab", True, 1]]),
            *([FIRST, ["mlp-2", "lab", 1, 1]], [FIRST, ["cnn", "weak", 1, 1]]),
            *([["cnn", "lab", 1, 1]], [["mlp", "strong", 1, 1], FIRST]),
        ),
    ),
    "THREADS": ((None, 1), (10_000, *WHOLE)),
    "PERTURBED_IMAGES": ((None, 1, 10**12), WHOLE),
    "FILES": ((None, [], ["float32", "int8"]), (["int4"], ["int8", "int8"], "int8", 8)),
    "ROUNDS": ((1, 100), (None, 101, *WHOLE)),
    "TIMER_ROUNDS": ((1, 100), (None, 101, *WHOLE)),
    "BATCH_SIZES": (([], [2], [32, 1_024]), (None, 32, [1], [32, 32], [2.5], ["32"], [True])),
    "EVERYTHING": ((True, False), (None, 0, 1, "True")),
    "RUNTIMES": ((None, MAIN, list(RUNTIMES)), (*LISTS, ["litert"], MAIN[1:])),
    "PROFILE": (("notebook", *parameters.PROFILES), (None, 1, "huge")),
}


def test_every_parameter_is_in_the_table():
    assert set(ALLOWED) == set(parameters.PARAMETERS)


@pytest.mark.parametrize("name", ALLOWED)
def test_values_at_the_border_pass_and_those_beyond_are_named_with_what_is_allowed(name):
    good, bad = ALLOWED[name]
    for value in good:
        parameters.check({name: value})
    never = [value for value in NEVER if not any(value is each for each in good)]
    for value in (*bad, *never):
        with pytest.raises(LabError) as error:
            parameters.check({name: value})
        allowed = parameters.PARAMETERS[name].allowed
        assert str(error.value) == f"{name}={value!r}: allowed is {allowed}"
        assert "\n" not in allowed


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        *(("EPOCH", "EPOCHS"), ("epochs", "EPOCHS"), ("Seed", "SEED"), ("HIDEN", "HIDDEN")),
        *(("LEARNINGRATE", "LEARNING_RATE"), ("BATCHSIZE", "BATCH_SIZE"), ("Dataset", "DATASET")),
    ],
)
def test_a_misspelt_name_is_refused_with_the_one_that_is_meant(name, meant):
    said = rf"^{name} is not a parameter \(did you mean {meant}\?\); allowed are .*DATASET, TRAIN_"
    with pytest.raises(LabError, match=said):
        parameters.check({name: 3})
    with pytest.raises(LabError, match=said):
        parameters.from_command_line([f"{name}=3"])


def test_a_readers_own_names_are_no_parameters():
    parameters.check({"HTML": str, "dataset": object(), "_": 2, "In": ["x"]})
    names = ("MY_ANSWERS", "MODEL", "N", "LIMIT", "KERNEL", "K", "epoch", "seeds", "file")
    parameters.check(dict.fromkeys(names, 1))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nothing=1"], "nothing is not a parameter; allowed are PROFILE, FROM, DATASET, "),
        (["EPOCHS=3", "SEED=1", "EPOCHS=4"], "EPOCHS is set twice; set it once$"),
        (["EPOCHS"], "EPOCHS: write a parameter as NAME=VALUE, for example EPOCHS=3$"),
        (["PROFILE=quick"], "PROFILE is not set like a parameter; write --profile quick$"),
    ],
)
def test_what_cannot_be_set_is_told(words, said):
    with pytest.raises(LabError, match=f"^{said}"):
        parameters.from_command_line(words)


def test_a_parameter_in_the_environment_is_told(monkeypatch):
    monkeypatch.setenv("EPOCHS", "3")
    with pytest.raises(LabError, match="^EPOCHS=3 stands in the environment, where it does noth"):
        parameters.from_command_line([])
    assert parameters.from_command_line(["EPOCHS=4"]) == {"EPOCHS": 4}  # as make leaves both
    monkeypatch.delenv("EPOCHS")
    monkeypatch.setenv("PROFILE", "quick")  # which make reads
    assert parameters.from_command_line([]) == {}


def test_what_belongs_to_the_environment_is_set_there(monkeypatch):
    for name in parameters.ENVIRONMENT:
        monkeypatch.setenv(name, "before")
    words = ["MNIST_DIR=a folder/$x", "SEED=2"]
    assert parameters.from_command_line(words) == {"SEED": 2}
    found = [parameters.os.environ[name] for name in parameters.ENVIRONMENT]
    assert found == ["a folder/$x", "before", "before", "before"]


def test_the_command_line_reads_numbers_words_and_none():
    words = ["EPOCHS=3", "LEARNING_RATE=1e-3", "DATASET=2025", "THREADS=None", "SEED=one"]
    assert parameters.from_command_line(words) == {
        "EPOCHS": 3,
        "LEARNING_RATE": 0.001,
        "DATASET": "2025",
        "THREADS": None,
        "SEED": "one",
    }
    assert parameters.from_command_line(["DATASET='sample'"]) == {"DATASET": "sample"}
    assert parameters.from_command_line(["RUNTIMES=pytorch,litert", "BATCH_SIZES=32,1024"]) == {
        "RUNTIMES": ["pytorch", "litert"],
        "BATCH_SIZES": [32, 1_024],
    }
    assert parameters.from_command_line(["BATCH_SIZES=8"]) == {"BATCH_SIZES": [8]}
    assert parameters.from_command_line(["TRAININGS=mlp:lab:3,cnn:strong:1:2,deep:lab"]) == {
        "TRAININGS": [["mlp", "lab", 3, None], ["cnn", "strong", 1, 2], ["deep", "lab", 1, None]]
    }
    for text in ("RUNTIMES=", "RUNTIMES=[]"):
        assert parameters.from_command_line([text]) == {"RUNTIMES": []}
    deep = "[" * 10_000
    assert parameters.from_command_line([f"DATASET={deep}"]) == {"DATASET": deep}


@pytest.mark.parametrize("name", parameters.PROFILES)
def test_every_profile_is_allowed_and_reaches_a_notebook(name):
    profile = parameters.profile(name)
    parameters.check(profile)
    assert profile
    assert set(profile) <= {known for names in parameters.OF.values() for known in names}


def test_a_number_that_yaml_takes_for_a_text_is_one(tmp_path, monkeypatch):
    monkeypatch.setattr(artifacts, "PARAMETERS", tmp_path)
    (tmp_path / "quick.yaml").write_text("LEARNING_RATE: 1e-3\nTRAININGS: mlp:lab:2\nSEED: 3\n")
    values = {"LEARNING_RATE": 0.001, "TRAININGS": [["mlp", "lab", 2, None]], "SEED": 3}
    assert parameters.profile("quick") == values


@pytest.mark.parametrize("name", STAGES)
def test_every_parameter_of_a_notebook_has_a_rule_and_its_default_passes(name):
    path = FOLDER / f"{name}.ipynb"
    cell = next(
        c for c in fingerprint.read_cells(path) if "parameters" in c["metadata"].get("tags", [])
    )
    defaults: dict = {}
    exec("".join(cell["source"]), {}, defaults)
    assert set(defaults) == set(fingerprint.declared(path)) == set(parameters.OF[name])
    assert set(defaults) <= set(parameters.PARAMETERS)
    parameters.check(defaults)


def test_a_parameter_that_is_given_and_that_a_notebook_lost_is_named(monkeypatch):
    source = data.Source("sample", "here", 1, 1, "0")
    values = {"EPOCHS": 3, "SEED": 1, "ROUNDS": 2}
    request = chain.Request("quick", [], values, source, 0, force=False)
    given = {"DATASET": "sample", "EPOCHS": 3, "SEED": 1}
    assert request.parameters_of(NOTEBOOKS[0]) == given
    # What a notebook has beyond the table is given too; what it lacks and nobody set is its own.
    lacking = ["DATASET", "EPOCHS", "SEED", "ROUNDS"]
    monkeypatch.setattr(fingerprint, "declared", lambda path: lacking)
    assert request.parameters_of(NOTEBOOKS[0]) == {**given, "ROUNDS": 2}
    lacking.remove("EPOCHS")
    said = "^01_tensorflow_tflite.ipynb does not set EPOCHS in a cell tagged `parameters`, where 3 "
    with pytest.raises(LabError, match=said):
        request.parameters_of(NOTEBOOKS[0])


@pytest.fixture
def read(tmp_path):
    def read(text, **options):
        path = tmp_path / "lab.yaml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return artifacts.read_yaml(path, ("author", "date"), **options)

    return functools.partial(read, as_typed=True)


def test_a_yaml_file_gives_values_or_what_was_typed(read):
    typed = {"author": ["0042", "No"], "date": "12:30"}
    text = "# who\nauthor: [0042, No]\ndate: 12:30  # when\n"
    assert read(text) == typed
    assert read(text, as_typed=False) == {"author": [34, False], "date": 750}
    assert read("\ufeffauthor: x") == {"author": "x"}
    assert read("") == read("# nothing\n") == read("{}") == {}
    assert read("author:\ndate: ''") == {"author": "", "date": ""}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("author: x\n\nautor: y", r"lab.yaml, line 3: autor is not a key \(did you mean author\?"),
        ("author: x\nauthor: y", "lab.yaml, line 2: author stands there twice; write it once$"),
        ("- author", "lab.yaml holds a sequence; write lines of NAME: value$"),
        ("author", "lab.yaml holds a scalar; write lines of NAME: value$"),
        ("date: x\nauthor: [", "lab.yaml, line 2: expected the node content, but found '<stream "),
        ("author: Jörg".encode("latin-1"), "lab.yaml cannot be read: 'utf-8' codec can't decode"),
    ],
)
def test_a_yaml_file_that_is_not_lines_of_allowed_names_is_told_with_the_line(read, text, said):
    with pytest.raises(LabError, match=f"^{said}") as error:
        read(text)
    assert "\n" not in str(error.value)
