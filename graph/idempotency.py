"""Idempotency keys: a client that repeats a creation gets the first object, not a second.

A command locks its viewer first, so that two requests with one key come one after the other; the
second finds the key with the id of the first's object. Keys are unique per user and mutation.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, LiteralString

from graph.errors import Conflict, InvalidInput

LONGEST_KEY: Final = 64


@dataclass(frozen=True, slots=True)
class Idempotency:
    """A client's key for one creation, and a hash of what it asked for.

    Args:
        key: The node's key: user, mutation and the client's own; None when the client gave none.
        input_hash: Tells a repetition from another request under the same key.
    """

    key: str | None
    input_hash: str

    @classmethod
    def of(
        cls, user_id: str, mutation: str, client_key: str | None, content: Mapping[str, Any]
    ) -> "Idempotency":
        """Make the key of a request.

        Raises:
            InvalidInput: The client's key is empty or longer than 64 characters.
        """
        if client_key is not None and not 1 <= len(client_key) <= LONGEST_KEY:
            raise InvalidInput(
                f"`idempotencyKey` has {len(client_key)} characters; give 1 to {LONGEST_KEY}.",
                ("idempotencyKey",),
            )
        canonical = json.dumps(content, sort_keys=True).encode()
        key = None if client_key is None else f"{user_id}:{mutation}:{client_key}"
        return cls(key, hashlib.sha256(canonical).hexdigest())

    def properties(self, object_id: str, created_at: int) -> dict[str, Any] | None:
        """Give the `$idempotency` parameter; null when there is nothing to remember."""
        if self.key is None:
            return None
        return {
            "key": self.key,
            "input_hash": self.input_hash,
            "object_id": object_id,
            "created_at": created_at,
        }

    def settle(self, known: Mapping[str, Any] | None, object_id: str) -> str:
        """Tell which object a request stands for: the first under its key, or its own.

        Raises:
            Conflict: The key was used for another input.
        """
        if known is None:
            return object_id
        if known["input_hash"] != self.input_hash:
            raise Conflict(
                "This `idempotencyKey` was used with another input. "
                "Send the first input again, or take a new key.",
                ("idempotencyKey",),
            )
        return str(known["object_id"])


FIND_KNOWN: LiteralString = "OPTIONAL MATCH (known:IdempotencyKey {key: $idempotency.key})\n"
"""Binds `known`; only after the viewer was locked is it the last word."""

REMEMBER: LiteralString = (
    "FOREACH (properties IN [p IN [$idempotency] WHERE p IS NOT NULL] | "
    "CREATE (key:IdempotencyKey) SET key = properties)\n"
)
"""Creates the key together with its object."""
