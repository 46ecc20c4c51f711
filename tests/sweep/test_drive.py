import pytest
from distributed import Client, LocalCluster
from made_up_sweep import ROW, a_row

from helpers.core import sweeps
from helpers.core.console import LabError
from helpers.core.process import ProcessFailed
from helpers.sweep import drive, work

TASKS = [
    {name: ROW[name] for name in (*sweeps.DECIDING, "dataset")} | {"seed": n} for n in range(20)
]


@pytest.fixture(scope="module")
def client():
    """Of two worker threads in this process."""
    with (
        LocalCluster(
            n_workers=1, threads_per_worker=2, processes=False, dashboard_address="127.0.0.1:0"
        ) as cluster,
        Client(cluster, set_as_default=False) as client,
    ):
        yield client


def done(task, attempts, made_with):
    return a_row(**task, attempts=attempts)


def test_every_task_gives_one_row(client):
    rows = list(drive.rows(client, TASKS, done))
    assert sorted(row["seed"] for row in rows) == list(range(20))
    assert {row["attempts"] for row in rows} == {1}


def test_a_training_whose_process_dies_is_tried_again_and_then_a_row_with_its_reason(client):
    def dies(task, attempts, made_with):
        if task["seed"] == 3 or (task["seed"] == 4 and attempts < 3):
            raise ProcessFailed("the training process was ended by signal 9")
        return done(task, attempts, made_with)

    rows = {row["seed"]: row for row in drive.rows(client, TASKS, dies)}
    assert len(rows) == 20
    assert (rows[3]["status"], rows[3]["attempts"]) == ("failed", 3)
    assert rows[3]["reason"] == "ProcessFailed: the training process was ended by signal 9"
    assert rows[3]["key"] == sweeps.key(TASKS[3])
    assert (rows[4]["status"], rows[4]["attempts"]) == ("finished", 3)


def test_an_unfit_worker_ends_the_sweep(client):
    def unfit(task, attempts, made_with):
        raise LabError("the worker has torch 9.9.9")

    with pytest.raises(LabError, match=r"the worker has torch 9\.9\.9"):
        list(drive.rows(client, TASKS, unfit))


def test_differences_name_each_package_once():
    own = {"packages": {"torch": "2.13.0", "numpy": "2.4.6"}, "code_sha256": "a"}
    other = {"packages": {"torch": "2.12.1"}, "code_sha256": "b"}
    assert work.differences(own, own, "the worker w") == ""
    assert work.differences(own, other, "the worker w") == (
        "the worker w has numpy not at all instead of 2.4.6, torch 2.12.1 instead of 2.13.0; "
        "install the locked packages there"
    )
    other = {**own, "code_sha256": "b"}
    assert "give it the same commit" in work.differences(own, other, "the worker w")
