"""Rows of a sweep as tests need them."""

from helpers.core import sweeps

ROW = {
    "schema_version": sweeps.SCHEMA_VERSION,
    "framework": "pytorch",
    "architecture": "mlp",
    "recipe": "lab",
    "seed": 1,
    "epochs": 22,
    "batch_size": 512,
    "learning_rate": 0.004,
    "dataset": "mnist",
    "dataset_sha256": "a" * 64,
    "train_images": 55_000,
    "status": sweeps.FINISHED,
    "reason": "",
    "attempts": 1,
    "test_accuracy": 0.98,
    "validation_accuracy": 0.97,
    "loss": 0.01,
    "train_seconds": 5.5,
    "import_seconds": 2.5,
    "load": 2,
    "threads": 1,
    "worker": "worker-0",
    "cpu": "a processor",
    "cores": 2,
    "os": "Linux x86_64",
    "python": "3.11.2",
    "packages": '{"numpy": "2.4.6"}',
    "git_commit": "c" * 40,
    "source_sha256": "d" * 64,
    "started": "2026-01-01T00:00:00Z",
}


def a_row(**changes):
    """Return a row with its key; with a `reason` one that failed."""
    row = {**ROW, **changes}
    if row["reason"]:
        row |= {"status": sweeps.FAILED, **dict.fromkeys(sweeps.GIVEN | sweeps.WHERE)}
    return {"key": sweeps.key(row), **row}
