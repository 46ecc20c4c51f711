"""Run the notebooks through papermill, skip what is unchanged, and make the HTML report."""

import argparse
import os
import sys
import time
from pathlib import Path

from helpers import data
from helpers.core import artifacts, console, environment, lab_file
from helpers.core.console import LabError, one_line
from helpers.core.stages import STAGES
from helpers.pipeline import chain, parameters
from helpers.pipeline.notebook import NotebookFailed


class Parser(argparse.ArgumentParser):
    """One that tells what is wrong in one line, as everything else does."""

    def error(self, message: str) -> None:
        """Raise LabError instead of printing the usage and ending the process."""
        raise LabError(f"{message}; see {self.prog} --help")


def parse(words: list[str]) -> argparse.Namespace:
    """Read the command line. Raises LabError when it cannot."""
    parser = Parser(prog="python -m helpers.pipeline", description=__doc__)
    numbers = sorted(name[:2] for name in STAGES)
    parser.add_argument("--profile", default="standard", help="quick, standard (default) or full")
    parser.add_argument("--from", dest="begin", choices=numbers, help="begin at this notebook")
    parser.add_argument("--force", action="store_true", help="run notebooks that are unchanged too")
    parser.add_argument("settings", nargs="*", metavar="NAME=VALUE", help="set a parameter")
    return parser.parse_args(words)


def request_of(words: list[str]) -> chain.Request:
    """Return what the command line asks for. Raises LabError for what cannot be done."""
    asked = parse(words)
    settings = parameters.from_command_line(asked.settings)
    # From here, wherever a kernel runs; a name behind ~ that nobody has is a folder's.
    typed = os.environ.get("LAB_ARTIFACTS")
    folder = Path(os.path.expanduser(typed)).resolve() if typed else artifacts.root()  # noqa: PTH111
    os.environ["LAB_ARTIFACTS"] = str(folder)
    values = parameters.profile(asked.profile) | settings
    parameters.check(values)
    source = data.load(values.get("DATASET", "auto")).source
    begin = int(asked.begin) - 1 if asked.begin else 0
    request = chain.Request(asked.profile, asked.settings, values, source, begin, asked.force)
    chain.prepare(request)
    return request


def run(request: chain.Request, begun: float) -> int:
    """Run the chain, show how far it came and return the exit code; `begun` by perf_counter."""
    from helpers.report import title

    print(f"profile {request.profile}, {request.source.name} from {request.source.origin}")
    sys.stdout.flush()
    try:
        complete = chain.run_all(request)
    except NotebookFailed as failure:
        print(f"error: {failure}", file=sys.stderr)
        try:
            print(f"report: {chain.shown(chain.build_page(request, failure))}")
        except (OSError, LabError) as error:  # a full disk may have stopped the notebook too
            print(f"report: none, {one_line(error)}")
        print(f"resume: {chain.resume_command(request, failure.resume)}")
        return failure.code
    anew = chain.bring_page_up_to_date(request)
    print(f"report: {chain.shown(chain.page_path())}{'' if anew else ', unchanged'}")
    print(title.name_on_the_report(lab_file.read_lab()))
    if complete:
        print(f"wall time {time.perf_counter() - begun:.0f} s")
    return 0


def main(words: list[str]) -> int:
    """Do what the command line asks and return the exit code."""
    begun = time.perf_counter()

    def work() -> int:
        request = request_of(words)
        with artifacts.alone():
            return run(request, begun)

    return console.exit_code(work)


if __name__ == "__main__":
    environment.restart_in_utf8()
    sys.exit(main(sys.argv[1:]))
