"""What the sockets ask of the rest of the application.

Whoever builds the application implements these; nothing here knows a schema or a token.
"""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

import orjson

from app.realtime.outlet import Outlet

Payload = Mapping[str, Any]
"""The payload of a request: `query` (a string) and, each an object or null, `variables` and
`extensions`, and `operationName` (a string or null)."""

Result = dict[str, Any] | orjson.Fragment
"""A GraphQL response, `{"data": …, "errors": …}`; a fragment when it is rendered already, so that
subscribers who get the same one share the work."""


class OperationError(Exception):
    """An operation is refused before it gives any result, or cannot go on.

    Args:
        errors: Formatted GraphQL errors, at least one.
    """

    def __init__(self, errors: Sequence[dict[str, Any]]) -> None:
        super().__init__(errors[0]["message"])
        self.errors = errors


class AuthenticationRefused(Exception):  # noqa: N818 - named for what it says
    """The token, or its absence, opens no connection.

    Args:
        message: What the client is told; at most 123 bytes of it reach a close frame.
    """


class SocketViewer(Protocol):
    """Who is at the other end."""

    @property
    def viewer(self) -> Any:
        """What is handed to each operation."""

    async def ended(self) -> str:
        """Wait until nobody may act in this name any more, which may be never; tell why."""


class Authenticate(Protocol):
    """Tell who brings a token."""

    def __call__(self, token: str | None) -> AbstractAsyncContextManager[SocketViewer]:
        """Tell who brings the token, None when the client gave none.

        The context lasts as long as the socket, and counts it as one of its user's.

        Raises:
            AuthenticationRefused: It opens nothing.
            TooManySockets: Its user has as many open as they may.
        """


class Prepared(Protocol):
    """An operation that was parsed and validated."""

    @property
    def is_subscription(self) -> bool:
        """Whether it is to be subscribed to, not executed."""

    @property
    def is_query(self) -> bool:
        """Whether it only reads."""


class Operations(Protocol):
    """Run GraphQL operations."""

    def prepare(self, payload: Payload) -> Any:
        """Parse and validate; give a `Prepared` for the two methods below.

        Raises:
            OperationError: It does not parse or is not valid.
        """

    async def execute(self, prepared: Any, viewer: Any) -> Result:
        """Execute a query or mutation."""

    async def subscribe(
        self, prepared: Any, viewer: Any, outlet: Outlet | None = None
    ) -> AsyncGenerator[Result, None]:
        """Subscribe; the socket closes the generator, whatever happens.

        Args:
            prepared: The subscription.
            viewer: Who subscribes.
            outlet: Takes at once what many are told, and is told how far the client has been told.

        Raises:
            OperationError: The subscription is refused; the generator may raise it too.
        """
