"""What a user reads while the chain goes on: one line of progress, one line of error."""

import signal
import sys
from collections.abc import Callable, Iterable
from functools import partial
from textwrap import shorten

INTERRUPTED = 130  # the exit code of a command that Ctrl-C stops


class LabError(ValueError):
    """Say in one line what was found, what is allowed and what to do.

    The pipeline prints it and exits with code 2; a notebook shows the line without a traceback.
    """

    def _render_traceback_(self) -> list[str]:
        # IPython calls this method instead of printing its own traceback.
        return [f"{type(self).__name__}: {self}"]


def one_line(error: BaseException | str) -> str:
    """Return what an error says, on one line; what it is called when it says nothing."""
    return " ".join(str(error).split()) or type(error).__name__


def reason(error: BaseException) -> str:
    """Return on one line what an error says, and what the first error says that led to it.

    Of each its type and first paragraph: advice on how to report it stands in later ones.
    """
    first = error
    while behind := first.__cause__ or (None if first.__suppress_context__ else first.__context__):
        first = behind
    said, led = map(_first_paragraph, (error, first))
    return said if led in said else f"{said} ({led})"


def _first_paragraph(error: BaseException) -> str:
    name = "" if isinstance(error, LabError) else type(error).__name__
    text = shorten(str(error).strip().partition("\n\n")[0], 500, placeholder=" …")
    return ": ".join(filter(None, (name, text)))


def unknown(name: str, kind: str, allowed: Iterable[str]) -> str:
    """Return that `name` is no `kind`, which name is nearest to it, and which are allowed."""
    from difflib import get_close_matches  # only a mistake needs it

    plain = {each.lower(): each for each in allowed}
    near = get_close_matches(name.lower(), plain, n=1)
    meant = f" (did you mean {plain[near[0]]}?)" if near else ""
    return f"{name} is not a {kind}{meant}; allowed are {', '.join(plain.values())}"


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


def exit_code_of_each(work: Callable[[object], int], given: Iterable) -> int:
    """Return the highest exit code of `work` on each of what is given; Ctrl-C stops them all."""
    highest = 0
    for each in given:
        highest = max(highest, exit_code(partial(work, each)))
        if highest == INTERRUPTED:
            break
    return highest


def show(line: str, *, stays: bool) -> None:
    """Print a line that the next one overwrites, unless it `stays`.

    JupyterLab and terminals obey the carriage return; the report keeps the lines that stay.
    """
    blank = " " * 100  # a shorter line must not leave the end of a longer one
    print(f"\r{blank}\r{line}", end="\n" if stays else "", flush=True)
