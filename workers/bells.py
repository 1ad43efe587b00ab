"""Bells on Redis, as jobs and the relay use them: short timeouts, and no harm in a lost one."""

from collections.abc import Mapping
from threading import Event

import structlog
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

from adapters import bell

log = structlog.get_logger(__name__)
_TIMEOUT_S = 1.0
_LISTEN_S = 0.5


def connect(redis_url: str) -> Redis:
    """Make a client that gives up soon; it connects when first used."""
    return Redis.from_url(
        redis_url,
        socket_timeout=_TIMEOUT_S,
        socket_connect_timeout=_TIMEOUT_S,
        retry=Retry(NoBackoff(), 0),
    )


def ring(redis: Redis, positions: Mapping[str, int]) -> None:
    """Ring streams' bells, if Redis is there."""
    try:
        bell.ring(redis, positions)
    except RedisError as error:
        log.warning("bells not rung", streams=len(positions), error=repr(error))


def ring_relay(redis: Redis) -> None:
    """Tell the relay that events wait, if Redis is there."""
    try:
        bell.ring_relay(redis)
    except RedisError as error:
        log.warning("relay's bell not rung", error=repr(error))


def listen(redis: Redis, heard: Event, stop: Event) -> None:
    """Set `heard` whenever the relay's bell rings, until stopped.

    Raises:
        RedisError: The connection was lost, and with it perhaps a bell.
    """
    with redis.pubsub(ignore_subscribe_messages=True) as pubsub:  # type: ignore[no-untyped-call]
        pubsub.subscribe(bell.RELAY_CHANNEL)
        heard.set()
        while not stop.is_set():
            if pubsub.get_message(timeout=_LISTEN_S):
                heard.set()
