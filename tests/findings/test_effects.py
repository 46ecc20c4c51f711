"""What the accuracy depends on, beside statsmodels' analysis of variance and by hand."""

import itertools

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from helpers.findings.effects import SEED, TOGETHER, effects

FACTORS = ("framework", "batch_size", "learning_rate")


def grid(accuracy, seeds=4):
    """Return runs of a full grid whose test accuracy `accuracy` gives."""
    every = itertools.product(
        ("tensorflow", "pytorch"), (32, 128, 512), (0.001, 0.01), range(seeds)
    )
    return [
        {**dict(zip(FACTORS, levels, strict=True)), "seed": seed}
        | {"test_accuracy": accuracy(*levels, seed)}
        for *levels, seed in every
    ]


def noisy(seed=1):
    random = np.random.default_rng(seed)
    return grid(
        lambda framework, size, rate, seed: (
            0.97
            + 0.01 * (rate == 0.01)
            + 0.004 * (size == 128)
            - 0.006 * (size == 512 and rate == 0.01)
            + random.normal(0, 0.002)
        )
    )


def by_factor(rows):
    return {row["factor"]: row for row in rows}


def test_in_a_full_grid_the_shares_are_those_of_an_analysis_of_variance():
    from statsmodels.formula.api import ols
    from statsmodels.stats.anova import anova_lm

    runs = noisy()
    fitted = ols(
        "test_accuracy ~ C(framework) * C(batch_size) * C(learning_rate)", pd.DataFrame(runs)
    )
    squares = anova_lm(fitted.fit())["sum_sq"]
    found = by_factor(effects(runs, FACTORS))
    for factor in FACTORS:
        expected = squares[f"C({factor})"] / squares.sum()
        assert found[factor]["share"] == pytest.approx(expected), factor
    assert found[SEED]["share"] == pytest.approx(squares["Residual"] / squares.sum())
    together = squares[[name for name in squares.index if ":" in name]].sum()
    assert found[TOGETHER]["share"] == pytest.approx(together / squares.sum())


def test_in_a_grid_with_gaps_shares_and_tests_are_those_of_type_2_beside_the_seeds():
    from statsmodels.formula.api import ols
    from statsmodels.stats.anova import anova_lm

    runs = [run for place, run in enumerate(noisy()) if place % 7 and place not in (1, 2)]
    frame, terms = pd.DataFrame(runs), [f"C({factor})" for factor in FACTORS]
    squares = anova_lm(ols(f"test_accuracy ~ {' + '.join(terms)}", frame).fit(), typ=2)
    cells = ols(f"test_accuracy ~ {' * '.join(terms)}", frame).fit()
    found = by_factor(effects(runs, FACTORS))
    for factor, term in zip(FACTORS, terms, strict=True):
        own, free = squares.loc[term, "sum_sq"], squares.loc[term, "df"]
        assert found[factor]["share"] == pytest.approx(own / cells.centered_tss), factor
        expected = stats.f.sf(own / free / cells.mse_resid, free, cells.df_resid)
        assert found[factor]["p"] == pytest.approx(expected), factor
    assert found[SEED]["share"] == pytest.approx(cells.ssr / cells.centered_tss)


def test_the_largest_share_stands_first_and_the_rest_last():
    names = [row["factor"] for row in effects(noisy(), FACTORS)]
    assert names == ["learning_rate", "batch_size", "framework", TOGETHER, SEED]


def test_the_best_and_the_worst_level_are_as_far_apart_as_their_means_the_others_alike():
    found = by_factor(effects(grid(lambda f, size, rate, seed: 0.9 + rate + seed / 1e3), FACTORS))
    rate = found["learning_rate"]
    assert (rate["best"], rate["worst"], rate["levels"]) == ("0.01", "0.001", 2)
    assert rate["gap"] == pytest.approx(0.009)
    assert found["framework"]["gap"] == pytest.approx(0)


def test_a_level_that_is_only_seen_beside_good_ones_does_not_gain_by_them():
    # Without the worst combination the plain mean of 512 images a batch would be higher.
    runs = [
        run
        for run in grid(lambda f, size, rate, seed: 0.9 + rate + seed / 1e3)
        if (run["batch_size"], run["learning_rate"]) != (512, 0.001)
    ]
    assert by_factor(effects(runs, FACTORS))["batch_size"]["gap"] == pytest.approx(0, abs=1e-12)


def test_a_factor_that_is_only_seen_beside_good_ones_has_no_share_by_that():
    runs = [run | {"recipe": "lab"} for run in noisy()]
    runs += [run | {"recipe": "defaults"} for run in noisy(2) if run["learning_rate"] == 0.01]
    found = by_factor(effects(runs, (*FACTORS, "recipe")))
    assert found["recipe"]["share"] < 0.01
    assert found["recipe"]["p"] > 0.05
    assert found["learning_rate"]["p"] < 1e-6


def test_a_factor_without_effect_is_taken_for_one_in_1_of_20_cases():
    random, taken = np.random.default_rng(2), []
    for _ in range(400):
        runs = [
            {"framework": name, "test_accuracy": random.normal()}
            for name in 10 * ["tensorflow", "pytorch"]
        ]
        taken.append(effects(runs, ("framework",))[0]["p"] < 0.05)
    assert np.mean(taken) == pytest.approx(0.05, abs=0.025)


def test_factors_that_vary_only_together_have_no_share_of_their_own():
    runs = [
        {"architecture": name, "epochs": epochs, "test_accuracy": accuracy + seed / 1e3}
        for name, epochs, accuracy in (("mlp", 10, 0.97), ("cnn", 20, 0.99))
        for seed in range(3)
    ]
    first, second, together, seed = effects(runs, ("architecture", "epochs"))
    assert first["share"] == second["share"] == 0
    assert (first["p"], first["best"], first["gap"]) == (None, None, None)
    assert together["share"] == pytest.approx(1 - seed["share"])
    assert together["share"] > 0.9


def test_many_values_of_a_random_search_become_four_classes():
    runs = [
        {"learning_rate": rate, "test_accuracy": 0.9 + rate / 10}
        for rate in np.linspace(0.001, 0.1, 40)
    ]
    row = effects(runs, ("learning_rate",))[0]
    assert row["levels"] == 4
    assert (row["best"], row["worst"]) == ("0.075 to 0.1", "0.001 to 0.026")
    assert row["gap"] == pytest.approx(3 / 4 * 0.0099 * 40 / 39, rel=1e-6)
    assert row["share"] > 0.9


def test_nothing_is_said_where_nothing_varies_or_no_combination_has_two_runs():
    alike = [{"framework": "pytorch", "test_accuracy": 0.9 + n / 100} for n in range(3)]
    assert effects(alike, ("framework",)) == []
    assert effects(grid(lambda *_: 0.97, seeds=1), FACTORS) == []
    assert effects(grid(lambda *_: 0.97), FACTORS) == []
