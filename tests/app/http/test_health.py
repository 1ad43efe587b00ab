import httpx

from adapters.settings import MediaSettings
from app.main import build_app
from app.settings import AppSettings
from graph.runner import Graph
from graph.settings import GraphSettings
from local.ports import free_ports
from tests.graph.world import run


async def test_a_process_lives_and_is_ready(http: httpx.AsyncClient, clean: None) -> None:  # noqa: ARG001
    assert (await http.get("/livez")).json() == {"status": "live"}
    ready = await http.get("/readyz")
    assert (ready.status_code, ready.json()) == (200, {"status": "ready", "neo4j": "ready"})


async def test_without_neo4j_a_process_lives_and_is_not_ready(
    settings: AppSettings, media_settings: MediaSettings
) -> None:
    (port,) = free_ports(1)
    away = GraphSettings(neo4j_uri=f"bolt://127.0.0.1:{port}", neo4j_timeout_s=0.3)
    app = build_app(settings, away, media_settings)
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://nexus") as http,
    ):
        assert (await http.get("/livez")).status_code == 200
        ready = await http.get("/readyz")
        assert (ready.status_code, ready.json()["status"]) == (503, "unavailable")
        document = 'mutation { logIn(input: {username: "x", password: "x"}) { accessToken } }'
        answer = (await http.post("/graphql", json={"query": document})).json()
    assert answer["errors"][0]["extensions"]["code"] == "SERVICE_UNAVAILABLE"


async def test_a_database_that_was_not_migrated_is_not_ready(
    http: httpx.AsyncClient,
    clean: None,  # noqa: ARG001
    sync_graph: Graph,
) -> None:
    run(sync_graph, "MATCH (c:Counter) DELETE c")
    assert (await http.get("/readyz")).status_code == 503
