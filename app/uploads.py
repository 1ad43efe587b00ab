"""What users upload: checked and made anew in threads of its own, a few images at a time."""

import asyncio
import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeVar

from adapters.images import ImageRefused, make_picture
from adapters.media_keys import CONTENT_TYPES, new_key
from adapters.storage import Storage, StorageUnavailable
from graph.errors import InvalidInput, Unavailable

T = TypeVar("T")
_STORING_THREADS: Final = 8


class File(Protocol):
    """An uploaded file."""

    async def seek(self, offset: int) -> None:
        """Go to a place in it."""

    async def read(self) -> bytes:
        """Give what it holds from there on."""


@dataclass(frozen=True, slots=True)
class Image:
    """An image as it will be stored.

    Args:
        content: Its bytes.
        properties: What the graph keeps of it.
    """

    content: bytes
    properties: dict[str, Any]

    @property
    def key(self) -> str:
        """Where it is to be stored."""
        return str(self.properties["key"])


class Uploads:
    """Makes images of files, and stores them.

    Threads of its own keep images from holding up passwords, and the other way round. What has
    begun goes on to its end, also when the client has left, so no more run than there are threads.

    Args:
        storage: Where images go.
        workers: How many images are made at once.
        most_pixels: The most that an image may have, its frames together.
    """

    def __init__(self, storage: Storage, workers: int, most_pixels: int) -> None:
        self._storage = storage
        self._most_pixels = most_pixels
        self._making = ThreadPoolExecutor(workers, "image")
        self._storing = ThreadPoolExecutor(_STORING_THREADS, "storage")

    async def prepare(self, file: File) -> Image:
        """Check a file and make an image of it.

        Raises:
            InvalidInput: It is no image that is taken.
        """
        await file.seek(0)  # an operation may name a file twice
        content = await file.read()
        try:
            return await _run(self._making, lambda: _made(content, self._most_pixels))
        except ImageRefused as error:
            raise InvalidInput(str(error), ("file",)) from error

    async def store(self, key: str, image: Image) -> None:
        """Store an image's bytes.

        Raises:
            Unavailable: The storage does not take them.
        """
        try:
            await _run(self._storing, lambda: self._storage.put(key, image.content))
        except StorageUnavailable as error:
            raise Unavailable("Images cannot be stored just now. Try again soon.") from error

    def close(self) -> None:
        """Let go of the threads once what they do is done."""
        self._making.shutdown()
        self._storing.shutdown()


def _made(content: bytes, most_pixels: int) -> Image:
    picture = make_picture(content, most_pixels)
    return Image(
        picture.content,
        {
            "key": new_key(picture.extension),
            "content_type": CONTENT_TYPES[picture.extension],
            "width": picture.width,
            "height": picture.height,
            "byte_count": len(picture.content),
            "content_hash": hashlib.sha256(content).hexdigest(),
        },
    )


async def _run(threads: ThreadPoolExecutor, work: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(threads, work)
