"""`/metrics`: the figures of this process and of the graph, as Prometheus reads them."""

import asyncio
from collections.abc import Mapping
from typing import Final

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from starlette.requests import Request
from starlette.responses import Response

from app.metrics import REGISTRY, TASKS
from graph.errors import GraphError
from graph.health import Health, probe_health
from graph.runner import AsyncGraph

_PATIENCE_S: Final = 3.0
_GAUGES: Final[Mapping[str, str]] = {
    "nexus_neo4j_up": "Whether Neo4j answers; without it the figures of the graph are left out.",
    "nexus_relay_leads": "Whether a relay leads.",
    "nexus_outbox_pending": "Events that wait for their place.",
    "nexus_outbox_age_seconds": "How long the oldest of them has waited.",
    "nexus_jobs_open": "Jobs that are neither done nor given up: the true length of the queue.",
    "nexus_job_oldest_age_seconds": "For how long the oldest of them has been open.",
    "nexus_dead_letters": "Jobs and messages that were given up, deliveries to webhooks left out.",
    "nexus_webhooks_undelivered": "Deliveries that no receiver took, and were given up.",
    "nexus_worker_silence_seconds": "How long ago the most silent worker showed that it works; "
    "3600 at most, and without any.",
    "nexus_figures_lag_seconds": "How far the figures by the hour are behind.",
}


class Metrics:
    """Asks the graph anew for each scrape: every process tells the same of it."""

    def __init__(self, graph: AsyncGraph) -> None:
        self._graph = graph

    async def handle(self, _: Request) -> Response:
        """Tell what is known; without Neo4j that of the process alone."""
        figures = _figures(await self._probe())
        registry = CollectorRegistry()
        for name, value in figures.items():
            Gauge(name, _GAUGES[name], registry=registry).set(value)
        TASKS.set(len(asyncio.all_tasks()))
        body = generate_latest(registry) + generate_latest(REGISTRY)
        return Response(body, media_type=CONTENT_TYPE_LATEST)

    async def _probe(self) -> Health | None:
        try:
            async with asyncio.timeout(_PATIENCE_S):
                return await self._graph.run(probe_health())
        except (GraphError, TimeoutError):
            return None


def _figures(health: Health | None) -> dict[str, float]:
    if health is None:
        return {"nexus_neo4j_up": 0}
    return {
        "nexus_neo4j_up": 1,
        "nexus_relay_leads": health.leader is not None,
        "nexus_outbox_pending": health.pending_count,
        "nexus_outbox_age_seconds": health.pending_age_s,
        "nexus_jobs_open": health.open_count,
        "nexus_job_oldest_age_seconds": health.open_age_s,
        "nexus_dead_letters": health.given_up_count,
        "nexus_webhooks_undelivered": health.undelivered_count,
        "nexus_worker_silence_seconds": health.silent_s,
        "nexus_figures_lag_seconds": health.tally_age_s,
    }
