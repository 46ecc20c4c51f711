"""The direct routes to TFLite: what each does is told, and none takes the notebook with it."""

from pathlib import Path

import pytest

from helpers.core import artifacts, process, stack

pytestmark = pytest.mark.real  # imports TensorFlow


@pytest.fixture(scope="module")
def routes():
    from helpers.exports import keras_routes

    return keras_routes


def test_a_call_that_takes_its_process_down_costs_the_others_nothing(routes, monkeypatch):
    asked = []

    def run(module, specification, *, threads, without):
        calls = list(specification["calls"])
        asked.append(calls)
        if "b" in calls:
            raise process.ProcessFailed(f"{module} was ended by signal 6 (Aborted): LLVM ERROR: no")
        for call, file in specification["calls"].items():
            Path(file).write_bytes(call.encode())
        return {"outcomes": {"c": "returned 7"} if "c" in calls else {}}

    monkeypatch.setattr(process, "run", run)
    assert routes.attempts(Path("mlp.keras"), ["a", "b", "c"]) == {
        "a": b"a",
        "b": "was ended by signal 6 (Aborted): LLVM ERROR: no",
        "c": "returned 7",
    }
    assert asked == [["a", "b", "c"], ["a"], ["b"], ["c"]]


def test_each_route_is_tried_with_the_version_that_is_installed(routes, run_folder):
    from helpers.models import keras_networks

    file = artifacts.model_file("mlp.keras")
    keras_networks.save(keras_networks.build("mlp", 1), file)
    found = routes.attempts(file)
    assert list(found) == list(routes.ROUTES)
    asked, model, function = found.values()
    if stack.name() == stack.OF_2025:
        assert asked.startswith("raised AttributeError: ")
        assert "LLVM ERROR" in model
    else:
        assert asked.startswith("returned [TensorSpec(shape=(None, 28, 28)")
        assert len(model) > 400_000
        assert len(function) < 4_000  # without the weights
