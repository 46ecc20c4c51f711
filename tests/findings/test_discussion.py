import made_up
import pytest

from helpers.findings import discussion


@pytest.fixture
def results():
    return made_up.with_claims()


def test_each_need_is_told_its_runtime(results):
    assert discussion.choice(results).splitlines() == [
        "- **Many images at once**, as in a nightly job: ONNX Runtime. The fastest "
        "took 10 ms for all of 10,000 test images.",
        "- **One image at a time**, as behind a button: ONNX Runtime. The fastest "
        "took 1 µs a call.",
        "- **A program that starts often**: ONNX Runtime, whose first answer comes "
        "1.21 s after the start of Python. It takes 2,000 MB on the disk, the least of all but for "
        "NumPy (BLAS).",
        "- **While a network still changes**: the framework that trains it. Without any export "
        "PyTorch takes 2.00 (2.00 to 2.04) times as long for all test images as the fastest "
        "runtime.",
    ]


def test_eight_bits_are_told_by_their_bytes_and_images(results):
    small = {"precision": "int8", "bytes": 101_770, "test_accuracy": 0.9709}
    results["exports"].append({**results["exports"][0], **small})
    assert discussion.choice(results).splitlines()[-1] == (
        "- **Where the size of the file counts**: 8 bits. A file of the mlp has 25% of the bytes "
        "of its 32-bit weights. Among 10,000 test images it gets at most 5 images more wrong."
    )


@pytest.mark.parametrize(
    ("points", "words"),
    [
        ((0.1, -0.1, 0.05), "no difference in accuracy shows"),
        ((0.1, 0.12, 0.11), "PyTorch is 0.09 to 0.13 points more accurate (95 % interval)"),
        ((-0.1, -0.12, -0.11), "TensorFlow is 0.09 to 0.13 points more accurate (95 % interval)"),
        ((0.3, 0.3), "From 2 pairs of seeds nothing follows"),
    ],
)
def test_the_choice_of_a_framework_follows_the_pairs(results, points, words):
    results["seeds"] = [
        {**made_up.trained(name, 0.97 + more), "seed": seed}
        for seed, point in enumerate(points)
        for name, more in (("tensorflow", 0), ("pytorch", point / 100))
    ]
    assert words in discussion.framework(results)


def test_from_too_few_processes_no_choice_follows(results):
    for row in results["latency"]:
        for key in ("process_rounds", "process_medians_s"):
            row[key] = row[key][:1]
    assert discussion.choice(results).startswith("Each runtime was timed in 1 process. From fewer")
    assert "fastest" not in discussion.conclusion(results)
