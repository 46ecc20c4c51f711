"""Run the notebooks through papermill, skip what is unchanged, and make the HTML report."""

import argparse
import os
import sys
import time

from helpers.core import artifacts, environment
from helpers.core.console import LabError
from helpers.core.stages import NOTEBOOKS
from helpers.data import mnist
from helpers.pipeline import chain, doctor, parameters
from helpers.pipeline.notebook import NotebookFailed


def parse(words: list[str]) -> argparse.Namespace:
    """Read the command line; argparse ends with exit code 2 when it cannot."""
    parser = argparse.ArgumentParser(prog="python -m helpers.pipeline", description=__doc__)
    numbers = [name[:2] for name in NOTEBOOKS]
    parser.add_argument("--profile", default="standard", help="quick, standard (default) or full")
    parser.add_argument("--from", dest="begin", choices=numbers, help="begin at this notebook")
    parser.add_argument("--force", action="store_true", help="run notebooks that are unchanged too")
    parser.add_argument("settings", nargs="*", metavar="NAME=VALUE", help="set a parameter")
    return parser.parse_args(words)


def main(words: list[str]) -> int:
    """Run the chain as the command line asks and return the exit code."""
    begun = time.perf_counter()
    asked = parse(words)
    try:
        settings = parameters.from_command_line(asked.settings)
        if "PROFILE" in settings:
            raise LabError("PROFILE is not set like a parameter; write --profile quick")
        values = parameters.profile(asked.profile) | settings
        parameters.check(values)
        doctor.before_a_run()
        source = mnist.locate(values.get("DATASET", "auto"))
        begin = [name[:2] for name in NOTEBOOKS].index(asked.begin) if asked.begin else 0
        os.environ["LAB_ARTIFACTS"] = str(artifacts.root())
        request = chain.Request(asked.profile, asked.settings, values, source, begin, asked.force)
        print(f"profile {request.profile}, {source.name} from {source.origin}", flush=True)
        complete = chain.run_all(request)
    except LabError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except NotebookFailed as failure:
        print(f"error: {failure}", file=sys.stderr)
        print(f"report: {chain.shown(chain.build_page(request, failure))}")
        print(f"resume: {chain.resume_command(request, failure.notebook)}")
        return failure.code
    gathered = chain.finish_results()
    print(f"report: {chain.shown(chain.build_page(request))}")
    if complete:
        training = sum(row["train_seconds"] for row in gathered["seeds"])
        measuring = gathered["run"]["measured_seconds"]
        wall = time.perf_counter() - begun
        print(
            f"wall time {wall:.0f} s = {wall / (training + measuring):.2f} x "
            f"(training {training:.0f} s + measuring {measuring:.0f} s)"
        )
    return 0


if __name__ == "__main__":
    environment.restart_in_utf8()
    sys.exit(main(sys.argv[1:]))
