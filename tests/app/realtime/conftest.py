import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from app.__main__ import server_options
from app.http.stream import StreamEndpoint
from app.realtime import connection, event_stream
from app.realtime.endpoint import GraphQLSocket
from app.realtime.limits import SocketLimits
from app.settings import AppSettings
from local.ports import free_ports
from local.redis import RedisServer
from tests.app.realtime.chat import ChatOperations, Doorkeeper

Until = Callable[[Callable[[], bool]], Awaitable[None]]


@pytest.fixture(scope="session")
def until() -> Until:
    async def wait(is_so: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not is_so():  # noqa: ASYNC110 - what is waited for knows of no event
                await asyncio.sleep(0.01)

    return wait


@asynccontextmanager
async def serving(endpoint: Any, **others: Any) -> AsyncIterator[str]:
    """Serve an application or an endpoint with uvicorn in this process; give its address."""
    is_stream = isinstance(endpoint, StreamEndpoint)
    route = Route if is_stream else WebSocketRoute
    is_whole = isinstance(endpoint, Starlette)
    app = endpoint if is_whole else Starlette(routes=[route("/graphql", endpoint)])
    patient = {"ws_ping_interval": 600.0}  # or a test that reads nothing would be hung up on
    options = server_options(AppSettings(env="development")) | patient | others
    config = uvicorn.Config(app, lifespan="off", log_config=None, **options)
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        serve = asyncio.create_task(server.serve([listener]))
        while not server.started:  # noqa: ASYNC110 - uvicorn tells it in no other way
            await asyncio.sleep(0.01)
        scheme = "http" if is_stream else "ws"
        yield f"{scheme}://127.0.0.1:{listener.getsockname()[1]}/graphql"
        server.should_exit = True
        await serve


@pytest.fixture(scope="session")
def serve() -> Callable[..., AbstractAsyncContextManager[str]]:
    return serving


@pytest.fixture
def no_timers(monkeypatch: pytest.MonkeyPatch) -> SocketLimits:
    """Limits with which nothing that `until` sees can come of a server's timer."""
    for module in (connection, event_stream):
        monkeypatch.setattr(module, "_FAREWELL_S", 600.0)
    return SocketLimits(init_timeout_s=600, keep_alive_s=600, send_timeout_s=600)


@pytest.fixture
def short_farewell(monkeypatch: pytest.MonkeyPatch, no_timers: SocketLimits) -> SocketLimits:
    """Limits with which a client that does not read can only be dropped by the end of its login."""
    for module in (connection, event_stream):
        monkeypatch.setattr(module, "_FAREWELL_S", 0.2)
    return no_timers


@pytest.fixture
def operations() -> ChatOperations:
    return ChatOperations()


@pytest.fixture
def doorkeeper() -> Doorkeeper:
    return Doorkeeper()


class Front:
    """What one server serves for many tests, one by one: starting takes longer than they do."""

    url: str
    endpoint: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.endpoint(scope, receive, send)


@pytest.fixture(scope="module")
async def front() -> AsyncIterator[Front]:
    front = Front()
    async with serving(front) as front.url:
        yield front


@pytest.fixture
def url(front: Front, operations: ChatOperations, doorkeeper: Doorkeeper) -> str:
    front.endpoint = GraphQLSocket(operations, doorkeeper)
    return front.url


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[RedisServer]:
    """A Redis of the test's own, to be killed as it likes."""
    server = RedisServer(tmp_path / "redis", free_ports(1)[0])
    server.start()
    server.wait_ready()
    yield server
    server.kill()
