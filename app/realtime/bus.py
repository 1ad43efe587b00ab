"""Our backend of `broadcaster`: bells over Redis pub/sub that outlive a Redis that goes away.

Use it as `Broadcast(backend=RedisBackend(url))`. broadcaster's own backend delivers nothing on
redis-py 8, stays deaf after a lost connection and queues without bounds.

Every subscription that Redis confirms, the first and those after a lost connection, is told to
its subscribers as the message `GAP`: bells may have rung unheard, so read from your position.
"""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from broadcaster import BroadcastBackend, Event
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

from app.realtime.backoff import Backoff
from app.realtime.mailbox import GAP, Mailbox
from app.realtime.outage import Outage

_ANSWER_TIMEOUT_S: Final = 3.0
_PUBLISH_TIMEOUT_S: Final = 1.0


def _client(url: str, retries: int) -> Redis:
    """Make a client without read timeouts of its own.

    redis-py waits for them with `asyncio.wait_for`, which swallows cancellation on Python 3.11.
    """
    return Redis.from_url(
        url,
        decode_responses=True,
        encoding_errors="replace",
        socket_connect_timeout=_ANSWER_TIMEOUT_S,
        socket_timeout=None,
        retry=Retry(NoBackoff(), retries),
    )


class RedisBackend(BroadcastBackend):
    """One Redis connection that hears, for all subscribers of a process, and a pool that rings."""

    def __init__(self, url: str) -> None:
        # Connecting again to listen is this module's work: redis-py would do it without a gap.
        self._ear = _client(url, retries=0)
        self._bell = _client(url, retries=1)
        self._channels: set[str] = set()
        self._changed = asyncio.Event()
        self._mailbox = Mailbox()
        self._listener: asyncio.Task[None] | None = None
        self._is_closed = False
        self._deafness = Outage("Redis is away; live updates come by polling")
        self._muteness = Outage("A bell could not be rung; the event waits for the next poll")

    @property
    def hears(self) -> bool:
        """Whether bells are heard now, as far as is known."""
        return not self._deafness.is_open

    async def connect(self) -> None:
        """Begin to listen; succeeds while Redis is away and connects when it comes."""
        self._is_closed = False
        self._listener = asyncio.create_task(self._stay_connected())

    async def disconnect(self) -> None:
        """Stop listening and close every connection."""
        # A task group that fails while it is cancelled swallows that, on Python 3.11 and 3.12.
        self._is_closed = True
        if self._listener:
            self._listener.cancel()
            await asyncio.wait([self._listener])
        await self._ear.aclose()
        await self._bell.aclose()

    async def subscribe(self, group: str) -> None:
        """Ask for a channel's messages.

        NOTE: never suspends, because `Broadcast.subscribe` loses one of two subscribers of a
        channel that come while it waits here.
        """
        self._channels.add(group)
        self._changed.set()

    async def unsubscribe(self, group: str) -> None:
        """Ask for no more of a channel's messages."""
        self._channels.discard(group)
        self._mailbox.drop(group)
        self._changed.set()

    async def publish(self, channel: str, message: Any) -> None:
        """Ring a bell; gives up after a second, and never raises for a Redis that is away."""
        try:
            async with asyncio.timeout(_PUBLISH_TIMEOUT_S):
                await self._bell.publish(channel, message)
        except (RedisError, OSError) as error:
            self._muteness.began(error)
        else:
            self._muteness.ended()

    async def next_published(self) -> Event:
        """Wait for the next message of any channel."""
        return Event(*await self._mailbox.take())

    async def _stay_connected(self) -> None:
        backoff = Backoff()
        while not self._is_closed:
            try:
                async with self._ear.pubsub() as pubsub:
                    await pubsub.connect()
                    self._deafness.ended()
                    backoff.reset()
                    await self._listen(pubsub)
            except* (RedisError, OSError) as errors:
                self._deafness.began(errors.exceptions[0])
            await asyncio.sleep(backoff.next_s())

    async def _listen(self, pubsub: PubSub) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._keep_subscribed(pubsub))
            tasks.create_task(self._receive(pubsub))

    async def _keep_subscribed(self, pubsub: PubSub) -> None:
        asked: set[str] = set()
        while True:
            self._changed.clear()
            wanted = set(self._channels)
            if wanted - asked:
                await pubsub.subscribe(*wanted - asked)
            if asked - wanted:
                await pubsub.unsubscribe(*asked - wanted)
            asked = wanted
            await self._changed.wait()

    async def _receive(self, pubsub: PubSub) -> None:
        """Hand messages on until the connection is lost.

        A peer that vanished without a word is noticed by a ping that stays unanswered.
        """
        has_pinged = False
        while True:
            message = await pubsub.get_message(timeout=_ANSWER_TIMEOUT_S)
            if message:
                self._deliver(message)
                has_pinged = False
            elif has_pinged:
                raise RedisConnectionError(f"Redis said nothing for {2 * _ANSWER_TIMEOUT_S:g} s.")
            else:
                await pubsub.ping()
                has_pinged = True

    def _deliver(self, message: Mapping[str, Any]) -> None:
        if message["channel"] not in self._channels:
            return
        if message["type"] == "subscribe":
            self._mailbox.put(message["channel"], GAP)
        elif message["type"] == "message":
            self._mailbox.put(message["channel"], message["data"])
