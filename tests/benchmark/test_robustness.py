import numpy as np
import pytest
from made_up import digits, logits_for

from helpers import data
from helpers.benchmark import robustness


def test_noise_is_drawn_from_several_seeds_and_images_move_both_ways(monkeypatch, run_folder):
    images, labels = data.scale(digits(20)), np.arange(20) % 10

    def read_all(cases, threads):
        wrong = [int(1_000 * float(given.mean())) % 5 for _, given in cases]
        return [logits_for(np.where(np.arange(20) < n, 1 - labels, labels)) for n in wrong]

    monkeypatch.setattr(robustness.read_back, "read_all", read_all)
    rows = robustness.measure({"m": "m.onnx"}, images, labels, seed=1, threads=1)
    by_kind = {(row["perturbation"], row["amount"]): row for row in rows}
    assert {amount for kind, amount in by_kind if kind == "rotation"} == {-30, -15, 15, 30}
    assert {amount for kind, amount in by_kind if kind == "shift"} == {-4, -2, 2, 4}
    noisy, turned = by_kind["noise", 0.4], by_kind["rotation", 30]
    assert (noisy["repeats"], turned["repeats"], turned["range"]) == (3, 1, None)
    assert noisy["range"][0] <= noisy["accuracy"] <= noisy["range"][1]
    drawn = [robustness.perturb(images, "noise", 0.4, seed).mean() for seed in (1, 2, 3)]
    assert noisy["accuracy"] == pytest.approx(1 - np.mean([int(1_000 * m) % 5 for m in drawn]) / 20)


@pytest.mark.parametrize(("kind", "amount"), [("noise", 0.2), ("rotation", 90), ("shift", 2)])
def test_perturbations(kind, amount):
    images = data.scale(digits(20))
    images[:, 9:12, 9:19] = 0  # the upper edge is missing
    changed = robustness.perturb(images, kind, amount, seed=1)
    assert changed.dtype == np.float32
    assert changed.shape == images.shape
    assert (changed.min(), changed.max()) == (0, pytest.approx(1))
    if kind == "noise":
        middle = (changed - images)[:, :, :9]
        assert middle.std() == pytest.approx(0.2 * np.sqrt(0.5 - 0.5 / np.pi), rel=0.05)
    if kind == "shift":
        np.testing.assert_array_equal(changed[:, 2:, 2:], images[:, :-2, :-2])
        assert not changed[:, :2].any()
    if kind == "rotation":
        turned = np.rot90(images, axes=(1, 2))
        assert (
            min(np.abs(changed - turned).max(), np.abs(changed - turned[:, ::-1, ::-1]).max())
            < 1e-5
        )
