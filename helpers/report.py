"""The tables of notebook 04, and the title block and run card above them, as HTML."""

from html import escape

import pandas as pd

from helpers import claims
from helpers.evaluation import accuracy_ci95
from helpers.parameters import FOLDER, read_yaml
from helpers.plots import duration
from helpers.results import one
from helpers.runtimes import RUNTIMES

LAB_FIELDS = {
    "author": "Author",
    "student_id": "Student ID",
    "course": "Course",
    "instructor": "Instructor",
    "date": "Date",
}


def lab() -> dict[str, object]:
    """Return the title and personal data of parameters/lab.yaml."""
    return read_yaml(FOLDER / "lab.yaml")


def title_block(lab: dict[str, object], started: str) -> str:
    """Return the heading and a line for each field that is filled in, as HTML."""
    filled = {"date": started[:10], **{k: v for k, v in lab.items() if v not in (None, "")}}
    facts = {name: filled[key] for key, name in LAB_FIELDS.items() if key in filled}
    return f"<h1>{escape(str(filled.get('title', 'Lab report')))}</h1>{definitions(facts, 'facts')}"


def definitions(terms: dict[str, object], style: str) -> str:
    """Return terms and what they are as an HTML definition list of a class of the page."""
    lines = [
        f"<div><dt>{escape(name)}</dt><dd>{escape(str(value))}</dd></div>"
        for name, value in terms.items()
    ]
    return f'<dl class="{style}">{"".join(lines)}</dl>'


def table(rows: list[dict] | pd.DataFrame) -> str:
    """Return rows as an HTML table without an index."""
    return pd.DataFrame(rows).to_html(index=False, border=0, escape=True)


def megabytes(size: float) -> str:
    """Return a size in MB (10^6 bytes)."""
    return f"{size / 1e6:,.0f} MB"


def run_card(results: dict) -> str:
    """Return what was run, on what, with what, as HTML."""
    run = results["run"]
    dataset, machine = run["dataset"], run["machine"]
    seconds = ", ".join(f"{name[:2]}: {value:.0f} s" for name, value in run["stages"].items())
    name = {"mnist": "full MNIST", "sample": "a sample of MNIST"}[dataset["name"]]
    card = {
        "Profile": run["profile"],
        "Images": f"{name}: {dataset['train']:,} training, "
        f"{dataset['test']:,} test, from {dataset['origin']}",
        "Machine": f"{machine['cpu']}, {machine['cores']} cores, {machine['threads']} threads "
        f"used, {machine['memory_bytes'] / 2**30:.0f} GiB, {machine['os']}, Python "
        f"{machine['python']}",
        "Packages": ", ".join(f"{name} {version}" for name, version in run["packages"].items()),
        "Started": run["started"].replace("T", " ").replace("Z", " UTC"),
        "Notebooks": seconds or "run one by one, not timed",
        "Commit": (run["git_commit"] or "")[:12] or "not a git checkout",
    }
    return definitions(card, "card")


def interval(accuracy: float, images: int) -> str:
    """Return the 95 % interval of an accuracy as text."""
    low, high = accuracy_ci95(accuracy, images)
    return f"{100 * low:.2f}–{100 * high:.2f}%"


def results_table(results: dict) -> str:
    """Return one row a runtime: accuracy from the calls that were timed, and both scenarios."""
    images = results["run"]["dataset"]["test"]
    rows = []
    for runtime in RUNTIMES:
        timed = [row for row in results["latency"] if row["runtime"] == runtime]
        offline, single = (one(timed, scenario=name) for name in ("offline", "single_stream"))
        accuracy = offline["test_accuracy"]
        rows.append(
            {
                "Runtime": RUNTIMES[runtime].title,
                "Test accuracy": f"{accuracy:.2%}",
                "95 % interval": interval(accuracy, images),
                f"{images:,} images": duration(offline["median_s"]),
                "1 image": duration(single["median_s"]),
                "Offline, in PyTorch's time": f"{offline['ratio']:.2f}",
                "95 % interval of it": "–"
                if runtime == offline["baseline"]
                else "{:.2f}–{:.2f}".format(*offline["ratio_ci95"]),
            }
        )
    return table(rows)


def table_2025(results: dict) -> str:
    """Return the 2025 report's table with this run's numbers beside it, by its own protocol."""
    rows = []
    for name, seconds in claims.SECONDS_2025.items():
        framework = "pytorch" if name == "onnxruntime" else name
        row = one(results["protocols"], protocol="report_2025", runtime=name)
        fair = one(results["latency"], scenario="offline", runtime=claims.FAIR[name])
        rows.append(
            {
                "": claims.NAMES[name],
                "Accuracy 2025": f"{claims.ACCURACY_2025[framework]:.2%}",
                "Accuracy here": f"{fair['test_accuracy']:.2%}",
                "Time 2025": duration(seconds),
                "2025 protocol here": duration(row["total_s"]),
                "of it forward pass": f"{row['stages']['forward pass'] / row['total_s']:.0%}",
                "Fair protocol here": duration(fair["median_s"]),
            }
        )
    return table(rows)


def exports_table(results: dict) -> str:
    """Return one row an export: size, accuracy, agreement with its source, gate."""
    return table(
        [
            {
                "Export": row["id"],
                "Bytes": f"{row['bytes']:,}",
                "Test accuracy": f"{row['test_accuracy']:.2%}",
                "Same class as source": f"{row['agreement']:.2%}",
                "Largest logit difference": "not finite"
                if row["max_abs_logit_difference"] is None
                else f"{row['max_abs_logit_difference']:.1e}",
                "Gate": row["gate"],
            }
            for row in results["exports"]
        ]
    )


def cold_start_table(results: dict) -> str:
    """Return one row a runtime: everything before the first answer, memory, size on disk."""
    return table(
        [
            {
                "Runtime": RUNTIMES[row["runtime"]].title,
                "Import": duration(row["import_s"]),
                "Load": duration(row["load_s"]),
                "First call": duration(row["first_call_s"]),
                "Peak memory": megabytes(row["peak_rss_bytes"]),
                "Installed size": megabytes(row["install_bytes"]),
            }
            for row in sorted(results["cold_start"], key=lambda row: row["import_s"])
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
