"""Accuracies and their comparison, whatever the logits."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of

from helpers.models import evaluation

IMAGES = st.integers(1, 60)


@st.composite
def answers(draw):
    """Logits of two networks and the labels, for the same images."""
    count = draw(IMAGES)
    logits = arrays_of.arrays(np.float32, (count, 10), elements=st.floats(-50, 50, width=32))
    labels = arrays_of.arrays(np.int64, count, elements=st.integers(0, 9))
    return draw(logits), draw(logits), draw(labels)


@given(st.integers(1, 20_000), st.data())
def test_an_interval_holds_its_accuracy_and_is_symmetrical(images, data):
    right = data.draw(st.integers(0, images))
    low, high = evaluation.accuracy_ci95(right / images, images)
    assert -1e-12 <= low <= right / images + 1e-12
    assert right / images - 1e-12 <= high <= 1 + 1e-12
    other = evaluation.accuracy_ci95((images - right) / images, images)
    assert other == pytest.approx((1 - high, 1 - low))


@given(st.integers(1, 2_000), st.data())
def test_more_images_make_the_interval_narrower(images, data):
    accuracy = data.draw(st.integers(0, images)) / images
    widths = [np.ptp(evaluation.accuracy_ci95(accuracy, n * images)) for n in (1, 2, 5)]
    assert widths == sorted(widths, reverse=True)


@given(answers(), st.permutations(range(10)), st.randoms())
def test_nothing_depends_on_the_order_of_images_or_the_names_of_classes(given_, names, random):
    first, second, labels = given_
    order = random.sample(range(len(labels)), len(labels))
    # Class c is called names[c] now; of equal logits the first one counted, so it alone is large.
    clear = [np.eye(10, dtype=np.float32)[logits.argmax(axis=1)] for logits in (first, second)]
    renamed = [logits[:, np.argsort(names)] for logits in clear]
    new_labels = np.array(names)[labels]
    assert evaluation.accuracy(renamed[0], new_labels) == evaluation.accuracy(first, labels)
    assert evaluation.accuracy(first[order], labels[order]) == evaluation.accuracy(first, labels)
    assert evaluation.agreement(*renamed) == evaluation.agreement(first, second)
    assert evaluation.mcnemar_p(first[order], second[order], labels[order]) == pytest.approx(
        evaluation.mcnemar_p(first, second, labels)
    )


@given(answers())
def test_a_comparison_is_the_same_either_way_round(given_):
    first, second, labels = given_
    assert evaluation.agreement(first, second) == evaluation.agreement(second, first)
    assert evaluation.agreement(first, first) == 1
    p = evaluation.mcnemar_p(first, second, labels)
    assert 0 <= p <= 1
    assert p == pytest.approx(evaluation.mcnemar_p(second, first, labels))
    assert evaluation.mcnemar_p(first, first, labels) == 1


@given(answers())
def test_two_networks_that_agree_are_as_accurate_as_each_other(given_):
    first, second, labels = given_
    gap = abs(evaluation.accuracy(first, labels) - evaluation.accuracy(second, labels))
    assert gap <= 1 - evaluation.agreement(first, second) + 1e-12
