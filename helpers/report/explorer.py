"""Pick a test image, or draw one, and see what every runtime answers and how long it takes."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from IPython.display import display

from helpers.benchmark.runtimes import RUNTIMES
from helpers.core.units import duration
from helpers.data.mnist import Dataset
from helpers.findings.time_sentences import NONE_MEASURED
from helpers.report import drawing, figures
from helpers.report.tables import NUMBER, Column, columns, table

# What is told of one image in every runtime.
NUMBERS = {
    **columns("runtime"),
    "answer": Column("Answer"),
    "sure": Column("Sure", "{:.1%}".format, NUMBER),
    **columns("median_s p90_s"),
}
ROOM = 1_000  # between the slowest runtime and the edge of the axis, for its answer


def rows(logits: dict[str, np.ndarray], times: list[dict], image: int) -> list[dict]:
    """Return {runtime, predicted, sure, median_s, p90_s} for one image, fastest first.

    `logits` is {runtime: [N, 10]}, `times` the single-stream rows of `latency`; a runtime without
    one of the two is left out. `sure` is the softmax of the largest logit.
    """
    from scipy.special import softmax

    return [
        {
            "runtime": row["runtime"],
            "predicted": int(logits[row["runtime"]][image].argmax()),
            "sure": float(softmax(logits[row["runtime"]][image].astype(np.float64)).max()),
            "median_s": row["median_s"],
            "p90_s": row["p90_s"],
        }
        for row in sorted(times, key=lambda row: row["median_s"])
        if row["runtime"] in logits
    ]


def wrong(logits: dict[str, np.ndarray], labels: np.ndarray) -> np.ndarray:
    """Return the indices of the test images that at least one runtime gets wrong."""
    return np.flatnonzero(np.any([own.argmax(axis=1) != labels for own in logits.values()], axis=0))


def finding(image: int, label: int, found: list[dict], names: Sequence[str]) -> str:
    """Return what the runtimes make of the image, as a clause; `names` are those of the classes."""
    answers = {row["predicted"] for row in found}
    about = f"Test image {image}, labelled {names[label]}"
    if len(answers) == 1:
        (answer,) = answers
        verdict = "rightly" if answer == label else "wrongly"
        who = "every runtime" if len(found) > 1 else RUNTIMES[found[0]["runtime"]].title
        return f"{about}: {who} {verdict} answers {names[answer]}"
    right = [RUNTIMES[row["runtime"]].title for row in found if row["predicted"] == label]
    return f"{about}: right in {', '.join(right) or 'no runtime'}"


def view(dataset: Dataset, image: int, found: list[dict]) -> str:
    """Return the image beside every runtime's answer and time, as HTML: a figure and a table."""
    pixels, label = dataset.test_images[image], int(dataset.test_labels[image])
    classes = dataset.source.classes
    names, meant = figures.drawn(classes)
    figure, (left, right) = plt.subplots(1, 2, width_ratios=(1, 2))
    left.imshow(pixels, cmap="gray_r")
    left.axis("off")
    for place, row in enumerate(reversed(found)):
        runtime = RUNTIMES[row["runtime"]]
        right.plot(row["median_s"], place, runtime.marker, color=runtime.colour, markersize=8)
        answer, seconds = names[row["predicted"]], row["median_s"]
        text = f"   {answer} ({row['sure']:.0%} sure), {duration(seconds)}"
        look = {"va": "center", "fontsize": "small", "parse_math": False}
        right.annotate(text, (seconds, place), **look)
    titles = [RUNTIMES[row["runtime"]].title for row in reversed(found)]
    right.set_yticks(range(len(found)), titles, fontsize="small")
    right.set(xscale="log", xlabel="seconds for one image (log)")
    right.margins(x=0.1, y=0.1)
    right.set_xlim(right=ROOM * max(row["median_s"] for row in found))
    return figures.as_html(
        figure,
        finding=finding(image, label, found, names),
        chart="Test image beside a dot plot of the seconds for one image on a log axis, one "
        "row a runtime, each with its answer",
        caption="A dot is the median time of a single image, beside it the answer to this one"
        f"{meant}.",
        numbers=table([{**row, "answer": classes[row["predicted"]]} for row in found], NUMBERS),
    )


def explore(
    dataset: Dataset, logits: dict[str, np.ndarray], times: list[dict], files: dict[str, Path]
) -> None:
    """Show a view of one test image with widgets to pick it; where there are none, the view alone.

    `logits` and `times` are those of `rows`. The first image shown is the first that a runtime
    gets wrong. Below it is a surface to draw on, answered by those of `files`, {runtime: model
    file}, that are TFLite or ONNX.
    """
    from ipywidgets import HTML, BoundedIntText, Button, HBox, VBox

    if not logits:
        print(NONE_MEASURED)
        return
    errors = wrong(logits, dataset.test_labels)

    def show(image: int) -> str:
        return view(dataset, image, rows(logits, times, image))

    def next_error(_: Button) -> None:
        later = errors[errors > number.value]
        number.value = later[0] if later.size else errors[0]

    number = BoundedIntText(
        value=errors[0] if errors.size else 0,
        min=0,
        max=len(dataset.test_images) - 1,
        description="Test image",
    )
    button = Button(description="Next wrong answer", disabled=not errors.size)
    button.on_click(next_error)
    first = show(number.value)
    shown = HTML(first)
    number.observe(lambda change: setattr(shown, "value", show(change["new"])), names="value")
    box = VBox([HBox([number, button]), shown])
    if read := drawing.readers(files):
        box.children += (drawing.widget(read, dataset),)
    # One output in two forms: the page and viewers without widgets take the second.
    display({**box._repr_mimebundle_(), "text/html": first}, raw=True)
