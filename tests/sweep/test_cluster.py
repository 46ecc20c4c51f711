import pytest

from helpers.core.console import LabError
from helpers.sweep import cluster, cores, work


@pytest.mark.parametrize("address", ["nonsense", "tcp://127.0.0.1:1", "http://127.0.0.1:1"])
def test_an_address_without_a_scheduler_is_told_in_one_line(monkeypatch, address):
    monkeypatch.setattr(cluster, "ANSWER_S", 1)
    with pytest.raises(LabError) as told, cluster.connected(address):
        pass
    assert f"no Dask scheduler answers at {address}" in str(told.value)
    assert "\n" not in str(told.value)


def test_every_worker_that_differs_is_named():
    own = work.made_with()
    older = {**own, "packages": {**own["packages"], "torch": "2.0.0"}}

    class Client:
        def run(self, function, on_error):
            return {"tcp://a:1": own, "tcp://b:2": older, "tcp://c:3": ImportError("no helpers")}

    with pytest.raises(LabError) as told:
        cluster.refuse_others(Client())
    said = str(told.value)
    assert "the worker tcp://b:2 has torch 2.0.0 instead of " in said
    assert "the worker tcp://c:3 cannot run the project (no helpers)" in said
    assert "tcp://a:1" not in said


@pytest.mark.real
def test_a_local_cluster_has_a_worker_a_core_group_and_nobody_else_reaches_it():
    with cluster.connected(None) as client:
        workers = client.scheduler_info()["workers"].values()
        assert len(workers) == cores.groups(1)
        assert [worker["nthreads"] for worker in workers] == [1] * len(workers)
        assert all(worker["host"] == "127.0.0.1" for worker in workers)
