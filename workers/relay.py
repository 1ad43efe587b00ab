"""The relay: `python -m workers.relay` gives every event its place and tells who waits for it.

Loops in threads of their own: one hears the relay's bell, one numbers, one tells, one for each
queue sends open jobs again, one keeps the lease. None waits for another, so Redis away stops no
numbering, and Neo4j away stops nothing for good. Any number of relays may run; the one that has the
lease numbers and sends again, the others stand by.
"""

import signal
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from threading import Event, Thread
from typing import Final

import structlog
from celery import Celery

from graph.ids import now_ms
from graph.outbox import number_pending
from graph.runner import Graph
from graph.settings import GraphSettings, load
from workers import bells, logs
from workers.celery import make_app
from workers.courier import Courier, Send
from workers.leadership import Leadership
from workers.loops import keep_going
from workers.metrics import NUMBERED, serve
from workers.origin import request_headers
from workers.queues import QUEUES, message_count
from workers.relay_figures import RelayCollector
from workers.settings import WorkerSettings
from workers.sweep import Sweeper

log = structlog.get_logger(__name__)
_ENDING: Final = (signal.SIGTERM, signal.SIGINT)


class Relay:
    """Numbers events, and hands over what was numbered."""

    def __init__(self, graph: Graph, settings: WorkerSettings, courier: Courier) -> None:
        self.graph = graph
        self.settings = settings
        self.courier = courier
        self.wake = Event()
        self.stop = Event()

    def step(self) -> None:
        """Number all that is pending, then wait for the bell or the poll interval."""
        self.wake.clear()
        while self.number() and not self.stop.is_set():
            pass
        self.wake.wait(self.settings.relay_poll_s)

    def number(self) -> int:
        """Number one batch, hand it over, and give how many events it held."""
        now = now_ms()
        due_at = now + int(self.settings.job_resend_after_s * 1000)
        batch = self.graph.run(number_pending(self.settings.relay_batch_size, now, due_at))
        if batch:
            NUMBERED.inc(len(batch))
            self.courier.take(batch)
        return len(batch)

    def halt(self) -> None:
        """End the loops once their current steps are done."""
        self.stop.set()
        self.wake.set()


def sender(app: Celery) -> Send:
    """Give what sends a job to an application's broker."""

    def send(name: str, argument: str | int, request_id: str | None) -> None:
        app.send_task(name, args=[argument], headers=request_headers(request_id))

    return send


def start(relay: Relay, sweepers: Sequence[Sweeper], leadership: Leadership) -> list[Thread]:
    """Start the relay's loops, each in its thread."""
    steps = {
        "listen": partial(bells.listen, relay.courier.redis, relay.wake, relay.stop),
        "lead": leadership.step,
        "number": partial(leadership.lead, relay.step),
        "tell": relay.courier.step,
        **{f"sweep {each.queue}": partial(leadership.lead, each.step) for each in sweepers},
    }
    threads = [
        Thread(target=keep_going, args=(name, step, relay.stop), name=name)
        for name, step in steps.items()
    ]
    for thread in threads:
        thread.start()
    return threads


def main() -> int:
    """Run until SIGTERM or SIGINT, then finish the step at hand."""
    settings, graph_settings = load(WorkerSettings), load(GraphSettings)
    logs.configure()
    # Signals are awaited, not handled: a handler could not touch what its thread holds locked.
    signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
    with ExitStack() as stack:
        graph = stack.enter_context(Graph(graph_settings))
        redis = stack.enter_context(bells.connect(settings.redis_url))
        app = make_app(settings)
        relay = Relay(graph, settings, Courier(redis, sender(app)))
        leadership = Leadership(graph, settings.relay_lease_s, relay.stop)
        send, waiting = relay.courier.send, partial(message_count, app)
        sweepers = [Sweeper(graph, settings, send, waiting, relay.stop, queue) for queue in QUEUES]
        serve(app, RelayCollector(graph, leadership))
        threads = start(relay, sweepers, leadership)
        log.info("relay started", neo4j=graph.settings.neo4j_uri)
        signal.sigwait(_ENDING)
        relay.halt()
        for thread in threads:
            thread.join()
        leadership.release()
        relay.courier.flush()
    log.info("relay stopped")
    return 0


if __name__ == "__main__":
    sys.exit(main())
