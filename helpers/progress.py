"""One line that says how far a long cell is."""


def show(line: str, *, stays: bool) -> None:
    """Print a line that the next one overwrites, unless it `stays`.

    JupyterLab and terminals obey the carriage return; the report keeps the lines that stay.
    """
    blank = " " * 100  # a shorter line must not leave the end of a longer one
    print(f"\r{blank}\r{line}", end="\n" if stays else "", flush=True)
