"""The application as it is deployed, on the servers of the test run."""

from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette

from adapters.settings import MediaSettings
from app.execution import Executor
from app.main import build_app
from app.settings import AppSettings
from app.tokens import Tokens
from graph.runner import AsyncGraph, Graph
from graph.settings import GraphSettings
from local.ephemeral import Servers
from tests.app.client import Client
from tests.graph.world import seed

SECRET = "a-secret-of-the-tests-that-is-long-enough"


@pytest.fixture(scope="session")
def settings(servers: Servers) -> AppSettings:
    return AppSettings.model_validate(
        {
            "env": "production",
            "jwt_secret": SECRET,
            "webhook_key": SECRET,
            "redis_url": servers.redis_url,
            "log_in_attempts": 1_000,
            "warm_up_s": 0,
            "assets_dir": servers.assets_dir,
            "allowed_origins": ["https://friend.example"],
            "max_body_bytes": 100_000,
        }
    )


@pytest.fixture(scope="session")
def tokens() -> Tokens:
    return Tokens(SECRET, 900, 86_400)


@pytest.fixture(scope="session")
def media_settings(tmp_path_factory: pytest.TempPathFactory) -> MediaSettings:
    directory = tmp_path_factory.mktemp("media")
    return MediaSettings(media_dir=directory, max_image_pixels=1_000_000)


@pytest.fixture(scope="session")
async def app(
    settings: AppSettings, graph_settings: GraphSettings, media_settings: MediaSettings
) -> AsyncIterator[Starlette]:
    app = build_app(settings, graph_settings, media_settings)
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture(scope="session")
def app_graph(app: Starlette) -> AsyncGraph:
    """The application's own connection to Neo4j, which counts its statements."""
    (readyz,) = (route for route in app.routes if getattr(route, "path", "") == "/readyz")
    graph: AsyncGraph = readyz.endpoint.__self__._graph  # type: ignore[attr-defined]
    return graph


@pytest.fixture(scope="session")
def executor(app: Starlette) -> Executor:
    (graphql, *_) = (route for route in app.routes if getattr(route, "path", "") == "/graphql")
    executor: Executor = graphql.endpoint.__self__._executor  # type: ignore[attr-defined]
    return executor


@pytest.fixture(scope="session")
async def http(app: Starlette) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://nexus") as http:
        yield http


@pytest.fixture
def nobody(http: httpx.AsyncClient, tokens: Tokens, clean: None) -> Client:  # noqa: ARG001
    """A client without a token, before an empty database."""
    return Client(http, tokens)


@pytest.fixture
def client(nobody: Client, sync_graph: Graph) -> Client:
    """A client without a token, before the small world."""
    seed(sync_graph)
    return nobody


@pytest.fixture
def alice(client: Client) -> Client:
    return client.as_("alice")


@pytest.fixture
def bob(client: Client) -> Client:
    return client.as_("bob")


@pytest.fixture
def carol(client: Client) -> Client:
    return client.as_("carol")
