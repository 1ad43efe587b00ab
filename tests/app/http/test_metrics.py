"""What machines that watch Nexus are told."""

import asyncio

import httpx
from prometheus_client.parser import text_string_to_metric_families

from adapters.settings import MediaSettings
from app.main import build_app
from app.metrics import DELIVERIES
from app.settings import AppSettings
from graph.dead_letters import LostMessage, bury
from graph.runner import Graph
from graph.settings import GraphSettings
from graph.viewer import Role
from local.ports import free_ports
from tests.app.client import Client
from tests.graph.world import run

HEALTH = """
{ admin { health {
  problems redis relay { leader pendingEvents lagS } jobs { open oldestAgeS oldestJob }
  workers { name seenAt silent } figures { lagS reconciledAt drifts } deadLetters asOf
} } }
"""


async def _scrape(http: httpx.AsyncClient) -> dict[str, float]:
    answer = await http.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    return {
        sample.name: sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


async def test_the_figures_of_graph_and_process_are_told(
    http: httpx.AsyncClient, client: Client, sync_graph: Graph
) -> None:
    run(sync_graph, "CREATE (:Event {id: 'e_1', pending: 'e_1', occurred_at: timestamp() - 9000})")
    run(sync_graph, "CREATE (:Job {key: 'k', name: 'n', open_since: timestamp() - 5000})")
    sync_graph.run(bury(LostMessage("e_1:x", "x", "e_1", "[]", "x", "x"), 1))
    before = (await _scrape(http))["nexus_deliveries_total"]
    DELIVERIES.inc()

    found = await _scrape(http)

    assert 9 <= found.pop("nexus_outbox_age_seconds") < 60
    assert 9 <= found.pop("nexus_figures_lag_seconds") < 60
    assert 5 <= found.pop("nexus_job_oldest_age_seconds") < 60
    assert {name: value for name, value in found.items() if not name.endswith("_created")} == {
        "nexus_neo4j_up": 1,
        "nexus_relay_leads": 0,
        "nexus_outbox_pending": 1,
        "nexus_jobs_open": 1,
        "nexus_dead_letters": 1,
        "nexus_webhooks_undelivered": 0,
        "nexus_worker_silence_seconds": 3600,
        "nexus_deliveries_total": before + 1,
        "nexus_stream_gaps_total": found["nexus_stream_gaps_total"],
        "nexus_tasks": found["nexus_tasks"],
    }
    sleepers = [asyncio.create_task(asyncio.sleep(60)) for _ in range(100)]
    assert (await _scrape(http))["nexus_tasks"] > found["nexus_tasks"] + 50
    for sleeper in sleepers:
        sleeper.cancel()
    await asyncio.wait(sleepers)

    run(sync_graph, "MATCH (u:User {id: 'u_alice'}) SET u.role = 'ADMIN'")
    admin = client.as_("alice", Role.ADMIN)
    health = (await admin.data(HEALTH))["admin"]["health"]
    assert health["problems"] == ["NO_RELAY", "WORKERS_SILENT", "DEAD_LETTERS"]
    assert health["relay"]["leader"] is None
    assert health["relay"]["pendingEvents"] == health["jobs"]["open"] == 1
    assert health["jobs"]["oldestJob"] == "n"
    assert health["figures"]["lagS"] >= 9
    assert (health["figures"]["reconciledAt"], health["figures"]["drifts"]) == (None, 0)
    assert health["redis"] is True
    run(sync_graph, "MATCH (u:User {id: 'u_alice'}) SET u.role = 'MODERATOR'")
    assert await client.as_("alice", Role.MODERATOR).code(HEALTH) == "FORBIDDEN"


async def test_without_neo4j_the_process_tells_of_itself(
    settings: AppSettings, media_settings: MediaSettings
) -> None:
    (port,) = free_ports(1)
    away = GraphSettings(neo4j_uri=f"bolt://127.0.0.1:{port}", neo4j_timeout_s=0.3)
    app = build_app(settings, away, media_settings)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://nexus") as http,
    ):
        found = await _scrape(http)
    assert found["nexus_neo4j_up"] == 0
    assert "nexus_jobs_open" not in found
    assert "nexus_deliveries_total" in found
