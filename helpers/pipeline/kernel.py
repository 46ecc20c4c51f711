"""The chain's kernel: this interpreter, without what a user has set for other notebooks."""

import contextlib
import tempfile
from collections.abc import Iterator

from ipykernel.kernelspec import get_kernel_dict
from jupyter_client import AsyncKernelManager
from jupyter_client.kernelspec import KernelSpec

from helpers.core import environment

# Where IPython looks for start-up files and Jupyter for settings, and where both write.
FOLDERS = ("IPYTHONDIR", *(f"JUPYTER_{what}_DIR" for what in ("CONFIG", "DATA", "RUNTIME")))


class OwnKernel(AsyncKernelManager):
    """Starts this interpreter, whatever a notebook names and whatever is installed as python3."""

    @property
    def kernel_spec(self) -> KernelSpec:
        """The kernel that ipykernel describes."""
        return KernelSpec(**get_kernel_dict())


@contextlib.contextmanager
def own_folders() -> Iterator[None]:
    """Give the kernels of the block an empty folder instead of the user's."""
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True))
        for name in FOLDERS:
            stack.enter_context(environment.instead(name, folder))
        yield
