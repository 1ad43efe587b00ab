"""Webhooks: addresses that a user wants to be told of their notifications.

A secret signs what is sent, so it is stored, sealed by whoever registers it; it is given out once,
when it is made.
"""

import base64
import binascii
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, LiteralString
from urllib.parse import urlsplit

from graph import ids
from graph.errors import Conflict, InvalidInput
from graph.ids import Prefix
from graph.projection import Row
from graph.statement import Statement
from graph.viewer import Viewer, viewer_read, viewer_write

MOST_WEBHOOKS: Final = 10
LONGEST_URL: Final = 2_000
_SECRET_PREFIX: Final = "whsec_"  # noqa: S105 - what every secret begins with
_NEW_SECRET_BYTES: Final = 32
_SECRET_BYTES: Final = range(24, 65)

_SHOWN: LiteralString = "webhook {.id, .url, .created_at, .delivered_at, events: webhook.kinds}"


def check_url(url: str, *, allow_http: bool) -> str:
    """Give an address that webhooks can be sent to, as far as one sees without asking.

    Raises:
        InvalidInput: It is none.
    """
    try:
        parts = urlsplit(url)
        is_plain = parts.username is None and parts.password is None and not parts.fragment
        is_whole = bool(parts.hostname) and parts.port != 0 and is_plain
    except ValueError:
        parts, is_whole = urlsplit(""), False
    is_clean = url.isascii() and url.isprintable() and " " not in url and len(url) <= LONGEST_URL
    if not (is_whole and is_clean and parts.scheme in ("https", "http")):
        raise InvalidInput(
            f"`url` is no address for webhooks; give https://HOST/PATH of at most {LONGEST_URL} "
            "ASCII characters, without user, password and fragment.",
            ("url",),
        )
    if parts.scheme == "http" and not allow_http:
        raise InvalidInput(
            "`url` begins with http://; give one that begins with https://.", ("url",)
        )
    return url


def check_secret(secret: str | None) -> str:
    """Give a secret that signs: the user's own, or a new one.

    Raises:
        InvalidInput: It is not what the standard asks for.
    """
    if secret is None:
        key = base64.b64encode(secrets.token_bytes(_NEW_SECRET_BYTES)).decode()
        return _SECRET_PREFIX + key
    try:
        encoded = secret.removeprefix(_SECRET_PREFIX)
        size = len(base64.b64decode(encoded, validate=True))
    except (binascii.Error, ValueError):
        size = 0
    if not secret.startswith(_SECRET_PREFIX) or size not in _SECRET_BYTES:
        raise InvalidInput(
            f"`secret` is to be {_SECRET_PREFIX!r} and 24 to 64 bytes in Base64; "
            "leave it out to be given one.",
            ("secret",),
        )
    return secret


@dataclass(frozen=True, slots=True)
class NewWebhook:
    """A webhook to be registered; its id and instant are made before any transaction.

    Args:
        secret: For its owner.
        sealed_secret: For the graph.
    """

    id: str
    user_id: str
    url: str
    kinds: tuple[str, ...]
    secret: str
    sealed_secret: str
    created_at: int

    @classmethod
    def of(
        cls,
        viewer: Viewer,
        url: str,
        events: Sequence[str],
        secret: str | None = None,
        *,
        seal: Callable[[str], str],
        allow_http: bool = False,
    ) -> "NewWebhook":
        """Make a webhook of what a user asked for.

        Args:
            viewer: Who asked.
            url: Whereto.
            events: Of which kinds.
            secret: The user's own; None for a new one.
            seal: Makes of a secret what may lie in the graph.
            allow_http: Whether the address may be without TLS.

        Raises:
            InvalidInput: The address, the events or the secret break a rule.
        """
        if not events:
            raise InvalidInput("`events` is empty; name at least one kind.", ("events",))
        checked = check_secret(secret)
        return cls(
            ids.new_id(Prefix.WEBHOOK),
            viewer.user_id,
            check_url(url, allow_http=allow_http),
            tuple(dict.fromkeys(events)),
            checked,
            seal(checked),
            ids.now_ms(),
        )

    def properties(self) -> dict[str, Any]:
        """Give the properties of the webhook's node."""
        return {
            "id": self.id,
            "k": ids.key(self.created_at, self.id),
            "user_id": self.user_id,
            "url": self.url,
            "kinds": self.kinds,
            "secret": self.sealed_secret,
            "created_at": self.created_at,
        }


_REGISTER: LiteralString = f"""\
SET viewer.lk = true
WITH viewer
OPTIONAL MATCH (known:Webhook {{id: $webhook.id}})
WITH viewer, known, COUNT {{
  MATCH (other:Webhook) WHERE other.user_id = viewer.id AND other.k > ''
}} AS webhook_count
CALL (known, webhook_count) {{
  WITH * WHERE known IS NULL AND webhook_count < $most
  CREATE (made:Webhook)
  SET made = $webhook
  RETURN count(*) AS created
}}
RETURN head(COLLECT {{
  MATCH (webhook:Webhook {{id: $webhook.id}}) RETURN {_SHOWN} AS row
}}) AS value
"""

_DELETE: LiteralString = """\
SET viewer.lk = true
WITH viewer
CALL (viewer) {
  MATCH (webhook:Webhook {id: $id}) WHERE webhook.user_id = viewer.id
  DELETE webhook
  RETURN count(*) AS deleted
}
RETURN deleted AS value
"""


def register_webhook(viewer: Viewer, webhook: NewWebhook) -> Statement[Row]:
    """Register a webhook; answers with it, without its secret.

    Raises:
        Conflict: On decoding: the viewer has as many as one may have.
    """

    def decode(row: Row | None) -> Row:
        if row is None:
            raise Conflict(f"You have {MOST_WEBHOOKS} webhooks; delete one first.")
        return row

    parameters = {"webhook": webhook.properties(), "most": MOST_WEBHOOKS}
    return viewer_write(viewer, _REGISTER, parameters, decode)


def delete_webhook(viewer: Viewer, webhook_id: str) -> Statement[str]:
    """Delete one of the viewer's webhooks; without it nothing changes. What is due is not sent."""
    return viewer_write(viewer, _DELETE, {"id": webhook_id}, lambda _: webhook_id)


def read_webhooks(viewer: Viewer) -> Statement[list[Row]]:
    """Read the viewer's webhooks, without their secrets.

    Rows: newest first, at most 10.
    """
    value: LiteralString = (
        "COLLECT { MATCH (webhook:Webhook) "
        "WHERE webhook.user_id = viewer.id AND webhook.k > '' "
        f"RETURN {_SHOWN} AS row ORDER BY webhook.user_id DESC, webhook.k DESC }}"
    )
    return viewer_read(viewer, value, {}, list)
