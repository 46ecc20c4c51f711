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
    second[[0, 2]] = [8, 8]
    given = {"a": logits_of(first), "b": logits_of(second)}
    assert errors.wrong_for_all(given, LABELS).tolist() == [0]
    (row,) = errors.common_errors(given, LABELS, full_test_set=True)
    assert row == {"image": 0, "label": 0, "predicted": {"a": 9, "b": 8}, "label_error": False}
    counted = errors.disagreement("mlp", given["a"], given["b"], LABELS)
    assert counted.pop("mcnemar_p") == 1
    assert list(counted.values()) == ["mlp", 37, 1, 1, 0, 1]
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


def test_the_known_label_errors_have_the_labels_that_were_doubted():
    assert len(errors.LABEL_ERRORS) == 15
    source = mnist.locate("auto")
    if source.name != "mnist":
        pytest.skip("needs the full MNIST")
    labels = mnist.load("mnist").test_labels[list(errors.LABEL_ERRORS)]
    assert labels.tolist() == [8, 0, 9, 4, 2, 5, 6, 6, 5, 5, 0, 1, 4, 6, 5]


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
