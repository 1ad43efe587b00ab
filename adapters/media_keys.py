"""Names of stored media: nobody can guess one, and each tells the type of what it names.

Whoever has the address of an image may see it, as with any link, so a key holds 160 random bits.
A key names the same bytes for ever; its thumbnail's key follows from it, so that both can be
removed by whoever knows one.
"""

import re
import secrets
from base64 import b32encode
from typing import Final

CONTENT_TYPES: Final = {
    "jpg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "gif": "image/gif",
}
"""Every type that is ever stored and served, by the ending of its keys."""
CACHE_CONTROL: Final = "public, max-age=31536000, immutable"
"""How long caches may keep what a key names: for ever."""
KEY: Final = re.compile(r"[a-z2-7]{32}(?:-640)?\.(?:jpg|png|webp|gif)")
_RANDOM_BYTES: Final = 20


def new_key(extension: str) -> str:
    """Make a key for an image of a type.

    Args:
        extension: One of `CONTENT_TYPES`.
    """
    return f"{b32encode(secrets.token_bytes(_RANDOM_BYTES)).decode().lower()}.{extension}"


def thumbnail_key(key: str) -> str:
    """Name the thumbnail of an image."""
    return f"{key.partition('.')[0]}-640.webp"


def checked(key: str) -> str:
    """Give a key.

    Raises:
        ValueError: It is none, and nothing may be stored under such a name.
    """
    if not KEY.fullmatch(key):
        raise ValueError(f"{key!r} is no key of media, and no file may be named so.")
    return key


def content_type(key: str) -> str:
    """Tell the type of what a key names."""
    return CONTENT_TYPES[key.rpartition(".")[2]]
