"""What an API process counts, for machines that watch it."""

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge

REGISTRY: Final = CollectorRegistry()
DELIVERIES: Final = Counter(
    "nexus_deliveries",
    "Events that subscribers of this process were told.",
    registry=REGISTRY,
)
GAPS: Final = Counter(
    "nexus_stream_gaps",
    "Subscribers of this process that came back after their history was pruned.",
    registry=REGISTRY,
)
TASKS: Final = Gauge(
    "nexus_tasks",
    "What this process has under way at once: requests, subscribers and what serves them.",
    registry=REGISTRY,
)
"""Counted when it is asked for."""
