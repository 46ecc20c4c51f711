"""The 2025 report's claims, word for word or derived from its table, and what each needs.

The rules that decide them are in `accuracy_claims`, `time_claims` and `export_claims`.
"""

from collections import Counter
from collections.abc import Callable

from helpers.benchmark.timers_2025 import FAIR
from helpers.core.old_results import Missing
from helpers.core.units import counted
from helpers.findings import accuracy_claims, export_claims, time_claims
from helpers.findings.report_2025 import (
    ACCURACY_2025,
    SECONDS_2025,
    TABLE_2025,
    claimed_ratio,
    full_test_set,
    timed_here,
    trained_here,
)
from helpers.findings.verdicts import Check, Verdict, measured

Needs = tuple[Callable[[dict], None], ...]
# What claims about the network of 2025 need.
TRAINED, TIMED = (full_test_set, trained_here), (full_test_set, timed_here)
THEIRS = ("tf-function", "pytorch", "litert", "onnxruntime")


def _quoted(
    id: str, section: str, words: str, rule: Callable[[dict], Verdict], needs: Needs = ()
) -> Check:
    """Return the check of words that stand in a section of the 2025 report."""
    return Check(id, f"“{words}”", f"section {section}", rule, needs)


def _derived(id: str, words: str, rule: Callable[[dict], Verdict], needs: Needs = ()) -> Check:
    """Return the check of what follows from the 2025 report's table, in words of our own."""
    return Check(id, words, "derived from the table in section 3", rule, needs)


def _gpu(results: dict) -> Verdict:
    raise Missing("no network was trained on a GPU here, so the CPU has nothing beside it")


CLAIMS = (
    *(
        _quoted(
            f"accuracy-{name}",
            "3, table",
            f"{TABLE_2025[name]}: {value:.2%}",
            accuracy_claims.reached(name),
            TRAINED,
        )
        for name, value in ACCURACY_2025.items()
    ),
    _derived(
        "pytorch-more-accurate",
        "PyTorch is 0.25 points more accurate than TensorFlow.",
        accuracy_claims.more_accurate,
        TRAINED,
    ),
    _derived(
        "onnx-equals-pytorch",
        "ONNX Runtime is as accurate as PyTorch.",
        export_claims.onnx_equals_pytorch,
        TRAINED,
    ),
    *(
        _quoted(
            f"time-{name}",
            "3, table",
            f"{TABLE_2025[name]}: {value:g} sec",
            time_claims.seconds(name),
            TIMED,
        )
        for name, value in SECONDS_2025.items()
    ),
    *(
        _derived(
            f"onnxruntime-faster-than-{name}",
            f"ONNX Runtime is {claimed_ratio(name):.0f} times faster than {TABLE_2025[name]}.",
            time_claims.times_faster(name),
            (measured(FAIR[name], FAIR["onnxruntime"]), *TIMED),
        )
        for name in ("pytorch", "tensorflow")
    ),
    _derived(
        "factor-of-115",
        f"PyTorch's time is {claimed_ratio('pytorch'):.0f} times ONNX Runtime's.",
        time_claims.timers_apart("pytorch", "onnxruntime"),
        TIMED,
    ),
    _derived(
        "pytorch-slower-than-tensorflow",
        f"PyTorch's time is {claimed_ratio('pytorch', 'tensorflow'):.1f} times TensorFlow's.",
        time_claims.timers_apart("pytorch", "tensorflow"),
        TIMED,
    ),
    _quoted(
        "tflite-workaround",
        "4.1",
        "TFLite export required a workaround for input signature specification.",
        export_claims.tflite_workaround,
    ),
    _quoted(
        "onnx-nchw",
        "4.1",
        "ONNX export in PyTorch required input formatting in `NCHW` layout.",
        export_claims.nchw,
    ),
    _quoted(
        "save-spec",
        "4.2",
        "TensorFlow threw conversion errors related to `_get_save_spec`.",
        export_claims.save_spec,
    ),
    _quoted(
        "onnx-shapes",
        "4.2",
        "ONNXRuntime required consistent input shapes for inference.",
        export_claims.consistent_shapes,
    ),
    _quoted("limited-by-cpu", "4.3", "Training on CPU (Intel Core i5) limited performance.", _gpu),
    _quoted(
        "smoother-export",
        "5",
        "PyTorch had a smoother export to ONNX.",
        export_claims.smoother_export,
    ),
    _quoted(
        "tflite-worked",
        "5",
        "TensorFlow’s TFLite required extra setup but worked after format adjustments.",
        export_claims.worked_after_adjustments,
    ),
    _quoted(
        "both-viable",
        "6",
        "Both frameworks are viable for developing simple deep learning models.",
        accuracy_claims.viable,
        TRAINED,
    ),
    _quoted(
        "best-speed",
        "6",
        "PyTorch with ONNXRuntime yielded the best inference speed",
        time_claims.best_speed,
        (measured(*THEIRS), *TIMED),
    ),
)


def sentence(rows: list[dict]) -> str:
    """Return how many claims of the 2025 report got which verdict."""
    counts = Counter(row["verdict"] for row in rows)
    listed = ", ".join(f"{count} {verdict}" for verdict, count in counts.most_common())
    return f"The 2025 report makes {counted(len(rows), 'claim')} that are judged here: {listed}."
