import json
import os
import subprocess
import sys

import pytest
from changes import as_a_user, copy_project

from helpers.core import environment
from helpers.core.artifacts import PROJECT
from helpers.core.process import THREAD_VARIABLES


@pytest.fixture
def variables(monkeypatch):
    """The variables of a process that a user starts, none so far."""
    monkeypatch.setattr(os, "environ", {})
    return os.environ


TELL = """
import json, os, subprocess, sys
from helpers.core import environment
if sys.argv[1:]:
    subprocess.run([sys.executable, "-c", sys.argv[1]], check=True)
else:
    print(json.dumps(dict(os.environ)))
"""


@pytest.mark.parametrize(
    "name",
    [
        *("KERAS_BACKEND", "TF_XLA_FLAGS", "TORCH_LOGS", "ATEN_CPU_CAPABILITY", "ORT_LOG_LEVEL"),
        *("DNNL_MAX_CPU_ISA", "OPENBLAS_CORETYPE", "NPY_DISABLE_CPU_FEATURES", "GLIBC_TUNABLES"),
        *("MPLBACKEND", "JUPYTER_PATH", "PYTHONHASHSEED", *THREAD_VARIABLES),
    ],
)
def test_what_is_set_for_other_programs_is_kept_out(name, variables):
    variables[name] = "1"
    environment.isolate()
    assert name not in variables


@pytest.mark.parametrize(
    "name",
    [
        *("KERAS_HOME", "TF_VAR_region", "MNIST_DIR", "PATH"),
        *("DO_NOT_TRACK", "TORCH_NO_ANALYTICS", "OPENVINO_TELEMETRY_OPT_OUT"),
    ],
)
def test_what_changes_nothing_stays(name, variables):
    variables[name] = "x"
    environment.isolate()
    assert variables[name] == "x"


@pytest.mark.parametrize("value", ["0", "1"])
def test_onnx_runtime_reports_nothing_whatever_is_set(value, variables):
    variables["ORT_DISABLE_TELEMETRY"] = value
    environment.isolate()
    assert variables["ORT_DISABLE_TELEMETRY"] == "1"


def test_a_kernels_own_backend_stays(variables):
    variables["MPLBACKEND"] = own = "module://matplotlib_inline.backend_inline"
    environment.isolate()
    assert variables["MPLBACKEND"] == own


def test_what_a_run_sets_for_its_processes_reaches_them(variables):
    variables |= {"LAB_KEPT_OUT": "yes", "OMP_NUM_THREADS": "2"}
    environment.isolate()
    assert variables["OMP_NUM_THREADS"] == "2"


def test_a_process_of_a_run_has_not_the_variables():
    given = {"OMP_NUM_THREADS": "7", "PYTHONPATH": f"{PROJECT}{os.pathsep}elsewhere"}
    told = subprocess.check_output(
        [sys.executable, "-c", TELL, TELL], cwd=PROJECT, env=as_a_user(**given)
    )
    variables = json.loads(told)
    assert "OMP_NUM_THREADS" not in variables
    assert variables["PYTHONPATH"] == str(PROJECT)
    assert variables["PYTHONUTF8"] == "1"


def test_the_helpers_of_another_folder_are_refused(tmp_path):
    """As an editable install would import them in a copy of the project and its .venv."""
    copy = copy_project(tmp_path / "copy")
    for place in (copy, copy / "notebooks"):
        done = subprocess.run(
            [sys.executable, "-P", "-c", "import helpers.core"],
            cwd=place,
            env=as_a_user(PYTHONPATH=str(PROJECT)),
            capture_output=True,
            text=True,
        )
        assert done.returncode == 1
        assert f"the helpers of {PROJECT} would run in {copy}" in done.stderr
    own = as_a_user(PYTHONPATH=str(copy))
    command = [sys.executable, "-c", "import helpers; print(helpers.__file__)"]
    done = subprocess.run(command, cwd=copy / "notebooks", env=own, capture_output=True, text=True)
    assert done.stdout.strip() == str(copy / "helpers" / "__init__.py")
