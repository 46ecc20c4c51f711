"""Tell whether two runs agree: RESULTS RESULTS, two old_results.json of the same machine.

Two runtimes count as ordered in a run when the intervals of their ratios to the baseline are apart;
what is ordered in both runs must be ordered alike, and each ratio's two intervals should overlap.
"""

import itertools
import json
import sys
from pathlib import Path


def rows(path):
    latency = json.loads(Path(path).read_text())["latency"]
    return {
        (row["scenario"], row["batch_size"], row["threads"], row["runtime"]): row
        for row in latency
        if row["ratio_range"]
    }


def ends(row):
    """The interval of a ratio, or the range of the rounds where there are too few."""
    return row["ratio_ci95"] or row["ratio_range"]


def overlap(first, second):
    return first[0] <= second[1] and second[0] <= first[1]


def main(first, second):
    runs = [rows(first), rows(second)]
    apart = []
    for key in sorted(runs[0].keys() & runs[1].keys()):
        one, two = (ends(run[key]) for run in runs)
        if not overlap(one, two):
            apart.append(f"{key}: {one[0]:.3f} to {one[1]:.3f} and {two[0]:.3f} to {two[1]:.3f}")
    ordered = against = 0
    for a, b in itertools.combinations(sorted(runs[0].keys() & runs[1].keys()), 2):
        if a[:3] != b[:3]:
            continue
        signs = []
        for run in runs:
            tied = overlap(ends(run[a]), ends(run[b]))
            signs.append(0 if tied else 1 if run[a]["ratio"] < run[b]["ratio"] else -1)
        ordered += signs[0] * signs[1] != 0
        if signs[0] * signs[1] < 0:
            against += 1
            print("ordered otherwise:", a, b)
    print(f"{ordered} pairs ordered in both runs, {against} of them otherwise")
    print(f"{len(runs[0].keys() & runs[1].keys())} ratios, {len(apart)} with intervals apart")
    print("\n".join(apart))


if __name__ == "__main__":
    main(*sys.argv[1:])
