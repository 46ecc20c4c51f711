import pytest
import yaml

from helpers import data
from helpers.core import sweeps
from helpers.core.console import LabError
from helpers.sweep import grid
from helpers.training.recipes import STRONG

LAB = {
    "framework": ["tensorflow", "pytorch"],
    "architecture": "mlp",
    "recipe": "lab",
    "seeds": 3,
    "epochs": 2,
    "batch_size": [64, 128],
    "learning_rate": 0.004,
}
STRONG_ALONE = {"framework": "pytorch", "architecture": "cnn", "recipe": "strong", "seeds": 1}


def read(folder, *grids, yes=False, **content):
    file = folder / "sweep.yaml"
    file.write_text(yaml.safe_dump({"dataset": "sample", "grids": list(grids), **content}))
    return grid.read(file, yes=yes)


def test_a_grid_asks_for_every_combination_of_its_values_from_every_seed(tmp_path):
    tasks = list(read(tmp_path, LAB).tasks.values())
    assert len(tasks) == 2 * 2 * 3
    assert [task["framework"] for task in tasks] == ["tensorflow"] * 6 + ["pytorch"] * 6
    assert {task["seed"] for task in tasks} == {1, 2, 3}
    assert tasks[0] == {
        "framework": "tensorflow",
        "architecture": "mlp",
        "recipe": "lab",
        "seed": 1,
        "epochs": 2,
        "batch_size": 64,
        "learning_rate": 0.004,
        "dataset": "sample",
        "dataset_sha256": data.load("sample").source.sha256,
        "train_images": 3_667,
        "threads": 1,
    }


def test_a_training_that_two_grids_ask_for_is_done_once(tmp_path):
    wider = LAB | {"seeds": 4, "learning_rate": [0.004, 0.001]}
    both = read(tmp_path, LAB, wider).tasks
    assert len(both) == 2 * 2 * 4 * 2
    assert all(sweeps.key(task) == key for key, task in both.items())


def test_the_strong_recipe_brings_its_own_numbers(tmp_path):
    (task,) = read(tmp_path, STRONG_ALONE).tasks.values()
    assert task["epochs"] == STRONG["cnn"].epochs
    assert task["batch_size"] == STRONG["cnn"].batch_size
    assert task["learning_rate"] == STRONG["cnn"].learning_rate
    (short,) = read(tmp_path, STRONG_ALONE | {"epochs": 2}).tasks.values()
    assert short["epochs"] == 2


def test_a_random_search_draws_within_its_limits_and_the_same_each_time(tmp_path):
    limits = {"learning_rate": {"low": 1e-4, "high": 1e-1}, "batch_size": {"low": 32, "high": 512}}
    drawn = LAB | {"seeds": 1, "draws": 40} | limits
    tasks = read(tmp_path, drawn).tasks
    assert len(tasks) == 80
    assert read(tmp_path, drawn).tasks == tasks
    more = read(tmp_path, drawn | {"draws": 50}).tasks
    assert tasks.keys() < more.keys()
    rates = [task["learning_rate"] for task in tasks.values()]
    assert 1e-4 <= min(rates) < 1e-3 < 1e-2 < max(rates) <= 1e-1
    sizes = [task["batch_size"] for task in tasks.values()]
    assert 32 <= min(sizes) < 64 < 256 < max(sizes) <= 512
    pairs = {(task["learning_rate"], task["batch_size"]) for task in tasks.values()}
    assert len(pairs) == 40  # both frameworks of each


@pytest.mark.parametrize(
    ("grids", "said"),
    [
        ([LAB | {"batchsize": 3}], "grid 1: batchsize is not a field (did you mean batch_size?)"),
        ([LAB, LAB | {"epochs": 0}], "grid 2: epochs is 0; allowed is a whole number from 1 to"),
        ([LAB | {"learning_rate": [0.1, 2]}], "learning_rate is 2; allowed is a number above 0"),
        ([LAB | {"framework": "jax"}], "framework is 'jax'; allowed is one of tensorflow, pytorch"),
        ([LAB | {"seeds": 0}], "seeds is 0; allowed is a whole number from 1 to 100"),
        ([LAB | {"batch_size": []}], "batch_size is empty, so there is nothing to train"),
        ([LAB | {"batch_size": 5000}], "batch_size 5000; allowed is 1 to 3667, the training"),
        ([{**LAB, "recipe": ["lab", "strong"]}], "give it a grid of its own without them"),
        ([{"framework": "pytorch"}], "grid 1 has no architecture; it needs framework,"),
        ([LAB | {"draws": 2, "batch_size": {"low": 9, "high": 1}}], "a low above its high"),
        (["lab"], "grid 1 is 'lab'; write lines of framework,"),
        ([], "asks for no training; write grids:"),
        ([LAB | {"seeds": 100, "batch_size": [*range(1, 7)]}], "asks for 1,200 trainings, more"),
    ],
)
def test_what_is_not_allowed_is_told_in_one_line(tmp_path, grids, said):
    with pytest.raises(LabError) as told:
        read(tmp_path, *grids)
    assert said in str(told.value)
    assert "\n" not in str(told.value)


def test_a_large_sweep_is_done_when_asked_for_twice(tmp_path):
    large = LAB | {"seeds": 100, "batch_size": [*range(1, 7)]}
    assert len(read(tmp_path, large, yes=True).tasks) == 1_200


def test_unknown_lines_of_the_file_are_told(tmp_path):
    for change, said in (
        ({"grid": []}, "grid is not a key (did you mean grids?)"),
        ({"threads": 0}, "threads is 0; allowed is a whole number from 1 to 100"),
        ({"train_images": 5}, "train_images is 5; allowed is a whole number from 256"),
        ({"dataset": "fashion"}, "dataset is 'fashion'; allowed is auto, mnist, sample"),
    ):
        with pytest.raises(LabError) as told:
            read(tmp_path, LAB, **change)
        assert said in str(told.value)


def test_an_architecture_that_a_framework_has_not_is_told_before_anything_is_trained(
    tmp_path, monkeypatch
):
    folder = tmp_path / "helpers" / "models"
    folder.mkdir(parents=True)
    (folder / "keras_models.py").write_text('ARCHITECTURES: dict = {"mlp": mlp, "resnet": resnet}')
    torch_models = folder / "torch_models.py"
    torch_models.write_text('OTHERS = {"resnet": ResNet}\nARCHITECTURES = {"mlp": MLP}')
    monkeypatch.setattr(grid.artifacts, "PROJECT", tmp_path)
    grid.check_architectures(read(tmp_path, LAB).tasks)
    tasks = read(tmp_path, LAB | {"architecture": ["mlp", "resnet"]}).tasks
    said = "^resnet is no architecture of helpers/models/torch_models.py, which defines mlp$"
    with pytest.raises(LabError, match=said):
        grid.check_architectures(tasks)
    torch_models.write_text(f'{torch_models.read_text()}\nARCHITECTURES["resnet"] = ResNet')
    grid.check_architectures(tasks)


def test_the_architectures_of_the_project_are_found(tmp_path):
    grid.check_architectures(read(tmp_path, LAB | {"architecture": ["mlp", "cnn"]}).tasks)
