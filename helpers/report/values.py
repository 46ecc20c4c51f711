"""Numbers of results.json as text: a value and both ends of its interval by the same rule."""

import math
import re
from collections.abc import Callable, Sequence
from decimal import Decimal

from helpers.benchmark.runtimes import RUNTIMES
from helpers.benchmark.statistics import ratio_by_rounds, ratios_within, spread_of
from helpers.core import results
from helpers.core.units import counted, three_digits
from helpers.core.units import duration as time

NOT_MEASURED = "not measured"
FRAMEWORKS = {"tensorflow": "TensorFlow", "pytorch": "PyTorch"}

Form = Callable[[float], str]


def runtime(name: str) -> str:
    """Return what a reader calls a runtime, or the framework whose timer was rebuilt."""
    return RUNTIMES[name].title if name in RUNTIMES else FRAMEWORKS.get(name, name)


def images(found: dict) -> str:
    """Return the number of test images, as "10,000"."""
    return f"{found['run']['dataset']['test_images']:,}"


def percent(share: float) -> str:
    """Return a share as "97.87 %"."""
    return f"{100 * share:.2f} %"


def points(difference: float) -> str:
    """Return a difference of shares in percentage points with its sign, such as "-0.05"."""
    value = 100 * difference
    text = f"{value:+.2f}"
    if float(text):
        return text
    # On which side of zero it lies is read from the first digit.
    return "0.00" if abs(value) < 1e-9 else f"{Decimal(f'{value:.1g}'):+f}"


def ratio(value: float) -> str:
    """Return a ratio with two decimals from 0.1 to 10, else three digits, such as "32.4"."""
    return f"{value:.2f}" if 0.095 <= value < 9.995 else three_digits(value)


def size(count: float) -> str:
    """Return bytes in MB (10^6) or GB with two digits or more."""
    return f"{count / 1e6:,.0f} MB" if count < 999.5e6 else f"{count / 1e9:,.1f} GB"


def shapes(text: str) -> str:
    """Return a text with the shapes in it closed up, such as "(10,1,28,28)": one word each."""
    return re.sub(r"(?<=\d), (?=\d)", ",", text)


def between(ends: Sequence[float], form: Form) -> str:
    """Return both ends of an interval, their unit once, such as "13.4 to 14.1 ms"."""
    low, high = map(form, ends)
    number, _, unit = low.partition(" ")
    return f"{number if high.endswith(f' {unit}') else low} to {high}"


def with_interval(
    value: float | None, ends: Sequence[float] | None, form: Form, more: str = ""
) -> str:
    """Return a value with its interval and what else belongs into the brackets.

    Such as "1.19 (1.17 to 1.24)", "1.19 (measured once)", and "not measured" for None.
    """
    if value is None:
        return NOT_MEASURED
    said = ends and (between(ends, form) if ends[0] < ends[1] else "measured once")
    inside = ", ".join(filter(None, [said, more]))
    return f"{form(value)} ({inside})" if inside else form(value)


def factor(found: dict) -> str:
    """Return what fair_ratio or timer_ratio gives as "1.19 (1.17 to 1.24)"."""
    return with_interval(found["ratio"], found["spread"], ratio)


def beside(row: dict, unit: dict) -> str:
    """Return a time of a latency row in units of another's, with its interval or range."""
    rounds = row["rounds"], unit["rounds"]
    ends = spread_of(ratios_within(*rounds))
    return with_interval(ratio_by_rounds(*rounds)["ratio"], ends, ratio)


def spread(row: dict, key: str = "median_s") -> list[float]:
    """Return the interval of the `key` of a row's rounds, their range below six rounds."""
    return spread_of([each[key] for each in row["rounds"]])


def timed(found: dict, name: str, scenario: str) -> str:
    """Return a runtime's time in the main comparison with its interval or range."""
    row = results.main_row(found, name, scenario)
    return with_interval(row["median_s"], spread(row), time) if row else NOT_MEASURED


def rounds(found: dict) -> str:
    """Return in how many rounds the runtimes of the main comparison were measured: "8 to 25"."""
    rows = [results.main_row(found, name, "offline") for name in results.runtimes(found)]
    counts = sorted(len(row["rounds"]) for row in rows if row)
    return " to ".join(map(str, dict.fromkeys([*counts[:1], *counts[-1:]]))) or NOT_MEASURED


def noise(found: dict, scenario: str) -> str:
    """Return between which ratios the A/A intervals of a scenario lie, such as "0.97 to 1.07".

    Below six rounds it is between which the ratios within rounds lie.
    """
    ends: list[float] = []
    for row in results.where(found["noise_floor"], scenario=scenario):
        if unit := results.main_row(found, row["runtime"], scenario):
            ends += spread_of(ratios_within(row["rounds"], unit["rounds"])) or []
    return between([min(ends), max(ends)], ratio) if ends else NOT_MEASURED


def accuracies(found: dict, **kind: str) -> list[float]:
    """Return the test accuracies of a framework, architecture and recipe, one a seed."""
    return [row["test_accuracy"] for row in results.where(found["seeds"], **kind)]


def mean_interval(values: Sequence[float]) -> list[float] | None:
    """Return the 95 % interval of a mean by Student's t; None below two values."""
    if len(values) < 2 or math.isclose(min(values), max(values)):
        return None
    from statsmodels.stats.weightstats import DescrStatsW

    return [float(end) for end in DescrStatsW(values).tconfint_mean()]


def mean_accuracy(found: dict, **kind: str) -> str:
    """Return "97.87 % (97.81 to 97.93 %, 10 seeds)", or "not measured"."""
    values = accuracies(found, **kind)
    mean = sum(values) / len(values) if values else None
    return with_interval(mean, mean_interval(values), percent, counted(len(values), "seed"))


def sgd_epoch(found: dict) -> tuple[int, float] | None:
    """Return the steps of the epoch by plain SGD, and the largest difference of a step's losses.

    None where it was not run, or where the frameworks did not take the same steps.
    """
    tensorflow, pytorch = (
        {row["step"]: row["loss"] for row in results.where(found["sgd_losses"], framework=name)}
        for name in FRAMEWORKS
    )
    if not tensorflow or tensorflow.keys() != pytorch.keys():
        return None
    return len(tensorflow), max(abs(loss - pytorch[step]) for step, loss in tensorflow.items())


def fastest(found: dict, scenario: str) -> str:
    """Return the runtime with the least median time in the main comparison, and that time."""
    rows = (results.main_row(found, name, scenario) for name in results.runtimes(found))
    best = min(filter(None, rows), key=lambda row: row["median_s"], default=None)
    return f"{runtime(best['runtime'])} ({time(best['median_s'])})" if best else NOT_MEASURED
