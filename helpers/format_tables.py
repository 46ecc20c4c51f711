"""The report's tables of files and runtimes: what a format costs, who trained against who runs."""

from helpers.benchmark.runtimes import RUNTIMES
from helpers.core.units import duration, ratio
from helpers.model_sentences import TITLES
from helpers.report import or_dash, table

SCENARIOS = ("offline", "single_stream")


def timed_files(results: dict) -> list[dict]:
    """Return each timed file: what it is, its bytes and accuracy, its times and their ratios.

    One row a file and runtime that were timed in both scenarios, with the most threads.
    """
    files = {row["id"]: row for row in [*results["models"], *results["exports"]]}
    found: dict[tuple, dict] = {}
    for row in _most_threads(results):
        if RUNTIMES[row["runtime"]].every_file:
            found.setdefault((row["model"], row["runtime"]), {})[row["scenario"]] = row
    return [
        {
            "model": model,
            "runtime": runtime,
            "architecture": both["offline"]["architecture"],
            "precision": both["offline"]["precision"],
            "bytes": files[model]["bytes"],
            "test_accuracy": both["offline"]["test_accuracy"],
            **{f"{scenario}_s": both[scenario]["median_s"] for scenario in SCENARIOS},
            **{f"{scenario}_ratio": both[scenario].get("ratio") for scenario in SCENARIOS},
        }
        for (model, runtime), both in found.items()
        if set(both) >= set(SCENARIOS)
    ]


def formats_table(results: dict) -> str:
    """Return what each timed file costs: bytes, accuracy, time in both scenarios, all threads."""
    return table(
        [
            {
                "File": row["model"],
                "Runtime": RUNTIMES[row["runtime"]].title,
                "Bytes": f"{row['bytes']:,}",
                "Test accuracy": f"{row['test_accuracy']:.2%}",
                "All test images": duration(row["offline_s"]),
                "in PyTorch's time": or_dash(row["offline_ratio"], "{:.2f}".format),
                "1 image": duration(row["single_stream_s"]),
                "in PyTorch's time ": or_dash(row["single_stream_ratio"], "{:.2f}".format),
            }
            for row in timed_files(results)
        ]
    )


def cross_table(results: dict) -> str:
    """Return the time of the same network by who trained it (rows) and who runs it (columns)."""
    rows = [row for row in _most_threads(results) if row["precision"] == "float32"]
    lines = []
    for architecture in dict.fromkeys(row["architecture"] for row in rows):
        for scenario in SCENARIOS:
            for framework, title in TITLES.items():
                wanted = (architecture, scenario, framework)
                times = {
                    RUNTIMES[row["runtime"]].title: duration(row["median_s"])
                    for row in rows
                    if (row["architecture"], row["scenario"], row["framework"]) == wanted
                    and RUNTIMES[row["runtime"]].every_file
                }
                head = {"Network": architecture, "Scenario": scenario.replace("_", "-")}
                lines.append({**head, "Weights from": title, **times})
    return table(lines)


def cross_sentence(results: dict) -> str:
    """Return by how much other weights and another runtime change the time of the mlp offline."""
    offline = [
        row
        for row in _most_threads(results)
        if (row["scenario"], row["precision"], row["architecture"]) == ("offline", "float32", "mlp")
        and RUNTIMES[row["runtime"]].every_file
    ]
    by_runtime: dict[str, list[float]] = {}
    for row in offline:
        by_runtime.setdefault(row["runtime"], []).append(row["median_s"])
    pairs = [max(times) / min(times) for times in by_runtime.values() if len(times) > 1]
    if not pairs:
        return "The weights of only one framework were timed."
    medians = [sum(times) / len(times) for times in by_runtime.values()]
    return (
        f"With the mlp offline, other weights change a runtime's time by a factor of at most "
        f"{ratio(max(pairs))}, another runtime by up to {ratio(max(medians) / min(medians))}."
    )


def _most_threads(results: dict) -> list[dict]:
    threads = max((row["threads"] for row in results["latency"]), default=1)
    return [row for row in results["latency"] if row["threads"] == threads]
