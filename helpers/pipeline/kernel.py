"""The chain's kernel: this interpreter, without what a user has set for other notebooks."""

import contextlib
import os
import tempfile
from collections.abc import Iterator

from ipykernel.kernelspec import get_kernel_dict
from jupyter_client import AsyncKernelManager
from jupyter_client.kernelspec import KernelSpec
from traitlets import default

from helpers.core import environment

# Where IPython looks for start-up files and Jupyter for settings, and where both write.
FOLDERS = ("IPYTHONDIR", *(f"JUPYTER_{what}_DIR" for what in ("CONFIG", "DATA", "RUNTIME")))


# The path of a Unix socket may have about a hundred characters.
LONGEST = 80


class OwnKernel(AsyncKernelManager):
    """Starts this interpreter, whatever a notebook names and whatever is installed as python3.

    It is spoken to by files in its own folder where the system has such sockets: of two kernels
    that begin at once one may take the other's TCP port, and its notebook waits for ever.
    """

    @default("transport")
    def _transport_default(self) -> str:
        return "tcp" if os.name == "nt" or len(os.environ["IPYTHONDIR"]) > LONGEST else "ipc"

    @default("ip")
    def _ip_default(self) -> str:
        if self.transport == "ipc":
            return os.path.join(os.environ["IPYTHONDIR"], "kernel")  # noqa: PTH118
        return super()._ip_default()

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
