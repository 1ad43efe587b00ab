"""Media in a directory: for one machine, or for several that mount the same one."""

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from adapters.media_keys import checked
from adapters.storage import CHUNK_BYTES, StorageUnavailable, Stored


class Directory:
    """A storage of files, in one folder for each two first letters of a key."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def put(self, key: str, content: bytes) -> None:
        """Store bytes; whoever looks, also after a power cut, finds all of them or none."""
        path = self._path(key)
        with _told():
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".put-")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
                Path(temporary).replace(path)
            except BaseException:
                Path(temporary).unlink(missing_ok=True)
                raise
            _sync_folder(path.parent)

    def open(self, key: str) -> Stored | None:
        """Give what is stored under a key, or None."""
        with _told():
            try:
                file = self._path(key).open("rb")
            except FileNotFoundError:
                return None
            return Stored(os.fstat(file.fileno()).st_size, _chunks(file))

    def find_size(self, key: str) -> int | None:
        """Give how many bytes are stored under a key, or None."""
        with _told():
            try:
                return self._path(key).stat().st_size
            except FileNotFoundError:
                return None

    def delete(self, keys: Sequence[str]) -> None:
        """Delete files; those that are not there are no error."""
        with _told():
            for key in keys:
                self._path(key).unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        return self.path / checked(key)[:2] / key


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk


def _sync_folder(folder: Path) -> None:
    """Write a folder's entries to the disk, as a rename alone does not."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StorageUnavailable(f"The directory of media fails: {error}.") from error
