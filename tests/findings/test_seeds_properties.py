"""What seeds say, whatever the accuracies: in any order, either framework first."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.findings import seeds

SHARES = st.integers(0, 10_000).map(lambda right: right / 10_000)
RUNS = st.dictionaries(st.integers(1, 12), SHARES, min_size=1, max_size=12)
KIND = ("mlp", "lab")


def rows(tensorflow, pytorch):
    return [
        {"framework": name, "architecture": "mlp", "recipe": "lab", "seed": seed}
        | {"test_accuracy": accuracy, "train_seconds": 1.0 + seed}
        for name, runs in (("tensorflow", tensorflow), ("pytorch", pytorch))
        for seed, accuracy in runs.items()
    ]


@given(st.lists(SHARES, min_size=1, max_size=20), st.floats(0.1, 10), st.floats(-5, 5))
def test_an_interval_of_a_mean_moves_and_grows_with_the_values(found, factor, shift):
    interval = seeds.mean_ci95(found)
    assert (interval is None) == (len(found) < seeds.LEAST_SEEDS)
    if interval:
        mean = np.mean(found)
        assert np.mean(interval) == pytest.approx(mean, abs=1e-9)
        low, high = seeds.prediction_ci95(found)
        assert low - 1e-12 <= interval[0] <= interval[1] <= high + 1e-12
        moved = seeds.mean_ci95([factor * value + shift for value in found])
        assert moved == pytest.approx([factor * end + shift for end in interval], abs=1e-9)


@given(st.lists(SHARES, min_size=3, max_size=8))
def test_the_interval_of_the_same_values_from_more_seeds_is_narrower(found):
    widths = [round(np.ptp(seeds.mean_ci95(times * found)), 12) for times in (1, 2, 4)]
    assert widths == sorted(widths, reverse=True)


@given(RUNS, RUNS, st.randoms())
def test_a_paired_difference_turns_with_the_frameworks(tensorflow, pytorch, random):
    both = tensorflow.keys() & pytorch.keys()
    made = rows(tensorflow, pytorch)
    random.shuffle(made)
    if not both:
        with pytest.raises(seeds.Missing):
            seeds.paired_difference(made, *KIND)
        return
    found = seeds.paired_difference(made, *KIND)
    other = seeds.paired_difference(rows(pytorch, tensorflow), *KIND)
    assert found["pairs"] == other["pairs"] == len(both)
    assert found["mean"] == pytest.approx(-other["mean"])
    assert found["sd"] == (other["sd"] and pytest.approx(other["sd"]))
    if found["ci95"]:
        assert found["ci95"] == pytest.approx([-end for end in reversed(other["ci95"])])
    expected = [pytorch[seed] - tensorflow[seed] for seed in both]
    assert found["mean"] == pytest.approx(sum(expected) / len(expected))


@given(RUNS, RUNS, st.lists(SHARES, min_size=2, max_size=5))
def test_fewer_pairs_are_further_apart(tensorflow, pytorch, differences):
    made = rows(tensorflow, pytorch)
    if max(len(tensorflow), len(pytorch)) < 2:
        with pytest.raises(seeds.Missing):
            seeds.share_apart(made, *KIND, 0.01)
        return
    shares = [seeds.share_apart(made, *KIND, each) for each in sorted(differences)]
    assert shares == sorted(shares, reverse=True)
    assert seeds.share_apart(made, *KIND, 0) == 1
    assert all(0 <= share <= 1 for share in shares)


@given(RUNS, RUNS)
def test_a_summary_has_every_run_once(tensorflow, pytorch):
    found = seeds.summary(rows(tensorflow, pytorch))
    assert [row["runs"] for row in found] == [len(tensorflow), len(pytorch)]
    for row, runs in zip(found, (tensorflow, pytorch), strict=True):
        assert min(runs.values()) - 1e-12 <= row["mean"] <= max(runs.values()) + 1e-12
        assert (row["sd"] is None) == (len(runs) == 1)
        assert row["train_seconds"] <= row["train_seconds_max"] == 1 + max(runs)
