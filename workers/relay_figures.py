"""What a relay tells of itself and of the outbox when it is asked."""

from collections.abc import Iterator
from typing import Final

import structlog
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from graph.errors import Unavailable
from graph.health import probe_health
from graph.runner import Graph
from workers.leadership import Leadership

log = structlog.get_logger(__name__)
RELAY_FIGURES: Final = {
    "nexus_relay_holds_lease": "Whether this relay leads.",
    "nexus_outbox_pending": "Events that wait for their place.",
    "nexus_outbox_age_seconds": "How long the oldest of them has waited.",
}


class RelayCollector(Collector):
    """Asks whether this relay leads, and what waits for whichever does."""

    def __init__(self, graph: Graph, leadership: Leadership) -> None:
        self._graph = graph
        self._leadership = leadership

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Give the figures; those of the outbox not while Neo4j is away."""
        found: dict[str, float] = {"nexus_relay_holds_lease": self._leadership.holds()}
        try:
            health = self._graph.run(probe_health())
        except Unavailable:
            log.warning("outbox not known")
        else:
            found["nexus_outbox_pending"] = health.pending_count
            found["nexus_outbox_age_seconds"] = health.pending_age_s
        for name, value in found.items():
            yield GaugeMetricFamily(name, RELAY_FIGURES[name], value=value)
