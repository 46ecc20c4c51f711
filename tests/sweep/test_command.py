import pytest
import yaml
from made_up_sweep import a_row

from helpers.core import sweeps
from helpers.sweep import __main__ as command
from helpers.sweep import cluster, grid

ONE = {
    "framework": "pytorch",
    "architecture": "mlp",
    "recipe": "lab",
    "seeds": 2,
    "epochs": 1,
    "batch_size": 64,
    "learning_rate": 0.004,
}


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "sweep.yaml"
    path.write_text(yaml.safe_dump({"dataset": "sample", "grids": [ONE]}))
    return path


@pytest.fixture
def no_cluster(monkeypatch):
    def connected(*words, **names):
        raise AssertionError("a cluster was started")

    monkeypatch.setattr(cluster, "connected", connected)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "error: the following arguments are required: file; see python -m helpers.sweep"),
        (["nowhere.yaml"], "error: nowhere.yaml cannot be read: "),
        (["a.yaml", "--cluster", "c"], "unrecognized arguments: --cluster"),
    ],
)
def test_a_wrong_command_is_told_in_one_line(run_folder, capfd, words, said):
    assert command.main(words) == 2
    wrong = capfd.readouterr().err
    assert said in wrong
    assert wrong.count("\n") == 1
    assert not run_folder.exists()


def test_rows_of_another_schema_are_refused_and_left_as_they_are(
    run_folder, capfd, file, no_cluster
):
    sweeps.write(a_row() | {"schema_version": 1})
    (path,) = sweeps.folder().iterdir()
    before = path.read_bytes()
    assert command.main([str(file)]) == 2
    assert "has schema_version 1, allowed is 2" in capfd.readouterr().err
    assert [each.read_bytes() for each in sweeps.folder().iterdir()] == [before]


def test_a_sweep_that_is_done_starts_no_cluster(run_folder, capfd, file, no_cluster):
    for task in grid.read(file, yes=False).tasks.values():
        sweeps.write(a_row(**task))
    assert command.main([str(file)]) == 0
    said = capfd.readouterr().out
    assert "2 trainings on a sample of MNIST, 2 of them done before" in said
    assert "2 finished, 0 failed; their rows are in " in said


def test_what_failed_is_trained_again_and_told(run_folder, capfd, file, monkeypatch):
    class Client:
        dashboard_link = "http://127.0.0.1:8787/status"

        def __enter__(self):
            return self

        def __exit__(self, *error):
            pass

    first, second = grid.read(file, yes=False).tasks.values()
    sweeps.write(a_row(**first))
    sweeps.write(a_row(**second, reason="its loss is nan"))
    again = a_row(**second, reason="4 workers died with it")
    monkeypatch.setattr(cluster, "connected", lambda *words, **names: Client())
    asked = []

    def rows(client, tasks):
        asked.extend(tasks)
        yield again

    monkeypatch.setattr(command.drive, "rows", rows)
    assert command.main([str(file)]) == 1
    assert asked == [second]
    said = capfd.readouterr().out
    assert "2 trainings on a sample of MNIST, 1 of them done before" in said
    assert "dashboard: http://127.0.0.1:8787/status" in said
    assert "2/2 mlp, lab, seed 2, pytorch: failed: 4 workers died with it" in said
    assert "1 finished, 1 failed; their rows are in " in said
    assert again in sweeps.read()
