"""Deliver a webhook: signed, to an address that anybody may reach, within a bounded time.

Whoever registers a webhook chooses where we connect, so the address is looked at after its name was
resolved, and the connection is made to the very address that was looked at: a name that means
something else a moment later gains nothing. No redirect is followed, and of the answer nothing but
the status is read.
"""

import base64
import hashlib
import hmac
import http.client
import ipaddress
import ssl
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, urlsplit

from adapters.addresses import is_open_to_all
from adapters.pinned import Deadline, PinnedConnection, resolve

SECRET_PREFIX: Final = "whsec_"  # noqa: S105 - what every secret begins with
_SUCCESS: Final = range(200, 300)
_PORTS: Final = {"https": 443, "http": 80}


class WebhookFailed(Exception):  # noqa: N818 - named for what it says, in a dead letter
    """The receiver was not told: no connection, no answer in time, or no success."""


class WebhookRefused(WebhookFailed):
    """The address is none that webhooks may be sent to."""


@dataclass(frozen=True, slots=True)
class DeliveryRules:
    """Where webhooks may be sent.

    Args:
        timeout_s: How long a delivery may take in all.
        allow_http: Whether without TLS, too.
        allow_private: Whether to addresses that not everybody may reach, too.
        ca_file: Certificates (PEM) by which servers are trusted, beside the system's.
    """

    timeout_s: float
    allow_http: bool = False
    allow_private: bool = False
    ca_file: Path | None = None


def sign(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """Make the signature of a message.

    Args:
        secret: `whsec_` and the key in Base64.
        message_id: The header `webhook-id`.
        timestamp: The header `webhook-timestamp`, in seconds since 1970.
        body: What is sent.

    Source: Standard Webhooks, symmetric signatures (`v1`).
    """
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    content = f"{message_id}.{timestamp}.".encode() + body
    digest = hmac.digest(key, content, hashlib.sha256)
    return "v1," + base64.b64encode(digest).decode()


def deliver(url: str, headers: Mapping[str, str], body: bytes, rules: DeliveryRules) -> None:
    """Send a message, and wait for the receiver's word that it was taken.

    Whatever the receiver and those who resolve its name do, it is over when `timeout_s` is.

    Raises:
        WebhookRefused: The address is none that webhooks may be sent to.
        WebhookFailed: It was not taken.
        OSError: There is nothing to trust by in `ca_file`.
    """
    parts = urlsplit(url)
    tls = _trust(rules.ca_file) if parts.scheme == "https" else None
    deadline = Deadline(rules.timeout_s)
    addresses = _resolve(parts, rules, deadline)
    host, port = _place(parts)
    connection = PinnedConnection(host, port, addresses, deadline, tls)
    try:
        status = _post(connection, parts, headers, body)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise WebhookFailed(f"The receiver did not answer: {type(error).__name__}.") from error
    if status not in _SUCCESS:
        raise WebhookFailed(f"The receiver answered {status}; 200 to 299 is success.")


def _place(parts: SplitResult) -> tuple[str, int]:
    return str(parts.hostname), parts.port or _PORTS[parts.scheme]


def _resolve(parts: SplitResult, rules: DeliveryRules, deadline: Deadline) -> list[str]:
    """Give the addresses of a host, if webhooks may be sent to every one of them."""
    if parts.scheme != "https" and not (parts.scheme == "http" and rules.allow_http):
        raise WebhookRefused(f"Webhooks are not sent by {parts.scheme!r}; register https.")
    try:
        addresses = resolve(*_place(parts), deadline)
    except TimeoutError as error:
        raise WebhookFailed("The receiver's name was not resolved in time.") from error
    except (OSError, UnicodeError) as error:
        raise WebhookFailed("The receiver's name is not known.") from error
    if not rules.allow_private and not _are_open_to_all(addresses):
        raise WebhookRefused("The receiver's address is not one of the Internet's.")
    return addresses


def _are_open_to_all(addresses: Iterable[str]) -> bool:
    return all(is_open_to_all(ipaddress.ip_address(each.partition("%")[0])) for each in addresses)


@lru_cache(maxsize=1)
def _trust(ca_file: Path | None) -> ssl.SSLContext:
    """Make what servers are checked by: reading all certificates takes longer than a delivery."""
    context = ssl.create_default_context()
    if ca_file:
        context.load_verify_locations(ca_file)
    return context


def _post(
    connection: PinnedConnection, parts: SplitResult, headers: Mapping[str, str], body: bytes
) -> int:
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    with closing(connection):
        connection.request("POST", path, body, dict(headers))
        return connection.getresponse().status
