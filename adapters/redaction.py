"""Take secrets out of what is told: of an error, of a message that nobody understands, in a log."""

import re
from collections.abc import Iterable
from typing import Final

LONGEST: Final = 500
_HIDDEN: Final = "[hidden]"
_IN_AN_ADDRESS: Final = re.compile(r"(?<=://)[^/\s@]*:[^/\s@]*@")
_BEARER: Final = re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]+")
_NAMED: Final = re.compile(
    r"(?is)\b(\w*(?:password|secret|token|api_?key)\w*)(\\*['\"]?\s*[=:]\s*)"
    r"(?:\[hidden\]|(\\*['\"]).*?(?:\3|\Z)|\S+)"
)
"""What stands behind a name of secrets: a word, or all that is between quotation marks."""
_SHAPED: Final = re.compile(
    r"whsec_[\w+/=-]+|\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*|\$argon2\w*\$[^\s'\"]+"
)
"""Webhooks' secrets, tokens, and hashes of passwords are known by how they look."""


def redact(text: str, secrets: Iterable[str] = (), longest: int = LONGEST) -> str:
    """Give a text without what looks like a secret, and without those that are known; cut."""
    for secret in secrets:
        text = text.replace(secret, _HIDDEN)
    text = _IN_AN_ADDRESS.sub(f"{_HIDDEN}@", text)
    text = _SHAPED.sub(_HIDDEN, text)
    text = _BEARER.sub(rf"\1 {_HIDDEN}", text)
    return _NAMED.sub(rf"\1\2{_HIDDEN}", text)[:longest]
