"""The Celery application is made so that nothing hangs and nothing but JSON is read."""

import pytest

from graph.events import Event, EventKind, jobs_of
from workers.broker import Channel, Transport
from workers.celery import app, make_app
from workers.settings import WorkerSettings

pytestmark = pytest.mark.unit


def test_every_job_that_an_event_may_ask_for_has_a_task() -> None:
    app.loader.import_default_modules()
    jobs = {job for kind in EventKind for job in jobs_of(Event("e_1", kind, 1, "u_1", "p_1"))}
    scheduled = {entry["task"] for entry in app.conf.beat_schedule.values()}
    assert jobs | scheduled <= set(app.tasks)


def test_the_broker_is_the_redis_unless_another_is_given() -> None:
    redis = WorkerSettings(redis_url="redis://somewhere/1")
    rabbit = WorkerSettings(broker_url="amqp://elsewhere")
    assert make_app(redis).conf.broker_url == "redis://somewhere/1"
    assert make_app(rabbit).conf.broker_url == "amqp://elsewhere"
    assert make_app(rabbit).conf.broker_transport_options == {}


def test_a_message_outlives_its_worker_and_never_the_longest_task() -> None:
    conf = app.conf
    assert conf.task_acks_late
    assert conf.task_reject_on_worker_lost
    assert conf.worker_prefetch_multiplier == 1
    assert conf.broker_transport_options["visibility_timeout"] > conf.task_time_limit
    assert conf.broker_connection_max_retries is None


@pytest.mark.parametrize("url", ["redis://:secret@host:1234/5", "rediss://:secret@host:1234/5"])
def test_a_channel_whose_connection_is_gone_says_so_as_a_lost_connection_does(url: str) -> None:
    connection = make_app(WorkerSettings(broker_url=url)).connection_for_write()
    assert isinstance(connection.transport, Transport)
    assert (connection.hostname, connection.port, connection.virtual_host) == ("host", 1234, "5")
    assert issubclass(ConnectionError, connection.connection_errors)

    channel = Channel.__new__(Channel)
    channel.connection = None  # type: ignore[assignment]  # as kombu leaves it
    with pytest.raises(ConnectionError):
        channel._connparams()


def test_only_json_is_read() -> None:
    assert list(app.conf.accept_content) == ["json"]


@pytest.mark.parametrize("field", WorkerSettings.model_fields.values())
def test_every_setting_is_described(field: object) -> None:
    assert getattr(field, "description", None)
