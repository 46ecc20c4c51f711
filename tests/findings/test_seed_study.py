"""What a sweep's runs say of seeds, by values worked out by hand or by another program."""

import itertools

import numpy as np
import pytest
from made_up_sweep import a_row
from scipy import stats

from helpers.core import old_results as results
from helpers.core import sweeps
from helpers.findings import seed_study
from helpers.findings.seeds import FRAMEWORKS

IMAGES = "a" * 64
# PyTorch less TensorFlow in points: mean 0.1, deviation 0.2 (squares 0.04, 0.04, 0, 0.04, 0.04).
DIFFERENCES = (-0.1, 0.3, 0.1, 0.3, -0.1)


def pair(seed, difference_in_points, base=0.97, **setting):
    """Return the rows of both frameworks from one seed."""
    found = (base, base + difference_in_points / 100)
    return [
        a_row(framework=name, seed=seed, test_accuracy=accuracy, **setting)
        for name, accuracy in zip(FRAMEWORKS, found, strict=True)
    ]


def lab_arm():
    return [row for seed, d in enumerate(DIFFERENCES, start=1) for row in pair(seed, d)]


@pytest.fixture
def written(run_folder):
    """A sweep of an arm, of a training that failed, and of one on other images."""
    rows = [*lab_arm(), a_row(seed=9, reason="diverged: its loss is nan")]
    for row in (*rows, a_row(dataset_sha256="b" * 64, test_accuracy=0.5)):
        sweeps.write(row)
    return rows


def test_only_rows_of_the_same_images_count_in_the_order_of_settings_frameworks_and_seeds(written):
    found = seed_study.rows(IMAGES)
    assert [(row["framework"], row["seed"]) for row in found] == [
        *(("tensorflow", seed) for seed in range(1, 6)),
        *(("pytorch", seed) for seed in (1, 2, 3, 4, 5, 9)),
    ]
    assert [row["status"] for row in found[-2:]] == ["finished", "failed"]


def test_no_sweep_of_these_images_is_said_with_the_way_to_one(written):
    assert seed_study.rows("c" * 64) == []
    with pytest.raises(results.Missing, match=r"^no sweep of these images .*`make sweep` trains"):
        seed_study.read("c" * 64)


def test_a_sweep_in_which_nothing_has_finished_is_none(run_folder):
    sweeps.write(a_row(reason="out of memory"))
    assert seed_study.rows(IMAGES) == []


def test_the_spread_of_each_framework_over_the_seeds(written):
    tensorflow, pytorch = seed_study.spread(lab_arm())
    assert tensorflow["framework"] == "tensorflow"
    assert (tensorflow["sd"], tensorflow["accuracy_range"]) == (pytest.approx(0), [0.97, 0.97])
    assert pytorch["runs"] == 5
    assert pytorch["mean"] == pytest.approx(0.971)
    assert pytorch["sd"] == pytest.approx(0.002)
    assert pytorch["accuracy_range"] == pytest.approx([0.969, 0.973])
    # t of 4 degrees at 97.5 % is 2.776; 2.776 * 0.002 / sqrt(5) is 0.002483
    assert pytorch["mean_ci95"] == pytest.approx([0.971 - 0.002483, 0.971 + 0.002483], abs=1e-6)


def test_the_paired_difference_has_its_interval_and_that_of_its_deviation():
    (found,) = seed_study.pairs(lab_arm())
    assert (found["pairs"], found["recipe"]) == (5, "lab")
    assert found["difference"] == pytest.approx(0.001)
    assert found["difference_ci95"] == pytest.approx([-0.001483, 0.003483], abs=1e-6)
    # chi-squared of 4 degrees: 0.4844 and 11.143; 0.002 * sqrt(4 / 11.143) and sqrt(4 / 0.4844)
    assert found["sd"] == pytest.approx(0.002)
    assert found["sd_ci95"] == pytest.approx([0.0011983, 0.0057471], rel=1e-3)


def test_the_arm_of_a_recipe_is_the_setting_with_the_most_pairs():
    few = [row for seed in (1, 2, 3) for row in pair(seed, 0.5, batch_size=32)]
    alone = [a_row(framework="pytorch", seed=seed, batch_size=64) for seed in range(20)]
    defaults = pair(1, 0.2, recipe="defaults")
    found = seed_study.arms([*few, *lab_arm(), *alone, *defaults])
    assert [(arm["recipe"], arm["batch_size"]) for arm in found] == [
        ("lab", 512),
        ("defaults", 512),
    ]


def test_one_framework_alone_has_a_spread_and_no_pairs():
    alone = [row for row in lab_arm() if row["framework"] == "pytorch"]
    found = seed_study.tables(alone)
    assert len(found["sweep_spread"]) == 1
    assert found["sweep_pairs"] == found["sweep_power"] == found["sweep_effects"] == []


@pytest.mark.parametrize(
    ("difference", "sd", "pairs"),
    # Of G*Power 3.1, t tests for matched pairs, two-sided, 5 %, 80 %: effects of 1, 0.5 and 0.2.
    [(0.0025, 0.0025, 10), (0.001, 0.002, 34), (0.0005, 0.0025, 199)],
)
def test_the_pairs_that_are_needed_are_those_of_published_tables(difference, sd, pairs):
    assert seed_study.pairs_needed(difference, sd) == pairs
    assert (
        seed_study.power(difference, sd, pairs - 1) < 0.8 <= seed_study.power(difference, sd, pairs)
    )


def test_a_difference_far_beyond_the_deviation_takes_the_least_number_of_seeds():
    assert seed_study.pairs_needed(0.05, 0.0005) == 3
    assert seed_study.power(0.05, 0.0005, 3) == 1


def test_the_power_is_how_often_a_paired_t_test_finds_the_difference():
    random, pairs = np.random.default_rng(1), 12
    drawn = random.normal(0.001, 0.0012, (20_000, pairs))
    found = stats.ttest_1samp(drawn, 0, axis=1).pvalue < seed_study.SIGNIFICANCE
    assert seed_study.power(0.001, 0.0012, pairs) == pytest.approx(found.mean(), abs=0.01)


def test_the_table_of_power_follows_from_the_pairs():
    (arm,) = seed_study.pairs(lab_arm())
    found = seed_study.power_rows(arm)
    assert [row["told_apart"] for row in found] == [0.0025, 0.001, 0.0005]
    assert [row["seeds"] for row in found] == [8, 34, 128]  # effects of 1.25, 0.5 and 0.25
    low, high = found[1]["seeds_range"]
    assert low < 34 < high
    assert found[0]["power"] == pytest.approx(seed_study.power(0.0025, 0.002, 5))


def test_differences_that_do_not_vary_or_are_too_few_tell_no_power():
    alike = [row for seed in (1, 2, 3) for row in pair(seed, 0)]
    (arm,) = seed_study.pairs(alike)
    assert (arm["sd"], seed_study.power_rows(arm)) == (0, [])
    (arm,) = seed_study.pairs(lab_arm()[:4])
    assert (arm["sd_ci95"], seed_study.power_rows(arm)) == (None, [])


def test_what_the_runs_were_made_with_is_counted_by_kind():
    other = [a_row(seed=7, cpu="another", started="2026-01-02T00:00:00Z")]
    first, second = seed_study.made([*lab_arm(), *other])
    assert (first["runs"], second["runs"]) == (10, 1)
    assert first["packages"] == {"numpy": "2.4.6"}
    assert (second["cpu"], second["first"], second["last"]) == (
        "another",
        *2 * ["2026-01-02T00:00:00Z"],
    )


def test_the_tables_are_what_the_schema_says(written, run_folder):
    grid = itertools.product((32, 128), (0.001, 0.01), (1, 2, 3))
    rows = [
        a_row(framework=name, batch_size=size, learning_rate=rate, seed=seed)
        | {"test_accuracy": 0.9 + seed / 1000 + rate}
        for (size, rate, seed), name in itertools.product(grid, FRAMEWORKS)
    ]
    made = {"dataset": {"sha256": IMAGES}, "parameters": {}, "challenges": {}, "peak_rss_bytes": 1}
    tables = seed_study.tables([*seed_study.rows(IMAGES), *rows])
    results.write_record("06_seed_study", started="2026-01-02T03:04:05Z", **made, **tables)
    record = results.read_record("06_seed_study")
    assert all(record[name] for name in tables)
