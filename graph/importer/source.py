"""Where lines come from: a file or standard input, plain or packed by gzip."""

import gzip
import io
import os
import stat
import sys
import zlib
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Final

from graph.errors import InvalidInput

_GZIP_MAGIC: Final = b"\x1f\x8b"


class Source:
    """Lines, and how far they were read.

    Args:
        name: What it is called, for an error text.
        file: What is read, positioned at its beginning.
    """

    def __init__(self, name: str, file: io.BufferedReader) -> None:
        self._name = name
        self._file = file
        status = os.fstat(file.fileno())
        self.size: Final = status.st_size if stat.S_ISREG(status.st_mode) else None
        """Bytes that there are to read; None when nobody knows."""

    def __iter__(self) -> Iterator[bytes]:
        """Yield the lines.

        Raises:
            InvalidInput: It is packed, and damaged.
        """
        try:
            yield from self._unpacked()
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise InvalidInput(
                f"{self._name} is damaged: {error}. "
                "Get the file again and import it; what is written by now is kept."
            ) from error

    def position(self) -> int:
        """Give how many of `size` bytes were read."""
        return self._file.tell() if self.size else 0

    def _unpacked(self) -> Iterator[bytes]:
        if self._file.peek(2)[:2] == _GZIP_MAGIC:
            return iter(gzip.open(self._file))
        return iter(self._file)


@contextmanager
def open_source(name: str) -> Generator[Source, None, None]:
    """Open a file; `-` is standard input.

    Raises:
        OSError: It is not there or may not be read.
    """
    is_input = name == "-"
    with open(sys.stdin.fileno() if is_input else name, "rb", closefd=not is_input) as file:
        yield Source(name, file)
