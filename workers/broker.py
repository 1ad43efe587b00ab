"""Celery's way to Redis: kombu's transport, with errors told as what they are."""

import base64
import json
from typing import Any
from uuid import uuid4

from kombu.transport import redis
from redis import Redis


class Client(Redis):
    """A client that gives kombu a message, whatever lies in the queue.

    kombu 5.7 takes what it pops for one of its own envelopes; something else ends the worker, and
    is gone. Such a thing is put into an envelope as a message that nobody can read.
    """

    def parse_response(self, connection: Any, command_name: Any, **options: Any) -> Any:
        """Read an answer; mend what was popped."""
        answer: Any = super().parse_response(connection, command_name, **options)  # type: ignore[no-untyped-call]
        if command_name != "BRPOP" or not answer:
            return answer
        queue, item = answer
        return [queue, item if _is_envelope(item) else _envelope(item, bytes(queue).decode())]


def _is_envelope(item: bytes) -> bool:
    try:
        match json.loads(item):
            case {
                "body": str(body),
                "properties": {
                    "body_encoding": "base64",
                    "delivery_tag": str(),
                    "delivery_info": {"exchange": str(), "routing_key": str()},
                },
            }:
                base64.b64decode(body)
                return True
    except ValueError:
        pass
    return False


def _envelope(item: bytes, queue: str) -> bytes:
    where = {"exchange": "", "routing_key": queue}
    message = {
        "body": base64.b64encode(item).decode(),
        "content-type": "application/x-unreadable",
        "content-encoding": "utf-8",
        "headers": {},
        "properties": {
            "body_encoding": "base64",
            "delivery_tag": str(uuid4()),
            "delivery_info": where,
        },
    }
    return json.dumps(message).encode()


class Channel(redis.Channel):
    """A channel that says so when its connection is gone.

    kombu 5.7 raises AttributeError there, for instance when a task ends after Redis was lost
    and its message is to be acknowledged. Celery takes that for unrecoverable and the worker
    ends; a lost connection it makes anew.
    """

    def _connparams(self, asynchronous: bool = False) -> Any:
        if self.connection is None or self.connection.client is None:
            raise ConnectionError("The connection of this channel is closed.")
        return super()._connparams(asynchronous)  # type: ignore[misc]  # the stubs lack it

    def _get_client(self) -> Any:
        return Client


class Transport(redis.Transport):
    """Redis with such channels."""

    Channel = Channel
