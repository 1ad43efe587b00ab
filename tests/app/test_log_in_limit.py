"""Passwords cannot be tried without end, in however many processes, nor while nobody counts."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import uuid4

import httpx
import pytest
from redis.asyncio import Redis

from adapters.settings import MediaSettings
from app.errors import RateLimited
from app.log_in_limit import LogInLimit
from app.main import build_app
from app.settings import AppSettings
from graph.errors import Unavailable
from graph.settings import GraphSettings
from local.ports import free_ports
from tests.app.client import Client

WINDOW_S = 60
_LOG_IN = """
mutation { logIn(input: {username: "alice", password: "a guess of a password"}) {
  userErrors { code } } }"""


@pytest.fixture
async def limit(redis_url: str) -> AsyncIterator[LogInLimit]:
    async with LogInLimit(redis_url, 3, WINDOW_S) as limit:
        yield limit


@pytest.fixture
def name() -> str:
    return f"Somebody_{uuid4().hex[:12]}"


async def test_a_name_is_tried_so_often_and_no_more(limit: LogInLimit, name: str) -> None:
    await asyncio.gather(*(limit.count(each) for each in (name, name.upper(), f" {name.lower()} ")))
    with pytest.raises(RateLimited) as caught:
        await limit.count(name)
    assert caught.value.extensions["code"] == "RATE_LIMITED"
    assert 0 < caught.value.extensions["retryAfter"] <= WINDOW_S
    await limit.count(f"{name}_else")


async def test_who_gets_in_begins_anew(limit: LogInLimit, name: str) -> None:
    for _ in range(2):
        for _ in range(3):
            await limit.count(name)
        await limit.forget(name)


async def test_attempts_are_forgotten_in_time_however_many_there_are(
    limit: LogInLimit, name: str, redis_url: str
) -> None:
    for _ in range(3):
        await limit.count(name)
    async with Redis.from_url(redis_url) as redis:
        keys = [key async for key in redis.scan_iter("nexus:log-in:*")]
        assert keys
        assert all([0 < await redis.ttl(key) <= WINDOW_S for key in keys])


async def test_while_redis_is_away_nobody_logs_in(
    settings: AppSettings,
    graph_settings: GraphSettings,
    media_settings: MediaSettings,
    alice: Client,
) -> None:
    """Who is logged in goes on, reading and writing."""
    (port,) = free_ports(1)
    away = settings.model_copy(update={"redis_url": f"redis://127.0.0.1:{port}/0"})
    app = build_app(away, graph_settings, media_settings)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://nexus") as http:
            refused = (await http.post("/graphql", json={"query": _LOG_IN})).json()
            assert refused["errors"][0]["extensions"]["code"] == "SERVICE_UNAVAILABLE"
            going_on = replace(alice, http=http)
            assert await going_on.data("{ me { id } }") == {"me": {"id": "u_alice"}}
            liked = await going_on.do(
                'mutation { like(subjectId: "p_1") { subject { id } userErrors { code } } }'
            )
            assert liked["subject"] == {"id": "p_1"}


async def test_nobody_is_let_in_by_a_redis_that_is_away(name: str) -> None:
    (port,) = free_ports(1)
    async with LogInLimit(f"redis://127.0.0.1:{port}/0", 3, WINDOW_S) as limit:
        with pytest.raises(Unavailable):
            await limit.count(name)
        await limit.forget(name)
