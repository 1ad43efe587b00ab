"""The queues of the broker, whichever it is.

What waits for servers of strangers has a queue, and workers, of its own: whoever lets us wait
delays nothing of ours. Figures by the hour and schedules have a queue of their own, too, from
which the same workers take in turns with that of jobs: however many wait, these wait for those
under way. Heartbeats are told to every worker, whatever its queues.
"""

from collections.abc import Mapping
from typing import Any, Final

from celery import Celery
from kombu import Exchange, Queue

from graph.deliveries import WEBHOOK
from graph.tally import TALLY

QUEUE: Final = "nexus"
"""Of all jobs but those that have another."""
DELIVERIES: Final = "nexus-deliveries"
FIGURES: Final = "nexus-figures"
APART: Final[Mapping[str, str]] = {
    WEBHOOK: DELIVERIES,
    TALLY: FIGURES,
    "warm": FIGURES,
    "reconcile": FIGURES,
    "prune": FIGURES,
    "prune_media": FIGURES,
}
"""Tasks that have another queue, and which."""
QUEUES: Final = (QUEUE, *sorted({*APART.values()}))
"""All queues; a worker that is told none takes from each."""
HEARTBEATS: Final = Exchange("nexus-heartbeats", "fanout")
TO_EVERY_WORKER: Final[Mapping[str, Any]] = {
    "exchange": HEARTBEATS,
    "exchange_type": HEARTBEATS.type,
    "routing_key": HEARTBEATS.name,
    "declare": [HEARTBEATS],
}
"""How a message comes into each worker's `heartbeats_of`."""


def heartbeats_of(worker: str) -> Queue:
    """Give the queue in which a worker finds each heartbeat; it goes with the worker.

    Nothing is acknowledged: what a worker that is busy has not done yet counts for none of the
    messages that it may hold, and so waits for those under way alone.
    """
    name = f"{HEARTBEATS.name}.{worker}"
    return Queue(name, HEARTBEATS, HEARTBEATS.name, auto_delete=True, no_ack=True)


def message_count(app: Celery, queue: str) -> int:
    """Ask the broker how many messages of a queue wait for a worker.

    Raises:
        OperationalError: The broker is away; each kind of broker has further errors of its own.
    """
    with app.connection_for_read() as connection:
        connection.ensure_connection(max_retries=1, interval_start=0, timeout=3)
        channel: Any = connection.default_channel
        known = app.amqp.queues[queue]
        # Not passively: to kombu's Redis an empty queue is none.
        declared = channel.queue_declare(
            known.name, durable=known.durable, auto_delete=known.auto_delete
        )
        return int(declared.message_count)
