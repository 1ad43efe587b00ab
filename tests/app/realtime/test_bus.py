import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
import redis
from broadcaster import Broadcast

from adapters import bell
from app.realtime.bus import RedisBackend
from app.realtime.mailbox import GAP, Mailbox
from app.realtime.relay_bell import RelayBell
from local.redis import RedisServer

pytestmark = pytest.mark.unit


@pytest.fixture
async def broadcast(redis_server: RedisServer) -> AsyncIterator[Broadcast]:
    async with Broadcast(backend=RedisBackend(redis_server.url)) as broadcast:
        yield broadcast


async def _next(subscriber: Any) -> str:
    async with asyncio.timeout(20):
        message: str = (await subscriber.get()).message
        return message


async def test_a_confirmed_subscription_begins_with_a_gap_and_hears_bells(
    broadcast: Broadcast,
) -> None:
    async with broadcast.subscribe("a") as subscriber:
        assert await _next(subscriber) == GAP
        await broadcast.publish("b", "1")
        await broadcast.publish("a", "2")
        assert await _next(subscriber) == "2"


async def test_two_subscribers_of_a_channel_both_hear_and_one_may_leave(
    broadcast: Broadcast,
) -> None:
    async with broadcast.subscribe("a") as first:
        assert await _next(first) == GAP
        async with broadcast.subscribe("a") as second:
            await broadcast.publish("a", "1")
            assert (await _next(first), await _next(second)) == ("1", "1")
        await broadcast.publish("a", "2")
        assert await _next(first) == "2"


async def test_a_channel_left_and_joined_again_is_heard(broadcast: Broadcast) -> None:
    for _ in range(3):
        async with broadcast.subscribe("a") as subscriber:
            await broadcast.publish("a", "1")
            assert await _next(subscriber) in {GAP, "1"}


async def test_a_redis_that_died_is_heard_again_after_a_gap(
    broadcast: Broadcast, redis_server: RedisServer
) -> None:
    async with broadcast.subscribe("a") as first, broadcast.subscribe("b") as second:
        assert [await _next(first), await _next(second)] == [GAP, GAP]
        for n in range(3):
            redis_server.wipe()
            assert [await _next(first), await _next(second)] == [GAP, GAP]
            await broadcast.publish("a", str(n))
            assert await _next(first) == str(n)


async def test_a_connection_that_is_cut_is_made_again(
    broadcast: Broadcast, redis_server: RedisServer
) -> None:
    async with broadcast.subscribe("a") as subscriber:
        assert await _next(subscriber) == GAP
        with redis.Redis.from_url(redis_server.url) as client:
            client.client_kill_filter(_type="pubsub")
        assert await _next(subscriber) == GAP


async def test_a_redis_that_hangs_is_noticed(
    redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch, until: Any
) -> None:
    monkeypatch.setattr("app.realtime.bus._ANSWER_TIMEOUT_S", 0.2)
    backend = RedisBackend(redis_server.url)
    async with Broadcast(backend=backend) as broadcast, broadcast.subscribe("a") as subscriber:
        assert await _next(subscriber) == GAP
        os.kill(redis_server.pid, signal.SIGSTOP)
        await until(lambda: backend._deafness._is_open)
        os.kill(redis_server.pid, signal.SIGCONT)
        assert await _next(subscriber) == GAP


async def test_a_start_without_redis_succeeds_and_redis_may_come_later(
    redis_server: RedisServer,
) -> None:
    redis_server.kill()
    async with Broadcast(backend=RedisBackend(redis_server.url)) as broadcast:
        await broadcast.publish("a", "lost, and nobody minds")
        async with broadcast.subscribe("a") as subscriber:
            redis_server.start()
            assert await _next(subscriber) == GAP


async def test_the_relays_bell_neither_waits_nor_fails(
    redis_server: RedisServer, caplog: pytest.LogCaptureFixture, until: Any
) -> None:
    async with Broadcast(backend=RedisBackend(redis_server.url)) as broadcast:
        relay_bell = RelayBell(broadcast)
        async with broadcast.subscribe(bell.RELAY_CHANNEL) as relay:
            assert await _next(relay) == GAP
            for _ in range(100):
                relay_bell.ring()
            assert await _next(relay) == ""
        redis_server.kill()
        for _ in range(100):
            relay_bell.ring()
            await asyncio.sleep(0.001)
        await until(lambda: any("bell could not be rung" in r.message for r in caplog.records))
        await relay_bell.aclose()
    assert len([r for r in caplog.records if "bell could not be rung" in r.message]) == 1


async def test_a_mailbox_keeps_the_newest_of_each_channel_and_every_gap() -> None:
    mailbox = Mailbox()
    for message in ("1", GAP, "2", "3"):
        mailbox.put("gap", message)
    for message in ("1", "2"):
        mailbox.put("a", message)
    mailbox.put("left", "1")
    mailbox.drop("left")
    assert [await mailbox.take(), await mailbox.take()] == [("gap", GAP), ("a", "2")]
    mailbox.put("a", "3")
    assert await mailbox.take() == ("a", "3")


async def test_nothing_is_left_of_a_bus_that_was_closed(redis_server: RedisServer) -> None:
    before = len(asyncio.all_tasks())
    async with (
        Broadcast(backend=RedisBackend(redis_server.url)) as broadcast,
        broadcast.subscribe("a") as subscriber,
    ):
        assert await _next(subscriber) == GAP
    await asyncio.sleep(0)
    assert len(asyncio.all_tasks()) == before


async def test_a_bus_closes_in_the_moment_in_which_its_connection_is_lost(
    redis_server: RedisServer,
) -> None:
    for turns in range(24):
        bus = RedisBackend(redis_server.url)
        await bus.connect()
        await bus.subscribe("a")
        assert (await bus.next_published()).message == GAP
        with redis.Redis.from_url(redis_server.url) as client:
            client.client_kill_filter(_type="pubsub")
        time.sleep(0.01)  # noqa: ASYNC251 - the loop must find the loss and the end together
        for _ in range(turns):
            await asyncio.sleep(0)
        async with asyncio.timeout(20):
            await bus.disconnect()
