"""Passwords: argon2 hashes, and how to hold a password against one.

A hash takes 64 MiB and some 0.2 s of a core: the API makes them in a thread, few at a time.
`python -m adapters.passwords` prints the hash of `$NEXUS_IMPORT_PASSWORD`, for the importer.
"""

import os
import sys
from functools import cache
from typing import Final

from pwdlib import PasswordHash

_HASH: Final = PasswordHash.recommended()
_IMPORT_PASSWORD: Final = "NEXUS_IMPORT_PASSWORD"  # noqa: S105 - the name of a variable


def hash_password(password: str) -> str:
    """Hash a password, with a salt and the parameters in the hash."""
    return _HASH.hash(password)


def verify_password(password: str, password_hash: str | None) -> bool:
    """Tell whether a password is the one that was hashed.

    Args:
        password: What somebody claims.
        password_hash: None when there is no such user, or one without a password: the answer
            is no then, and takes as long as any other, so that it does not tell who is there.
    """
    matches = _HASH.verify(password, password_hash or _nobodys_hash())
    return matches and password_hash is not None


@cache
def _nobodys_hash() -> str:
    return hash_password("")


def main() -> None:
    """Print the hash of the password for imported users; an empty line where none is given."""
    password = os.environ.get(_IMPORT_PASSWORD)
    sys.stdout.write((hash_password(password) if password else "") + "\n")


if __name__ == "__main__":
    main()
