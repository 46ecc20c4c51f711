"""Arrays of bytes from IDX files and .npz archives, told by what a file holds, not by its name."""

import gzip
import hashlib
import math
import zipfile
import zlib
from pathlib import Path
from textwrap import shorten

import numpy as np

from helpers.core.console import one_line
from helpers.core.units import counted

GZIP, UNSIGNED_BYTES = b"\x1f\x8b", 8


class Unusable(ValueError):
    """A file without such an array; the message goes on after the file's name."""


def sha256(array: np.ndarray) -> str:
    """Return the SHA-256 of an array's bytes in hexadecimal."""
    return hashlib.sha256(np.ascontiguousarray(array)).hexdigest()


def read(file: Path) -> np.ndarray:
    """Return the array of an IDX file of unsigned bytes, plain or gzip, whatever its suffix.

    Raises Unusable when it is none or not whole, OSError when it cannot be read.
    """
    content = file.read_bytes()
    if content.startswith(GZIP):
        try:
            content = gzip.decompress(content)
        except (EOFError, OSError, zlib.error) as error:
            raise Unusable(f"is a damaged gzip archive ({error})") from error
    if len(content) < 4 or content[:2] != bytes(2):
        raise Unusable(
            f"is no IDX file: it begins with {content[:16]!r}" if content else "is empty"
        )
    kind, dimensions = content[2:4]
    if kind != UNSIGNED_BYTES:
        raise Unusable(f"holds values of IDX type 0x{kind:02X}; allowed is 0x08, unsigned bytes")
    if dimensions not in (1, 3):
        found = counted(dimensions, "dimension")
        raise Unusable(f"has {found}; allowed are 1 for labels and 3 for images")
    header = 4 + 4 * dimensions
    sizes = np.frombuffer(content[4:header].ljust(4 * dimensions, b"\0"), ">u4").tolist()
    if len(content) != header + math.prod(sizes):
        shape = " x ".join(map(str, sizes))
        raise Unusable(
            f"has {counted(len(content), 'byte')} where its header ({shape}) asks for "
            f"{header + math.prod(sizes):,}"
        )
    try:
        return np.frombuffer(content, np.uint8, offset=header).reshape(sizes)
    except ValueError as error:  # no values, and sizes beyond what NumPy counts
        raise Unusable(f"holds nothing of a size of {sizes}") from error


def to_bytes(array: np.ndarray) -> bytes:
    """Return an array of bytes as the content of an IDX file."""
    header = bytes([0, 0, UNSIGNED_BYTES, array.ndim]) + np.array(array.shape, ">u4").tobytes()
    return header + array.tobytes()


def check_archive(file: Path, keys: tuple[str, ...]) -> None:
    """Raise Unusable unless `file` is an .npz archive that holds `keys`."""
    if not zipfile.is_zipfile(file):
        raise Unusable("is no .npz archive, or is cut short")
    try:
        with zipfile.ZipFile(file) as archive:
            held = [name.removesuffix(".npy") for name in archive.namelist()]
    except Exception as error:  # a damaged archive makes zipfile raise dozens of kinds
        raise Unusable(f"cannot be read ({one_line(error)})") from error
    if not set(keys) <= set(held):
        names = shorten(", ".join(held) or "nothing", 200, placeholder=" …")
        raise Unusable(f"holds {names}; it must hold {', '.join(keys)}")


def read_from_archive(file: Path, key: str) -> np.ndarray:
    """Return one array of whole numbers from 0 to 255 of an .npz archive, as bytes.

    Raises Unusable when it holds other values or cannot be read.
    """
    try:
        with np.load(file, allow_pickle=False) as archive:
            array = archive[key]
    except Exception as error:  # as above, and NumPy more
        raise Unusable(f"cannot be read ({one_line(error)})") from error
    if not isinstance(array, np.ndarray):
        raise Unusable("is no array")
    if array.dtype.kind not in "iu":
        raise Unusable(f"holds {array.dtype.name} values; allowed are whole numbers from 0 to 255")
    if array.size and not 0 <= array.min() <= array.max() <= 255:
        raise Unusable(f"holds {array.min()} to {array.max()}; allowed is 0 to 255")
    return array.astype(np.uint8)
