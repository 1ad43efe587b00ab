"""How many messages wait in the broker, whichever it is."""

from typing import Any

from celery import Celery


def message_count(app: Celery) -> int:
    """Ask the broker how many messages wait for a worker.

    Raises:
        OperationalError: The broker is away; each kind of broker has further errors of its own.
    """
    with app.connection_for_read() as connection:
        connection.ensure_connection(max_retries=1, interval_start=0, timeout=3)
        channel: Any = connection.default_channel
        queue = app.amqp.queues[app.conf.task_default_queue]
        # Not passively: to kombu's Redis an empty queue is none.
        declared = channel.queue_declare(
            queue.name, durable=queue.durable, auto_delete=queue.auto_delete
        )
        return int(declared.message_count)
