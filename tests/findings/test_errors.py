import numpy as np
import pytest
from made_up import digits

from helpers.data import mnist
from helpers.findings import errors, robustness

LABELS = np.arange(40) % 10


def logits_of(classes, margin=3.0):
    return margin * np.eye(10)[classes]


def test_errors_in_common_and_apart():
    first, second = LABELS.copy(), LABELS.copy()
    first[[0, 1]] = [9, 9]
    second[[0, 2, 3]] = [8, 8, 8]
    given = {"a": logits_of(first), "b": logits_of(second)}
    assert errors.wrong_for_all(given, LABELS).tolist() == [0]
    (row,) = errors.common_errors(given, LABELS, full_test_set=True)
    assert row == {"image": 0, "label": 0, "predicted": {"a": 9, "b": 8}} | dict.fromkeys(
        ("label_error", "explained"), False
    )
    counted = errors.disagreement("mlp", given["a"], given["b"], LABELS)
    assert list(counted.values()) == ["mlp", 36, 2, 1, 0, 1]
    recalls = errors.recalls("a", given["a"], LABELS)
    assert [row["recall"] for row in recalls] == [0.75, 0.75, *[1.0] * 8]
    assert recalls[0]["ci95"][0] < 0.75 < recalls[0]["ci95"][1]


def test_the_expected_calibration_error_is_the_weighted_distance():
    found = errors.reliability("a", logits_of(LABELS), LABELS)
    sure = np.exp(3) / (np.exp(3) + 9)
    assert found["ece"] == pytest.approx(1 - sure)
    (only,) = found["bins"]
    assert (only["images"], only["accuracy"]) == (40, 1.0)
    assert only["confidence"] == pytest.approx(sure)


def test_a_label_error_is_the_cause_only_where_the_models_read_what_the_readers_did():
    labels = np.zeros(6_000, int)
    labels[[1_901, 2_130, 2_654, 3_558, 5_937]] = 9, 4, 6, 5, 5
    first = labels.copy()
    first[[7, 1_901, 2_130, 2_654, 3_558, 5_937]] = 1, 4, 9, 1, 0, 3
    second = first.copy()
    second[3_558] = 6  # the readers chose 0, and the models do not agree
    given = {"a": logits_of(first), "b": logits_of(second)}
    rows = {row["image"]: row for row in errors.common_errors(given, labels, full_test_set=True)}
    assert [image for image, row in rows.items() if not row["label_error"]] == [7]
    assert [image for image, row in rows.items() if row["explained"]] == [1_901, 5_937]
    sample = errors.common_errors(given, labels, full_test_set=False)
    assert {(row["label_error"], row["explained"]) for row in sample} == {(None, None)}


def test_a_calibrated_model_has_the_error_of_chance_and_an_overconfident_one_more():
    generator = np.random.default_rng(1)
    sure = generator.uniform(0.5, 0.99, 2_000)
    logits = np.zeros((2_000, 10))
    logits[:, 0] = np.log(9 * sure / (1 - sure))
    chance = np.where(generator.random(2_000) < sure, 0, 1)
    calibrated = errors.reliability("a", logits, chance)
    low, high = calibrated["calibrated_ece_ci95"]
    assert 0 < low < calibrated["calibrated_ece"] < high < 0.05
    assert low < calibrated["ece"] < high
    too_sure = np.where(generator.random(2_000) < sure - 0.2, 0, 1)
    wrong = errors.reliability("a", logits, too_sure)
    assert wrong["ece_ci95"][0] < wrong["ece"] == pytest.approx(0.2, abs=0.03)
    assert wrong["ece_ci95"][0] > high
    assert errors.reliability("a", logits, too_sure) == wrong  # drawn from a seed


def test_noise_is_drawn_from_several_seeds_and_images_move_both_ways(monkeypatch, run_folder):
    images, labels = mnist.scale(digits(20)), np.arange(20) % 10

    def read_all(cases, threads):
        wrong = [int(1_000 * float(given.mean())) % 5 for _, given in cases]
        return [logits_of(np.where(np.arange(20) < n, 1 - labels, labels)) for n in wrong]

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
    images = mnist.scale(digits(20))
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
