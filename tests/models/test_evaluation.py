import pytest
from made_up import LABELS, logits_for

from helpers.models import evaluation


def test_accuracy_counts_largest_logits():
    classes = LABELS.copy()
    classes[:10] = (classes[:10] + 1) % 10
    assert evaluation.accuracy(logits_for(classes), LABELS) == 0.95


@pytest.mark.parametrize(
    ("accuracy", "low", "high"), [(0.9714, 0.9680, 0.9745), (0.9739, 0.9706, 0.9769)]
)
def test_the_interval_is_wilsons(accuracy, low, high):
    assert evaluation.accuracy_ci95(accuracy, 10_000) == pytest.approx((low, high), abs=6e-5)


def test_mcnemar_is_the_exact_binomial_of_the_discordant_images():
    first, second = LABELS.copy(), LABELS.copy()
    second[:6] = (second[:6] + 1) % 10  # six images only the first gets right, none the other way
    p = evaluation.mcnemar_p(logits_for(first), logits_for(second), LABELS)
    assert p == pytest.approx(2 * 0.5**6)
    assert evaluation.mcnemar_p(logits_for(first), logits_for(first), LABELS) == 1
