import asyncio
from typing import Any

import pytest
from broadcaster import Broadcast

from app.realtime.buffer import Buffer
from app.realtime.hub import Hub, StreamLimits
from graph.streams import StreamEvent

pytestmark = pytest.mark.unit


class Applying:
    """A graph that shows a transaction's second event before its first, and stumbles at times."""

    def __init__(self) -> None:
        self.answers: list[Any] = [RuntimeError("a bug"), [6], [5, 6], []]

    async def run(self, statement: Any) -> Any:
        after = statement.parameters["after"]
        answer = self.answers.pop(0) if self.answers else []
        if isinstance(answer, Exception):
            raise answer
        return [_event(position) for position in answer if position > after]


def _event(position: int) -> StreamEvent:
    return StreamEvent(position, f"e_{position}", "PostCreated", 0, "u_1", "p_1", "p_1")


async def test_an_event_seen_without_a_bell_waits_for_those_before_it() -> None:
    async with Broadcast("memory://") as broadcast:
        hub = Hub(Applying(), broadcast, "a", 4, StreamLimits(poll_s=0.05))
        buffer = Buffer(10)
        hub.join(buffer)
        async with asyncio.timeout(10):
            assert [item.position for item in await buffer.take()] == [5, 6]
        assert hub.position == 6
        hub.leave(buffer)
        assert hub.is_deserted
        await hub.stop()
        assert not broadcast._subscribers
