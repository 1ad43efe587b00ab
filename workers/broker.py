"""Celery's way to Redis: kombu's transport, with one error told as what it is."""

from typing import Any

from kombu.transport import redis


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


class Transport(redis.Transport):
    """Redis with such channels."""

    Channel = Channel
