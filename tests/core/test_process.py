"""What a fresh process hands back: its record, or the reason why there is none."""

import pytest

from helpers.core import process


def test_a_record_comes_back_and_threads_are_set_before_anything_is_imported(run_folder, modules):
    (modules / "tell.py").write_text(
        "import os\nthreads = os.environ['OMP_NUM_THREADS']\n"
        "def work(given):\n    return {**given, 'omp': threads}\n"
    )
    assert process.run("tell", {"a": 1}, threads=3) == {"a": 1, "threads": 3, "omp": "3"}


def test_a_process_does_without_what_it_is_told_to(run_folder, modules):
    (modules / "large.py").write_text("")
    (modules / "takes.py").write_text(
        "try:\n    import large\nexcept ImportError:\n    large = None\n"
        "def work(given):\n    return {'there': large is not None}\n"
    )
    assert process.run("takes", {}, threads=1) == {"there": True}
    assert process.run("takes", {}, threads=1, without=["large"]) == {"there": False}


def test_a_process_that_hangs_is_stopped(run_folder, modules):
    (modules / "hang.py").write_text("import time\nprint('at it', flush=True)\ntime.sleep(60)\n")
    with pytest.raises(process.ProcessFailed, match=r"^hang was stopped after 1 s: at it$"):
        process.run("hang", {}, threads=1, timeout_s=1)
    assert (run_folder / "logs" / "processes.log").read_text().endswith("at it\n")


WORK = "print('the last line', flush=True)\ndef work(given):\n    "
ENDS = [
    ("import no_such_package", "failed: ModuleNotFoundError: No module named 'no_such_package'"),
    ("def work(given) return", "failed: SyntaxError: expected ':' (faulty.py, line 1)"),
    (f"{WORK}raise ValueError('wrong\\n\\nSet SUCH_A_VARIABLE=1')", "failed: ValueError: wrong"),
    (
        f"{WORK}return {{'speed': float('nan')}}",
        "failed: ValueError: Out of range float values are not JSON compliant",
    ),
    (f"{WORK}raise SystemExit(3)", "ended with exit code 3: the last line"),
    (
        f"{WORK}import os\n    os.kill(os.getpid(), 9)",
        "was ended by signal 9 (Killed), perhaps for want of memory",
    ),
    (
        f"{WORK}import ctypes\n    ctypes.string_at(0)",
        "was ended by signal 11 (Segmentation fault)",
    ),
]


@pytest.mark.parametrize(("code", "end"), ENDS)
def test_a_process_without_a_record_is_told_by_its_own_exception_or_signal(
    run_folder, modules, code, end
):
    (modules / "faulty.py").write_text(code)
    with pytest.raises(process.ProcessFailed) as error:
        process.run("faulty", {}, threads=1)
    assert str(error.value).startswith(f"faulty {end}")
    assert "\n" not in str(error.value)
    log = (run_folder / "logs" / "processes.log").read_text()
    assert ("Traceback" in log) == ("failed" in end)
