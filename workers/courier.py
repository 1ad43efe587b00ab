"""Tell the world what was numbered: bells to subscribers, jobs and the tally to workers.

Numbering hands its batches over and goes on, so a Redis that hangs stops no event. What cannot
be delivered is dropped: subscribers poll, the sweep sends open jobs again, and the tally is run by
the clock, too.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from queue import Empty, Full, Queue
from typing import Any, Final

import structlog
from kombu.exceptions import OperationalError
from redis import Redis

from graph.outbox import Numbered
from graph.tally import TALLY
from workers import bells
from workers.origin import request_headers

log = structlog.get_logger(__name__)
_MOST_WAITING: Final = 100
_WAIT_S: Final = 0.5

Send = Callable[[str, Any, str | None], object]
"""Sends a job's name, what its task is given (an event's id or a slot) and the id of the request
that it follows from, if any, to the workers."""


class Courier:
    """Delivers batches of numbered events."""

    def __init__(self, redis: Redis, send: Send) -> None:
        self.redis = redis
        self.send = send
        self._waiting: Queue[Sequence[Numbered]] = Queue(_MOST_WAITING)

    def take(self, batch: Sequence[Numbered]) -> None:
        """Accept a batch without waiting; one too many is dropped."""
        try:
            self._waiting.put_nowait(batch)
        except Full:
            log.warning("batch not told", events=len(batch))

    def step(self) -> None:
        """Deliver what waits, or wait a moment for something.

        Raises:
            OperationalError: The broker is away; the rest of these jobs is left to the sweep.
        """
        with suppress(Empty):
            self._deliver([*self._waiting.get(timeout=_WAIT_S), *self._rest()])

    def flush(self) -> None:
        """Deliver what waits, if the broker is there."""
        with suppress(OperationalError):
            self._deliver(list(self._rest()))

    def _rest(self) -> Iterable[Numbered]:
        while not self._waiting.empty():
            yield from self._waiting.get_nowait()

    def _deliver(self, events: Sequence[Numbered]) -> None:
        newest = {channel: each.position for each in events for channel in each.channels}
        if newest:
            bells.ring(self.redis, newest)
        if events:
            send_job(self.send, TALLY, events[-1].event_id)
        for each in events:
            for job in each.jobs:
                send_job(self.send, job, each.event_id, each.request_id)


def send_job(send: Send, name: str, argument: str | int, request_id: str | None = None) -> None:
    """Send one job, and tell of it; an error that is the job's own stops no other.

    Raises:
        OperationalError: The broker is away.
    """
    what = "slot" if isinstance(argument, int) else "event_id"
    about = {"task": name, what: argument, **request_headers(request_id)}
    try:
        send(name, argument, request_id)
    except OperationalError:
        raise
    except Exception:
        log.exception("job not sent", **about)
    else:
        log.info("job sent", **about)
