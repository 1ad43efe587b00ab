"""The task `heartbeat`, which comes to every worker: one that does it and reaches Neo4j shows it.

A worker is known from its start until it stops in good order, so that one that takes nothing, or
was killed, is missed.
"""

from threading import Thread
from typing import Any, Final

import structlog
from celery.signals import celeryd_after_setup, worker_ready, worker_shutdown

from graph.errors import Unavailable
from graph.health import HEARTBEAT, forget_heartbeat, note_heartbeat
from graph.ids import now_ms
from graph.runner import Graph
from graph.settings import GraphSettings
from graph.statement import Statement
from workers.celery import STATEMENTS_LIMIT_S, app
from workers.connected import ConnectedTask
from workers.queues import heartbeats_of

log = structlog.get_logger(__name__)
_PATIENCE_S: Final = 6.0


@app.task(
    name=HEARTBEAT,
    base=ConnectedTask,
    bind=True,
    time_limit=STATEMENTS_LIMIT_S,
    acks_late=False,
    reject_on_worker_lost=False,
)
def heartbeat(self: ConnectedTask) -> None:
    """Note that this worker works."""
    self.graph.run(note_heartbeat(self.request.hostname or "?", now_ms()))


@celeryd_after_setup.connect
def _listen(sender: str, instance: Any, **_: Any) -> None:
    """Take heartbeats whatever `--queues` says."""
    instance.app.amqp.queues.select_add(heartbeats_of(sender))


@worker_ready.connect
def _appear(sender: Any, **_: Any) -> None:
    _tell(note_heartbeat(sender.hostname, now_ms()))


@worker_shutdown.connect
def _leave(sender: Any, **_: Any) -> None:
    _tell(forget_heartbeat(sender.hostname)).join(_PATIENCE_S)


def _tell(statement: Statement[None]) -> Thread:
    """Run a statement in the worker's parent process, which waits for no Neo4j that hangs."""

    def run() -> None:
        try:
            with Graph(GraphSettings()) as graph:
                graph.run(statement)
        except Unavailable:
            log.warning("worker not noted")

    thread = Thread(target=run, daemon=True)
    thread.start()
    return thread
