"""The one exception that a user is meant to read."""


class LabError(ValueError):
    """Say in one line what was found, what is allowed and what to do.

    The pipeline prints it and exits with code 2; a notebook shows the line without a traceback.
    """

    def _render_traceback_(self) -> list[str]:
        # IPython calls this method instead of printing its own traceback.
        return [f"{type(self).__name__}: {self}"]
