"""The tables of the runtimes, as HTML."""

from html import escape

import pandas as pd

from helpers import factor
from helpers.benchmark.runtimes import RUNTIMES
from helpers.benchmark.timers_2025 import FAIR, FORWARD
from helpers.claims import ACCURACY_2025
from helpers.core.results import Missing, main_rows, one, timed
from helpers.core.units import duration, megabytes, ratio, times
from helpers.report import interval, or_dash, table


def in_baseline_times(row: dict) -> str:
    """Return a row's ratio to the baseline with its interval, and whether the two are tied."""
    if pd.isna(row.get("ratio")):
        return "–"
    low, high = row["ratio_ci95"]
    if low == high:  # the baseline itself
        return ratio(row["ratio"])
    tied = ", tied" if low <= 1 <= high else ""
    return f"{ratio(row['ratio'])} ({ratio(low)}–{ratio(high)}){tied}"


def results_table(results: dict) -> str:
    """Return one row a runtime: accuracy from the calls that were timed, and both scenarios."""
    images = results["run"]["dataset"]["test"]
    rows = []
    for offline in main_rows(results["latency"], "offline"):
        single = timed(results, offline["runtime"], "single_stream")
        accuracy = offline["test_accuracy"]
        rows.append(
            {
                "Runtime": RUNTIMES[offline["runtime"]].title,
                "Test accuracy": f"{accuracy:.2%}",
                "95 % interval": interval(accuracy, images),
                f"{images:,} images": duration(offline["median_s"]),
                "in PyTorch's time": in_baseline_times(offline),
                "1 image": duration(single["median_s"]),
                "in PyTorch's time ": in_baseline_times(single),
            }
        )
    names = list(RUNTIMES)
    titles = [RUNTIMES[name].title for name in names]
    return table(sorted(rows, key=lambda row: titles.index(row["Runtime"])))


def latency_table(rows: list[dict]) -> str:
    """Return rows of `latency`, fastest first: interval, percentiles, ratio, flags."""
    return table(
        [
            {
                "Runtime": RUNTIMES[row["runtime"]].title,
                "Threads": row["threads"],
                "Median": duration(row["median_s"]),
                "95 % interval": "–".join(map(duration, row["ci95_s"])),
                "p90": or_dash(row["p90_s"], duration),
                "p99": or_dash(row["p99_s"], duration),
                "in PyTorch's time": in_baseline_times(row),
                "Cores busy": f"{row['cpu_per_wall']:.2f}",
                "Flags": ", ".join(row["flags"]) or "–",
            }
            for row in sorted(rows, key=lambda row: (-row["threads"], row["median_s"]))
        ]
    )


def sweep_table(images_per_s: pd.DataFrame) -> str:
    """Return images a second, one row a runtime (the index) and one column a batch size."""
    return table(
        [
            {
                "Runtime": RUNTIMES[name].title,
                **{f"{n:,} a call": f"{v:,.0f}" for n, v in own.items()},
            }
            for name, own in images_per_s.iterrows()
        ]
    )


def noise_table(results: dict) -> str:
    """Return what the baseline gives beside itself (A/A): no smaller difference means anything."""
    return table(
        [
            {
                "Scenario": row["scenario"].replace("_", "-"),
                "Threads": row["threads"],
                "Measured again / measured": in_baseline_times(row),
                "Processes": row["processes"],
            }
            for row in results["noise_floor"]
            if row["scenario"] != "sweep"
        ]
    )


def failures_table(results: dict) -> str:
    """Return what could not be measured and why; a sentence when there is nothing."""
    if not results["failures"]:
        return "<p>Every process that was planned was measured.</p>"
    return table(
        [
            {
                "Runtime": row["runtime"],
                "Threads": row.get("threads", "–"),
                "What happened": f"{row['what']}: {row['reason']}",
                "Attempts": row.get("attempts", 1),
                "Processes measured": row.get("processes_measured", 0),
            }
            for row in results["failures"]
        ]
    )


def table_2025(results: dict) -> str:
    """Return the 2025 report's table with this run's numbers beside it, by its own protocol."""
    rows = []
    for name, seconds in factor.SECONDS_2025.items():
        framework = "pytorch" if name == "onnxruntime" else name
        try:
            row = one(results["protocols"], protocol="report_2025", runtime=name)
            fair = timed(results, FAIR[name], "offline")
        except Missing:
            continue
        rows.append(
            {
                "": factor.NAMES[name],
                "Accuracy 2025": f"{ACCURACY_2025[framework]:.2%}",
                "Accuracy here": f"{fair['test_accuracy']:.2%}",
                "Time 2025": duration(seconds),
                "2025 protocol here": duration(row["total_s"]),
                "of it forward pass": f"{row['stages'][FORWARD] / row['total_s']:.0%}",
                "Fair protocol here": duration(fair["median_s"]),
            }
        )
    return table(rows)


def stages_table(rows: list[dict]) -> str:
    """Return the stages inside each timer, and how much of the total they add up to."""
    return table(
        [
            {
                "Timer": f"{factor.NAMES[row['runtime']]}, "
                + ("2025" if row["protocol"] == "report_2025" else "fair"),
                "Total": duration(row["total_s"]),
                "Stages": "; ".join(
                    f"{stage} {duration(seconds)}" for stage, seconds in row["stages"].items()
                ),
                "Sum of the stages": f"{sum(row['stages'].values()) / row['total_s']:.1%}",
                "Not inference": f"{1 - row['stages'][FORWARD] / row['total_s']:.0%}",
            }
            for row in rows
        ]
    )


def factor_table(results: dict) -> str:
    """Return PyTorch's time over ONNX Runtime's, with less and less beside inference in it."""
    steps = factor.steps(results)
    return table([{"In the two timers": step, "Factor": times(value)} for step, value in steps])


def cold_start_table(rows: list[dict]) -> str:
    """Return one row a runtime: everything before the first answer, memory, size on disk."""
    return table(
        [
            {
                "Runtime": RUNTIMES[row["runtime"]].title,
                "Import": duration(row["import_s"]),
                "Load": duration(row["load_s"]),
                "First call": duration(row["first_call_s"]),
                "Longest first call": duration(row["first_call_max_s"]),
                "Peak memory": megabytes(row["peak_rss_bytes"]),
                "Installed size": megabytes(row["install_bytes"]),
            }
            for row in sorted(rows, key=lambda row: row["import_s"])
        ]
    )


def offers_table(results: dict) -> str:
    """Return what ONNX Runtime answered to each layout and batch size it was offered."""
    challenges = results["challenges"]
    rows = [{"export": "dynamic", **row} for row in challenges["onnx_layouts"]]
    return table(
        [
            {
                "Export": row["export"],
                "Shape offered": row["shape"],
                "Accepted": "yes" if row["accepted"] else "no",
                "Answer": row["answer"],
            }
            for row in rows + challenges["onnx_batches"]
        ]
    )


def claims_table(results: dict) -> str:
    """Return every claim of the 2025 report with its verdict and evidence."""
    rows = [
        f'<tr><td>{escape(row["claim"])}</td><td><span class="verdict '
        f'{row["verdict"].replace(" ", "-")}">{row["verdict"]}</span></td>'
        f"<td>{escape(row['evidence'])}</td></tr>"
        for row in results["claims"]
    ]
    head = "<tr><th>Claim of 2025</th><th>Verdict</th><th>Evidence</th></tr>"
    return f"<table><thead>{head}</thead><tbody>{''.join(rows)}</tbody></table>"
