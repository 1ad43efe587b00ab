"""Take secrets out of what is told: of an error, of a message that nobody understands, in a log."""

import re
from collections.abc import Iterable
from functools import cache
from typing import Final
from urllib.parse import urlsplit

from graph.settings import GraphSettings
from workers.settings import WorkerSettings

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


def known_secrets(settings: WorkerSettings, graph_settings: GraphSettings) -> tuple[str, ...]:
    """Give the passwords of the servers in use, and our keys."""
    found = [
        graph_settings.neo4j_password.get_secret_value(),
        *settings.webhook_keys,
        *(urlsplit(url).password for url in (settings.redis_url, settings.broker)),
    ]
    return tuple(secret for secret in found if secret)


@cache
def own_secrets() -> tuple[str, ...]:
    """Give those of the servers that this process uses."""
    return known_secrets(WorkerSettings(), GraphSettings())
