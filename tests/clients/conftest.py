"""The API and the relay as processes, and people who talk to each other through them."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
import redis

from app.tokens import Tokens
from graph.runner import Graph
from graph.viewer import Viewer
from local.ephemeral import Servers
from local.ports import free_ports
from local.services import processes
from tests.app.client import Client
from tests.clients.line import Line
from tests.clients.scripts import PATIENCE_S, NotInstalled, Script, install, lay_out
from tests.graph.world import empty, seed

SECRET: Final = "a-secret-of-the-clients-that-is-long-enough"
_POST: Final = """
mutation { createPost(input: {text: "talk"}) { post { id } userErrors { message } } }
"""
_COMMENT: Final = """
mutation ($postId: ID!, $text: String!) { createComment(input: {postId: $postId, text: $text}) {
  comment { id } userErrors { message }
} }
"""


@dataclass(frozen=True)
class Nexus:
    """A running Nexus: its port, and what its API wrote to its log."""

    port: int
    log: Path


@dataclass(frozen=True)
class Talk:
    """A post of alice's that bob comments on."""

    alice: Client
    bob: Client
    post_id: str
    line: Line

    def short_token(self, seconds: int) -> str:
        """Give a token of alice's that expires soon."""
        return Tokens(SECRET, seconds, 900).access(Viewer("u_alice", "s_alice"))

    def script(self, path: Path, *arguments: str, token: str | None = None, **more: str) -> Script:
        """Give a program that is alice, unless it is given another token."""
        url = f"http://127.0.0.1:{self.line.port}/graphql"
        token = token or self.alice.token or ""
        return Script(path, *arguments, url=url, token=token, post=self.post_id, **more)

    async def say(self, *texts: str) -> None:
        for text in texts:
            await self.bob.do(_COMMENT, postId=self.post_id, text=text)

    async def say_told(self, text: str) -> None:
        """Say something, and wait until streams tell it."""
        before = await self._newest()
        await self.say(text)
        async with asyncio.timeout(PATIENCE_S):
            while True:
                if await self._newest() != before:
                    return
                await asyncio.sleep(0.02)

    async def _newest(self) -> Any:
        return await self.bob.data("{ streamCursor }")


@pytest.fixture(scope="module")
def nexus(
    servers: Servers,
    sync_graph: Graph,
    redis_url: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Nexus]:
    empty(sync_graph)
    with redis.Redis.from_url(redis_url) as client:
        client.flushall()
    seed(sync_graph)
    folder = tmp_path_factory.mktemp("nexus")
    (port,) = free_ports(1)
    environment = {
        "NEXUS_NEO4J_URI": servers.neo4j_uri,
        "NEXUS_NEO4J_USER": servers.neo4j_user,
        "NEXUS_NEO4J_PASSWORD": servers.neo4j_password,
        "NEXUS_REDIS_URL": servers.redis_url,
        "NEXUS_NEO4J_TIMEOUT_S": str(PATIENCE_S),
        "NEXUS_JWT_SECRET": SECRET,
        "NEXUS_MEDIA_DIR": str(folder / "media"),
    }
    running = [each for each in processes(environment, port) if each.name in ("api", "relay")]
    with ExitStack() as stack:
        for process in running:
            process.log = folder / f"{process.name}.log"
            process.start()
            stack.callback(process.kill)
        for process in running:
            process.wait_ready()
        yield Nexus(port, folder / "api.log")


@pytest.fixture
async def talk(nexus: Nexus) -> AsyncIterator[Talk]:
    address = f"http://127.0.0.1:{nexus.port}"
    async with (
        httpx.AsyncClient(base_url=address, timeout=PATIENCE_S) as http,
        Line(nexus.port) as line,
    ):
        one = Client(http, Tokens(SECRET, 900, 900))
        post = (await one.as_("alice").do(_POST))["post"]
        yield Talk(one.as_("alice"), one.as_("bob"), post["id"], line)
    assert "Traceback" not in nexus.log.read_text()


@pytest.fixture(scope="session")
def scripts(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder where the scripts stand beside the packages of npm."""
    try:
        packages = install(servers.cache_dir)
    except NotInstalled as reason:
        pytest.skip(str(reason))
    return lay_out(tmp_path_factory.mktemp("clients"), packages)
