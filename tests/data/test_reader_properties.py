"""The reader of images, whatever stands in a file: the same array, or one clear reason."""

import gzip
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of

from helpers.core.console import LabError
from helpers.data import idx, mnist, own, parts
from helpers.data.parts import PARTS

SHAPES = st.tuples(st.integers(0, 20)) | st.tuples(*3 * [st.integers(0, 9)])
ARRAYS = arrays_of.arrays(np.uint8, SHAPES)


@pytest.fixture(scope="module")
def folder():
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def read(folder, content):
    file = folder / "file"
    file.write_bytes(content)
    return idx.read(file)


@given(ARRAYS, st.booleans())
def test_what_is_written_reads_back_plain_and_packed(folder, array, packed):
    content = idx.to_bytes(array)
    found = read(folder, gzip.compress(content) if packed else content)
    np.testing.assert_array_equal(found, array)
    assert (found.dtype, found.shape) == (np.uint8, array.shape)


@given(ARRAYS, st.booleans(), st.data())
def test_a_file_that_is_cut_is_never_an_array(folder, array, packed, data):
    content = idx.to_bytes(array)
    content = gzip.compress(content) if packed else content
    end = data.draw(st.integers(0, len(content) - 1))
    with pytest.raises(idx.Unusable):
        read(folder, content[:end])


@given(ARRAYS, st.data())
def test_a_flipped_bit_is_an_error_or_another_array(folder, array, data):
    content = bytearray(idx.to_bytes(array))
    content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    try:
        found = read(folder, bytes(content))
    except idx.Unusable as error:
        assert "\n" not in str(error)
    else:
        assert found.shape != array.shape or (found != array).sum() == 1


HEADER = st.builds(
    lambda kind, sizes: bytes([0, 0, kind, len(sizes)]) + np.array(sizes, ">u4").tobytes(),
    st.sampled_from([8, 9, 13]),
    st.lists(st.integers(0, 2**32 - 1) | st.integers(0, 3), max_size=70),
)


@given(st.binary(max_size=40) | st.builds(bytes.__add__, HEADER, st.binary(max_size=12)))
def test_any_bytes_are_an_array_or_one_line(folder, content):
    try:
        found = read(folder, content)
    except idx.Unusable as error:
        assert "\n" not in str(error)
    else:
        assert idx.to_bytes(found) == content


@given(
    arrays_of.arrays(
        st.sampled_from([np.uint8, np.int16, np.int64, np.float32, np.bool_]),
        SHAPES | st.just(()),
    )
)
def test_an_archive_gives_whole_numbers_of_a_byte_or_one_line(folder, array):
    np.savez(folder / "a.npz", x=array)
    fits = array.dtype.kind in "iu" and (array.size == 0 or 0 <= array.min() <= array.max() < 256)
    try:
        found = idx.read_from_archive(folder / "a.npz", "x")
    except idx.Unusable as error:
        assert not fits, error
        assert str(error).startswith("holds ")
    else:
        assert fits
        np.testing.assert_array_equal(found, array)


def test_a_member_that_is_no_array_is_told(folder):
    with zipfile.ZipFile(folder / "a.npz", "w") as archive:
        archive.writestr("x.npy", b"no array")
    with pytest.raises(idx.Unusable, match="^is no array$"):
        idx.read_from_archive(folder / "a.npz", "x")


@given(st.permutations(PARTS), st.data())
def test_the_files_are_found_under_every_name_that_people_give_them(order, data):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        content = {part: np.full(3, number, np.uint8) for number, part in enumerate(PARTS)}
        for part in order:
            dot, capital, end = (data.draw(st.booleans()) for _ in range(3))
            shown = part.file.replace("-idx", ".idx") if dot else part.file
            shown = shown.replace("t10k", data.draw(st.sampled_from(["t10k", "test"])))
            shown += ".gz" if end else ""
            file = folder / (shown.upper() if capital else shown)
            packed = data.draw(st.booleans())  # whatever the name says
            raw = idx.to_bytes(content[part])
            file.write_bytes(gzip.compress(raw) if packed else raw)
        arrays, faults = parts.read(folder, "here", lambda part, array: "")
        assert faults == []
        assert [array.tolist() for array in arrays] == [a.tolist() for a in content.values()]


@given(st.lists(st.integers(0, 11), min_size=10, max_size=16), st.integers(250, 310), st.data())
def test_a_data_set_is_taken_exactly_when_it_has_enough_of_each_class(few, train, data):
    """Against the rule as its message has it, counted in another way."""
    test = data.draw(st.sampled_from([few, list(range(10))]))
    start = data.draw(st.sampled_from([[], list(range(10)), 2 * list(range(10))]))
    labels = [start + few + (train - len(start + few)) * [0], test]
    content = [
        array
        for own_labels in labels
        for array in (np.zeros((len(own_labels), 28, 28), np.uint8), np.array(own_labels, np.uint8))
    ]
    enough = train >= own.LEAST_TRAINING and all(
        min(own_labels.count(label) for label in range(10)) >= least
        for own_labels, least in zip(labels, (2, 1), strict=True)
    )
    fits = enough and max(map(max, labels)) <= 9
    with tempfile.TemporaryDirectory() as name:
        for part, array in zip(PARTS, content, strict=True):
            Path(name, part.file).write_bytes(idx.to_bytes(array))
        try:
            source = mnist.locate(name)
        except LabError as error:
            assert not fits, error
            assert "\n" not in str(error)
        else:
            assert fits
            assert (source.train, source.test) == (train, len(test))
