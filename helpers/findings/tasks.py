"""The tasks of the 2025 lab: whether and how each is met, and where to see it."""

from collections.abc import Callable

from helpers.benchmark.runtimes import READERS, RUNTIMES
from helpers.core.old_results import Missing, main_architecture, one, where
from helpers.core.units import counted
from helpers.findings import export_claims, sentences
from helpers.findings.seeds import FRAMEWORKS
from helpers.findings.verdicts import MET, NOT_MET, Check

TENSORFLOW, PYTORCH = "01_tensorflow_tflite.ipynb", "02_pytorch_onnx.ipynb"
RUNTIME_COMPARISON = "03_runtime_comparison.ipynb"


def sentence(rows: list[dict]) -> str:
    """Return how many of the tasks are met, and which are not."""
    missed = [row["task"] for row in rows if row["verdict"] != MET]
    tasks = counted(len(rows), "task")
    words = f"This report meets {len(rows) - len(missed)} of {tasks} of the 2025 lab"
    return f"{words}; not met: {', '.join(missed)}." if missed else f"{words}."


def _task(statement: str, evidence: Callable[[dict], str], places: dict[str, str]) -> Check:
    """Return the check that a task is met.

    `evidence` says how in one sentence, or raises Missing with why not; `places` are links as in a
    notebook, {what the link says: where it leads}.
    """
    return Check(
        statement.lower().replace(" ", "-"),
        statement,
        lambda results: (MET, evidence(results)),
        otherwise=NOT_MET,
        more={"places": places},
    )


def _in_both(places: str) -> dict[str, str]:
    return {"TensorFlow": f"{TENSORFLOW}#{places}", "PyTorch": f"{PYTORCH}#{places}"}


def _built(results: dict) -> str:
    return f"The same networks in both frameworks: {sentences.weights(results['models'])}."


def _trained(results: dict) -> str:
    runs = {name: sum(row["framework"] == name for row in results["seeds"]) for name in FRAMEWORKS}
    words = " and ".join(f"{count} in {FRAMEWORKS[name]}" for name, count in runs.items())
    return f"{counted(sum(runs.values()), 'training')} from the same starts: {words}."


def _evaluated(results: dict) -> str:
    runs = counted(len(results["seeds"]), "trained network")
    return f"Test accuracy of {runs}. {sentences.best(results)}"


def _exported(results: dict) -> str:
    exports = results["exports"]
    failed = [row["id"] for row in exports if row["gate"] != "passed"]
    if failed:
        raise Missing(f"the gate refused {', '.join(failed)}")
    forms = ", ".join(
        counted(sum(row["format"] == form for row in exports), f"{name} file")
        for form, name in (("tflite", "TFLite"), ("onnx", "ONNX"))
    )
    rest = counted(_rest(exports), "file")
    return f"{forms} and {rest} of the other framework; all pass the gate."


def _rest(exports: list[dict]) -> int:
    return sum(row["format"] not in ("tflite", "onnx") for row in exports)


def _tested(form: str) -> Callable[[dict], str]:
    runtime = READERS[f".{form}"]

    def evidence(results: dict) -> str:
        title, network = RUNTIMES[runtime].title, main_architecture(results["models"])
        read = where(results["exports"], format=form, gate="passed")
        sources = [row["id"] for row in where(results["models"], architecture=network)]
        own = [row for row in where(read, precision="float32") if row["source"] in sources]
        if not own:
            raise Missing(f"{title} read no float32 file of the {network} that passes the gate")
        return (
            f"{title} read {counted(len(read), 'file')} in fresh processes; the {network} reaches "
            f"{own[0]['test_accuracy']:.2%} there."
        )

    return evidence


def _compared(results: dict) -> str:
    compared = len({row["runtime"] for row in results["latency"] if row["main"]})
    if compared < 2:
        raise Missing(f"{counted(compared, 'runtime')} timed, and a comparison needs two")
    return f"{counted(compared, 'runtime')} on the same images, in processes of their own."


def _challenges(results: dict) -> str:
    challenges = results["challenges"]
    routes, layouts = challenges["tflite_routes"], challenges["onnx_layouts"]
    asked = one(routes, route=export_claims.SAVE_SPEC)
    silent = [row for row in routes if row["gate"] not in ("passed", "no file")]
    refused = [row for row in layouts if not row["accepted"]]
    return (
        f"Each was tried again: `_get_save_spec()` {export_claims.answer(asked)}; "
        f"{counted(len(silent), 'direct TFLite route')} of {len(routes)} "
        f"{'writes' if len(silent) == 1 else 'write'} a broken file without an error; PyTorch's "
        f"ONNX file refuses {len(refused)} of {counted(len(layouts), 'layout')}."
    )


def _errors(results: dict) -> str:
    images = counted(len(results["common_errors"]), "test image")
    return f"Every model gets {images} wrong; the report shows them."


def _limits(results: dict) -> str:
    networks = {row["architecture"] for row in results["models"]}
    if "cnn" not in networks:
        raise Missing("no convolutional network was trained")
    return "They are named. One of 2025's is gone: there is a convolutional network now."


TASKS = (
    _task("Build the network", _built, _in_both("Build-the-networks")),
    _task("Train it", _trained, _in_both("Train")),
    _task("Evaluate it", _evaluated, {"Accuracy": "#Accuracy", **_in_both("Evaluate")}),
    _task("Export it", _exported, {"Exports": "#Exports", **_in_both("Export")}),
    _task(
        "Test with TensorFlow Lite",
        _tested("tflite"),
        {"Read back": f"{TENSORFLOW}#Read-the-exports-back", "Time": "#Time"},
    ),
    _task(
        "Test with ONNX Runtime",
        _tested("onnx"),
        {"Read back": f"{PYTORCH}#Read-the-exports-back", "Time": "#Time"},
    ),
    _task(
        "Compare accuracy and inference time",
        _compared,
        {"Time": "#Time", "all times": f"{RUNTIME_COMPARISON}#Accuracy-and-time"},
    ),
    _task(
        "Challenges faced",
        _challenges,
        {"Challenges": "#Challenges-and-error-analysis", **_in_both("The-2025-challenge")},
    ),
    _task("Error analysis", _errors, {"Errors": "#What-the-networks-get-wrong"}),
    _task("Limitations", _limits, {"Limitations": "#Limitations"}),
)
