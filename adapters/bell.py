"""The bell: a word on Redis pub/sub that a stream of events has grown.

A bell may be lost, doubled or late. Whoever hears one reads the stream from the position that
they have; the bell only spares them the waiting.
"""

from collections.abc import Mapping
from typing import Final

from redis import Redis

_PREFIX: Final = "nexus:bell:"
_DIGITS: Final = 19
RELAY_CHANNEL: Final = f"{_PREFIX}relay"
"""Rung when events wait for the relay; no stream has this name."""


def channel_of(stream: str) -> str:
    """Name the Redis channel on which a stream's bell rings."""
    return f"{_PREFIX}{stream}"


def payload_of(position: int) -> str:
    """Write the highest position that a stream now holds."""
    return str(position)


def position_of(payload: str) -> int | None:
    """Read a payload; None when it tells no position, so that nothing can be concluded from it."""
    is_position = payload.isascii() and payload.isdigit() and len(payload) <= _DIGITS
    return int(payload) if is_position else None


def ring(redis: Redis, positions: Mapping[str, int]) -> None:
    """Ring the bells of many streams in one round trip.

    Args:
        redis: A client with short timeouts: a lost bell is no loss.
        positions: The highest position of each stream that has grown, all of them committed.
    """
    with redis.pipeline(transaction=False) as pipeline:
        for stream, position in positions.items():
            pipeline.publish(channel_of(stream), payload_of(position))
        pipeline.execute()


def ring_relay(redis: Redis) -> None:
    """Tell the relay that events wait for it."""
    redis.publish(RELAY_CHANNEL, "")
