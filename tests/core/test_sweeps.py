import os

import pyarrow
import pytest
from made_up_sweep import a_row
from pyarrow import parquet

from helpers.core import sweeps
from helpers.core.console import LabError


def test_a_row_is_read_as_it_was_written(run_folder):
    row = a_row(seed=7)
    assert sweeps.read() == []
    sweeps.write(row)
    assert sweeps.read() == [row]
    assert sweeps.keys() == {row["key"]}
    assert [path.name for path in sweeps.folder().iterdir()] == [f"{row['key']}.parquet"]


def test_a_row_is_kept_where_the_file_system_has_no_hard_links(run_folder, monkeypatch):
    def refuse(*_):
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(os, "link", refuse)
    row = a_row(seed=7)
    sweeps.write(a_row(seed=7, reason="its loss is nan"))
    for _ in range(2):  # another sweep may finish the same training
        sweeps.write(row)
    assert sweeps.read() == [row]
    assert len(list(sweeps.folder().iterdir())) == 1


def test_a_failed_training_counts_as_missing_and_gives_way_to_a_finished_one(run_folder):
    row = a_row(seed=7)
    for attempts in (1, 2):
        failed = a_row(seed=7, reason="its loss is nan", attempts=attempts)
        sweeps.write(failed)
        assert sweeps.read() == [failed]
    assert sweeps.keys() == set()
    sweeps.write(row)
    assert sweeps.read() == [row]
    sweeps.write(failed)
    assert sweeps.read() == [row]
    assert len(list(sweeps.folder().iterdir())) == 1


def test_what_decides_the_result_makes_the_key_and_nothing_else_does():
    row = a_row(seed=7)
    assert row["key"] == "bbb58da69ec6c899"
    assert sweeps.key({**row, "load": 9, "worker": "another"}) == row["key"]
    for name in sweeps.DECIDING:
        other = {**row, name: 5 if sweeps.DECIDING[name] != "string" else "5"}
        assert sweeps.key(other) != row["key"], name
    assert sweeps.key({**row, "learning_rate": 1}) == sweeps.key({**row, "learning_rate": 1.0})


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"schema_version": 1}, "has schema_version 1, allowed is 2"),
        ({"seed": 8}, "its columns, its key"),
        ({"test_accuracy": None}, "its columns, its key"),
    ],
)
def test_a_row_of_another_schema_is_refused_and_left_as_it_is(run_folder, change, said):
    sweeps.write(a_row(seed=1) | change)
    (path,) = sweeps.folder().iterdir()
    before = path.read_bytes()
    with pytest.raises(LabError, match=said) as told:
        sweeps.read()
    assert "\n" not in str(told.value)
    assert path.read_bytes() == before


def test_a_broken_file_and_a_foreign_one_are_refused(run_folder):
    sweeps.folder().mkdir(parents=True)
    (sweeps.folder() / "0123456789abcdef.parquet").write_bytes(b"PAR1 and then nothing")
    with pytest.raises(LabError, match="is no row of a sweep"):
        sweeps.read()
    parquet.write_table(
        pyarrow.table({"accuracy": [0.9]}), sweeps.folder() / "0123456789abcdef.parquet"
    )
    with pytest.raises(LabError, match="is no row of a sweep"):
        sweeps.read()
