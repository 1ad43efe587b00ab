"""What workers, relay and beat count, for machines that watch them: each serves its own port.

Tasks run in processes of their own, which leave their figures in files of one directory
(`PROMETHEUS_MULTIPROC_DIR`); the worker adds them up for each scrape. `workers.celery` names that
directory before this module is first imported, as prometheus_client asks for.
"""

from collections.abc import Iterator
from typing import Any, Final

import structlog
from celery import Celery
from celery.signals import after_task_publish, beat_init, worker_ready
from prometheus_client import CollectorRegistry, Counter, Histogram, start_http_server
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from workers.queues import QUEUES, message_count

log = structlog.get_logger(__name__)
_ADDRESS: Final = "0.0.0.0"  # noqa: S104 - figures are for other machines; the port is off by default
TASK_SECONDS: Final = Histogram(
    "nexus_task_seconds",
    "How long tasks ran, by what came of it: done, failed, or outage.",
    ("task", "outcome"),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
DEATHS: Final = Counter("nexus_jobs_died", "Jobs that were given up.", ("task",))
SENT: Final = Counter(
    "nexus_messages_sent", "Messages that the process sent to the broker, by task.", ("task",)
)
NUMBERED: Final = Counter("nexus_events_numbered", "Events that the relay gave their place.")


class QueueCollector(Collector):
    """How many messages wait in each queue; nothing while the broker is away."""

    def __init__(self, app: Celery) -> None:
        self._app = app

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Ask the broker."""
        try:
            waiting = {name: message_count(self._app, name) for name in QUEUES}
        except Exception as error:  # noqa: BLE001 - each broker has errors of its own
            log.warning("length of the queues not known", error=repr(error))
            return
        family = GaugeMetricFamily(
            "nexus_queue_messages",
            "Messages that wait in the broker; each is but a word that a job waits.",
            labels=["queue"],
        )
        for name, count in waiting.items():
            family.add_metric([name], count)
        yield family


def serve(app: Celery, *collectors: Collector) -> None:
    """Serve what a process and its children count, and what is asked for at each scrape.

    Without a port nothing is served; one that is taken is told, and stops nothing else.
    """
    port = app.conf.nexus_metrics_port
    if not port:
        return
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    for collector in collectors:
        registry.register(collector)
    try:
        start_http_server(port, _ADDRESS, registry)
    except OSError as error:
        log.error("figures not served", port=port, error=repr(error))  # noqa: TRY400 - it is told
        return
    log.info("figures served", port=port)


@worker_ready.connect
def _serve_worker(sender: Any, **_: Any) -> None:
    serve(sender.app, QueueCollector(sender.app))


@beat_init.connect
def _serve_beat(sender: Any, **_: Any) -> None:
    serve(sender.app)


@after_task_publish.connect
def _count_sent(sender: str, **_: Any) -> None:
    SENT.labels(sender).inc()
