"""What a user has set for other programs, kept out of a run."""

import contextlib
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from helpers.core.console import LabError

PROJECT = Path(__file__).resolve().parents[2]

# Read by frameworks, the libraries below them, figures, Jupyter and Python: each can change
# numbers, times or looks, or stop a run. The project sets the threads itself.
# TF_CLI_…, TF_VAR_… and the like are Terraform's.
_FRAMEWORKS = (
    "TF2?(?!_CLI|_VAR|_LOG|_INPUT|_DATA|_WORKSPACE|_IN_|_REGISTRY|_PLUGIN|_TOKEN|_STATE) "
    "KERAS(?!_HOME$) TORCH[A-Z]* PYTORCH XLA JAX ORT ONNX OPENVINO OV ATEN TFLITE"
)
_LIBRARIES = (
    "OMP KMP GOMP MKL OPENBLAS GOTO BLIS VECLIB DNNL ONEDNN XNNPACK TBB LOKY NPY SCIPY SKLEARN "
    "NUMEXPR MALLOC GLIBC"
)
_PYTHON = (
    "ASYNCIODEBUG BREAKPOINT CASEOK COERCECLOCALE DEBUG DEVMODE DONTWRITEBYTECODE EXECUTABLE "
    "FAULTHANDLER HASHSEED HOME INSPECT INTMAXSTRDIGITS IOENCODING MALLOC MALLOCSTATS "
    "NODEBUGRANGES OPTIMIZE PLATLIBDIR PROFILEIMPORTTIME SAFEPATH STARTUP TRACEMALLOC VERBOSE "
    "WARNINGS _CPU_COUNT _GIL _JIT"
)
_OTHERS = (
    rf"({'|'.join(f'{_FRAMEWORKS} {_LIBRARIES}'.split())})_\w+|PYTHON({'|'.join(_PYTHON.split())})"
    "|MPLBACKEND|MATPLOTLIBRC|JUPYTER_(CONFIG_)?PATH"
)
# What tells a program to send nothing home is never taken away.
_OPT_OUTS = "TELEMETRY|ANALYTICS|TRACKING|DO_NOT_TRACK|USAGE_STATS"
# What a kernel sets for itself.
_INLINE = "module://matplotlib_inline.backend_inline"
# What jsonschema takes along where it is installed: a second, for a format that nothing here has.
SLOW = ("rfc3987_syntax",)
# Tells the processes of a run that it is done.
_NOTE = "LAB_KEPT_OUT"


def isolate() -> None:
    """Keep out of this process, and of those that it starts, what is set for other programs.

    The first process of a run does it; the others inherit what that one left and set. Raises
    LabError when these are not the helpers of the folder that the process works in.
    """
    _refuse_another_folder()
    if _NOTE not in os.environ:
        found = [n for n, v in os.environ.items() if re.fullmatch(_OTHERS, n) and v != _INLINE]
        for name in found:
            if not re.search(_OPT_OUTS, name):
                del os.environ[name]
        os.environ[_NOTE] = "yes"
    # An editable install leads to where the project stood when it was installed.
    os.environ["PYTHONPATH"] = str(PROJECT)
    os.environ["PYTHONUTF8"] = "1"
    os.environ["MATPLOTLIBRC"] = os.devnull  # no style of the user's
    # Everything is compared on the CPU; the frameworks read this when they are imported.
    os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # ONNX Runtime reads it when it is imported; its `disable_telemetry_events` comes too late.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    # OpenVINO reports its own import to Google Analytics, unless this package is missing.
    sys.modules["openvino_telemetry"] = None


def _refuse_another_folder() -> None:
    try:
        here = Path.cwd()
    except OSError:  # it is gone
        return
    own = Path(__file__).relative_to(PROJECT)
    folder = next((each for each in (here, here.parent) if (each / own).exists()), PROJECT)
    if not folder.samefile(PROJECT):
        raise LabError(
            f"the helpers of {PROJECT} would run in {folder}: the project was copied or moved "
            "with its .venv; run `make setup`, and begin with `make report` or `make lab`"
        )


def restart_in_utf8() -> None:
    """Begin this program again where Python takes file names for another encoding than UTF-8.

    They could not be written into the files of a run.
    """
    if sys.getfilesystemencoding() != "utf-8":
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # with PYTHONUTF8


@contextlib.contextmanager
def instead(name: str, value: str) -> Iterator[None]:
    """Give a variable another value inside the block."""
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        del os.environ[name]
        if before is not None:
            os.environ[name] = before


@contextlib.contextmanager
def without(*packages: str) -> Iterator[None]:
    """Let an import in the block do without packages that it would take where they are there.

    For those that take long to import and are not needed; what has been imported already stays.
    """
    absent = dict.fromkeys(name for name in packages if name not in sys.modules)
    sys.modules.update(absent)
    try:
        yield
    finally:
        for name in absent:
            del sys.modules[name]
