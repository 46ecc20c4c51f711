"""What a user reads while the chain goes on: one line of progress, one line of error."""

import signal
import sys
from collections.abc import Callable
from textwrap import shorten

INTERRUPTED = 130  # the exit code of a command that Ctrl-C stops


class LabError(ValueError):
    """Say in one line what was found, what is allowed and what to do.

    A command prints it and exits with code 2; a notebook shows the line without a traceback.
    """

    def _render_traceback_(self) -> list[str]:
        # IPython calls this method instead of printing its own traceback.
        return [f"{type(self).__name__}: {self}"]


def one_line(error: BaseException | str) -> str:
    """Return what an error says, on one line; what it is called when it says nothing."""
    return " ".join(str(error).split()) or type(error).__name__


def reason(error: BaseException) -> str:
    """Return an error's type and first paragraph on one line: advice stands in later ones."""
    name = "" if isinstance(error, LabError) else type(error).__name__
    text = shorten(str(error).strip().partition("\n\n")[0], 500, placeholder=" …")
    return ": ".join(filter(None, (name, text)))


def exit_code(work: Callable[[], int]) -> int:
    """Return the exit code of a command that does `work`; what stops it is one line of errors.

    The code is 2 for a LabError, 130 for Ctrl-C or a SIGTERM, 1 for files that cannot be written.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return work()
    except LabError as error:
        wrong, code = str(error), 2
    except KeyboardInterrupt:
        wrong, code = "interrupted; what is done is kept, and the same command goes on", INTERRUPTED
    except OSError as error:
        wrong, code = f"{one_line(error)}; the same command goes on once this is mended", 1
    print(f"error: {wrong}", file=sys.stderr)
    return code


def show(line: str, *, stays: bool) -> None:
    """Print a line that the next one overwrites, unless it `stays`.

    JupyterLab and terminals obey the carriage return; the report keeps the lines that stay.
    """
    blank = " " * 100  # a shorter line must not leave the end of a longer one
    print(f"\r{blank}\r{line}", end="\n" if stays else "", flush=True)
