"""What a client may say, read strictly: a frame is one of these messages or it is malformed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from app.realtime.closing import CloseCode, Closing
from app.realtime.operations import Payload

_LONGEST_ID: Final = 256
"""Of an operation's id, which every frame about it and every ping repeats."""


@dataclass(frozen=True, slots=True)
class Init:
    """Begin the connection, with what the client says about itself."""

    payload: Payload


@dataclass(frozen=True, slots=True)
class Start:
    """Run an operation under an id of the client's choice."""

    id: str
    payload: Payload


@dataclass(frozen=True, slots=True)
class Stop:
    """End the operation of that id."""

    id: str


@dataclass(frozen=True, slots=True)
class Ping:
    """Ask for a pong with the same payload."""

    payload: Payload


@dataclass(frozen=True, slots=True)
class Pong:
    """Answer a ping, or give a sign of life."""


@dataclass(frozen=True, slots=True)
class Terminate:
    """Leave politely."""


Message = Init | Start | Stop | Ping | Pong | Terminate
Vocabulary = Mapping[str, Callable[[Mapping[str, Any]], Message]]
"""How each type of message is read."""


def parse(frame: str | None, vocabulary: Vocabulary) -> Message:
    """Read a text frame, None for a binary one.

    Raises:
        Closing: It is no message of the vocabulary.
    """
    if frame is None:
        raise _malformed("Frames must be text, not binary")
    try:
        message = orjson.loads(frame)
    except orjson.JSONDecodeError as error:
        raise _malformed("Message is not valid JSON") from error
    if not isinstance(message, dict):
        raise _malformed("Message must be a JSON object")
    read = vocabulary.get(kind) if isinstance(kind := message.get("type"), str) else None
    if read is None:
        raise _malformed("Message must have a known 'type'")
    return read(message)


def read_init(message: Mapping[str, Any]) -> Init:
    """Read the message that begins a connection."""
    return Init(_object(message, "payload") or {})


def read_start(message: Mapping[str, Any]) -> Start:
    """Read the message that starts an operation."""
    payload = _object(message, "payload")
    if payload is None:
        raise _malformed("Message must have a 'payload'")
    if not isinstance(payload.get("query"), str):
        raise _malformed("'query' must be a string")
    if not isinstance(payload.get("operationName"), str | None):
        raise _malformed("'operationName' must be a string")
    _object(payload, "variables")
    _object(payload, "extensions")
    return Start(_id(message), payload)


def read_stop(message: Mapping[str, Any]) -> Stop:
    """Read the message that ends an operation."""
    return Stop(_id(message))


def read_ping(message: Mapping[str, Any]) -> Ping:
    """Read a ping."""
    return Ping(_object(message, "payload") or {})


def read_pong(message: Mapping[str, Any]) -> Pong:
    """Read a pong."""
    _object(message, "payload")
    return Pong()


def read_terminate(_: Mapping[str, Any]) -> Terminate:
    """Read the message that ends a connection."""
    return Terminate()


def _id(message: Mapping[str, Any]) -> str:
    value = message.get("id")
    if not isinstance(value, str) or not value:
        raise _malformed("'id' must be a string that is not empty")
    if len(value) > _LONGEST_ID:
        raise _malformed(f"'id' must have at most {_LONGEST_ID} characters")
    return value


def _object(parent: Mapping[str, Any], name: str) -> dict[str, Any] | None:
    value = parent.get(name)
    if not isinstance(value, dict | None):
        raise _malformed(f"'{name}' must be an object")
    return value


def _malformed(reason: str) -> Closing:
    return Closing(CloseCode.BAD_REQUEST, reason)
