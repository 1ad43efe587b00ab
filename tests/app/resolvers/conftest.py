"""A relay that does as it is told."""

from collections.abc import Callable

import pytest
import redis

from adapters import bell
from graph.ids import now_ms
from graph.outbox import Numbered, number_pending
from graph.runner import Graph

Relay = Callable[[], list[Numbered]]


@pytest.fixture
def relay(sync_graph: Graph, redis_url: str) -> Relay:
    """Number what is pending and ring the bells, once, as the relay does."""

    def relay() -> list[Numbered]:
        numbered = sync_graph.run(number_pending(100, now_ms(), now_ms() + 60_000))
        with redis.Redis.from_url(redis_url) as client:
            bell.ring(client, {c: each.position for each in numbered for c in each.channels})
        return numbered

    return relay
