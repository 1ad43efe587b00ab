"""The Celery application: `celery -A workers.celery worker`, and `… beat`.

A message is only a word that a job waits in the graph, so it may be lost or doubled; what
matters here is that nothing hangs and that a worker finds its broker again by itself.
"""

import atexit
import os
import shutil
import tempfile
from typing import Any, Final

from celery import Celery
from celery.signals import setup_logging
from kombu import Exchange, Queue
from kombu.transport import TRANSPORT_ALIASES

from adapters.settings import MediaSettings
from graph.health import HEARTBEAT, HEARTBEAT_EVERY_S
from graph.settings import GraphSettings, load
from graph.tally import TALLY
from workers import logs
from workers.queues import APART, QUEUE, QUEUES, TO_EVERY_WORKER
from workers.schedules import NEVER, Slots, beat_schedule
from workers.settings import WorkerSettings

TASKS: Final = (
    "workers.notify",
    "workers.thumbnail",
    "workers.webhook",
    "workers.tally",
    "workers.reconcile",
    "workers.warm",
    "workers.prune",
    "workers.prune_media",
    "workers.bury",
    "workers.heartbeat",
)
_TASK_LIMIT_S: Final = 45
_TALLY_EVERY_S: Final = 5
STATEMENTS_LIMIT_S: Final = 20
"""Limit of a task that is a few statements, each with its own deadline: so long a job waits for
the next attempt when a machine is lost."""
_PRUNE_EVERY_MIN: Final = 1
_PRUNE_MEDIA_EVERY_MIN: Final = 5
_WARM_EVERY_MIN: Final = 1
_RECONCILE_EVERY_MIN: Final = 1
NIGHT: Final = Slots(86_400, 3 * 3_600)
"""Rounds of reconciliation begin at three at night; they go on in slots of their own."""
_FIGURES: Final = "PROMETHEUS_MULTIPROC_DIR"
"""Where processes of a worker leave their figures; `workers.metrics` is imported after this."""
SCHEDULES: Final = {
    "warm": Slots(_WARM_EVERY_MIN * 60),
    "reconcile": Slots(_RECONCILE_EVERY_MIN * 60),
    "prune": Slots(_PRUNE_EVERY_MIN * 60),
    "prune_media": Slots(_PRUNE_MEDIA_EVERY_MIN * 60),
}
"""Scheduled tasks, each a `ScheduledTask`, and when."""
_CLOCKED: Final[dict[str, dict[str, Any]]] = {
    HEARTBEAT: {"task": HEARTBEAT, "schedule": HEARTBEAT_EVERY_S, "last_run_at": NEVER},
    "tally": {
        "task": TALLY,
        "schedule": _TALLY_EVERY_S,
        "options": {"expires": _TALLY_EVERY_S},
        "last_run_at": NEVER,
    },
}
"""Tasks that go on from where they stand, so that one more or one less of them is all the same."""
_REDIS_OPTIONS: Final[dict[str, Any]] = {
    "visibility_timeout": _TASK_LIMIT_S + 15,
    "unacked_restore_interval": 2,
    "unacked_restore_throttle": 1,
    "socket_timeout": 3,
    "socket_connect_timeout": 3,
}


def make_app(settings: WorkerSettings) -> Celery:
    """Make the application for a broker."""
    app = Celery("nexus", broker=settings.broker, include=TASKS)
    app.conf.update(
        task_default_queue=QUEUE,
        task_queues=[Queue(name, Exchange(name), routing_key=name) for name in QUEUES],
        task_routes={name: {"queue": queue} for name, queue in APART.items()}
        | {HEARTBEAT: TO_EVERY_WORKER},
        task_serializer="json",
        accept_content=["json"],
        task_ignore_result=True,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_time_limit=_TASK_LIMIT_S,
        task_publish_retry_policy={"max_retries": 1, "interval_start": 0},
        worker_prefetch_multiplier=1,
        worker_consumer="workers.consumer:Consumer",
        worker_concurrency=settings.worker_concurrency,
        nexus_metrics_port=settings.metrics_port,
        # A task under way has its attempt, and closes its job, in the graph: it needs no broker.
        worker_cancel_long_running_tasks_on_connection_loss=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_connection_timeout=3,
        broker_transport_options=_REDIS_OPTIONS if settings.broker.startswith("redis") else {},
        beat_scheduler="celery.beat:Scheduler",  # slots follow the clock: no file remembers them
        beat_schedule=beat_schedule(SCHEDULES) | _CLOCKED,
    )
    return app


TRANSPORT_ALIASES.update(dict.fromkeys(("redis", "rediss"), "workers.broker:Transport"))
setup_logging.connect(logs.configure)
# Here a wrong setting ends the worker; in a process that the worker forks it would not.
load(GraphSettings)
load(MediaSettings)
app = make_app(load(WorkerSettings))
if app.conf.nexus_metrics_port and _FIGURES not in os.environ:
    os.environ[_FIGURES] = tempfile.mkdtemp(prefix="nexus-figures-")
    atexit.register(shutil.rmtree, os.environ[_FIGURES], ignore_errors=True)
