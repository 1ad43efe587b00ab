"""The two protocols of GraphQL over WebSocket, as far as they differ."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

import orjson

from app.realtime import messages
from app.realtime.messages import Vocabulary
from app.realtime.operations import Payload, Result


def encode(kind: str, **fields: Any) -> str:
    """Write a frame."""
    return orjson.dumps({"type": kind, **fields}).decode()


def _head(kind: str, id_: str) -> bytes:
    return encode(kind, id=id_).encode()[:-1] + b',"payload":'


class Dialect(ABC):
    """How one protocol says what both mean."""

    subprotocol: ClassVar[str]
    vocabulary: ClassVar[Vocabulary]
    queues_until_ack: ClassVar[bool]
    """Whether operations may be sent on the heels of `connection_init`."""
    replaces_running: ClassVar[bool]
    """Whether an operation ends the one that runs under its id, which is an error otherwise."""

    def welcome(self) -> Iterable[str]:
        """Tell that the connection stands."""
        yield encode("connection_ack")

    @abstractmethod
    def keep_alive(self, cursors: Mapping[str, str] | None = None) -> str:
        """Give a sign of life.

        Args:
            cursors: The `eventId` up to which each subscription has been told all, by its id.
        """

    @abstractmethod
    def next(self, id_: str, result: Result) -> str:
        """Tell a result of an operation."""

    @abstractmethod
    def next_head(self, id_: str) -> bytes:
        """Give what stands before the payload in `next`, which a brace then closes."""

    @abstractmethod
    def error(self, id_: str, errors: Sequence[dict[str, Any]]) -> str:
        """Tell that an operation failed, which ends it."""

    def complete(self, id_: str) -> str:
        """Tell that an operation has ended."""
        return encode("complete", id=id_)

    def stopped(self, id_: str) -> Iterable[str]:
        """Answer a client that has ended its operation."""
        del id_
        return ()

    def refusal(self, reason: str) -> Iterable[str]:
        """Say what can only be said before the close frame."""
        del reason
        return ()


class TransportDialect(Dialect):
    """`graphql-transport-ws`.

    Source: enisdenjo/graphql-ws, PROTOCOL.md.
    """

    subprotocol = "graphql-transport-ws"
    vocabulary: ClassVar[Vocabulary] = {
        "connection_init": messages.read_init,
        "ping": messages.read_ping,
        "pong": messages.read_pong,
        "subscribe": messages.read_start,
        "complete": messages.read_stop,
    }
    queues_until_ack = False
    replaces_running = False

    def keep_alive(self, cursors: Mapping[str, str] | None = None) -> str:  # noqa: D102
        return encode("ping", payload={"cursors": cursors}) if cursors else encode("ping")

    def next(self, id_: str, result: Result) -> str:  # noqa: D102
        return encode("next", id=id_, payload=result)

    def next_head(self, id_: str) -> bytes:  # noqa: D102
        return _head("next", id_)

    def error(self, id_: str, errors: Sequence[dict[str, Any]]) -> str:  # noqa: D102
        return encode("error", id=id_, payload=errors)


class LegacyDialect(Dialect):
    """`graphql-ws`, as subscriptions-transport-ws 0.11 speaks it.

    Its client sends operations without waiting for the acknowledgement, may start an id anew,
    and waits for `complete` after its `stop`. An `error` carries one error object; a list of
    more stands in its `errors`, where that client looks for them.

    Source: apollographql/subscriptions-transport-ws, PROTOCOL.md and src/client.ts.
    """

    subprotocol = "graphql-ws"
    vocabulary: ClassVar[Vocabulary] = {
        "connection_init": messages.read_init,
        "connection_terminate": messages.read_terminate,
        "start": messages.read_start,
        "stop": messages.read_stop,
    }
    queues_until_ack = True
    replaces_running = True

    def welcome(self) -> Iterable[str]:  # noqa: D102
        yield from super().welcome()
        yield self.keep_alive()

    def keep_alive(self, cursors: Mapping[str, str] | None = None) -> str:  # noqa: D102
        del cursors  # there is no room for them in this protocol
        return encode("ka")

    def next(self, id_: str, result: Result) -> str:  # noqa: D102
        return encode("data", id=id_, payload=result)

    def next_head(self, id_: str) -> bytes:  # noqa: D102
        return _head("data", id_)

    def error(self, id_: str, errors: Sequence[dict[str, Any]]) -> str:  # noqa: D102
        payload = errors[0] if len(errors) == 1 else {**errors[0], "errors": errors}
        return encode("error", id=id_, payload=payload)

    def stopped(self, id_: str) -> Iterable[str]:  # noqa: D102
        yield self.complete(id_)

    def refusal(self, reason: str) -> Iterable[str]:  # noqa: D102
        yield encode("connection_error", payload={"message": reason})


_DIALECTS: dict[str, Dialect] = {
    dialect.subprotocol: dialect for dialect in (TransportDialect(), LegacyDialect())
}


def choose(subprotocols: Iterable[str]) -> Dialect | None:
    """Choose the first that the client offers and we speak."""
    known = (_DIALECTS[name] for name in subprotocols if name in _DIALECTS)
    return next(known, None)


def pong(payload: Payload) -> str:
    """Answer a ping."""
    return encode("pong", payload=payload) if payload else encode("pong")
