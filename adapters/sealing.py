"""Secrets at rest: sealed by a key that does not lie beside them."""

import base64
from collections.abc import Sequence
from typing import Final

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_PURPOSE: Final = b"nexus webhook secrets"
_KEY_BYTES: Final = 32


class SealBroken(Exception):  # noqa: N818 - named for what it says, in a dead letter
    """What was sealed cannot be opened by any of our keys."""


class Seal:
    """Seals and opens short texts.

    Args:
        keys: Random texts, at least one: the first one seals, each opens, so that a new one can be
            put in front of the old one.

    Source: Fernet of `cryptography`, with keys by HKDF-SHA256 (RFC 5869).
    """

    def __init__(self, keys: Sequence[str]) -> None:
        self._fernet = MultiFernet([Fernet(_derive(key)) for key in keys])

    def seal(self, text: str) -> str:
        """Seal a text; twice gives two different ones."""
        return self._fernet.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """Give the text that was sealed.

        Raises:
            SealBroken: It was sealed by another key, or by none.
        """
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken as error:
            raise SealBroken(
                "This was sealed by a key that is not among ours; put it behind the others in "
                "NEXUS_WEBHOOK_KEY."
            ) from error


def _derive(key: str) -> bytes:
    derived = HKDF(SHA256(), _KEY_BYTES, salt=None, info=_PURPOSE).derive(key.encode())
    return base64.urlsafe_b64encode(derived)
