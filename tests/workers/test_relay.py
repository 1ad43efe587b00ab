"""The relay numbers what is pending, rings, and sends; and ends when it is told to."""

import threading
from collections.abc import Callable, Iterator

import pytest
from redis import Redis

from adapters.bell import RELAY_CHANNEL, channel_of
from graph.events import EventKind
from graph.runner import Graph
from local.process import Process
from tests.graph.world import POST, emit, run
from tests.workers.conftest import RELAY, eventually, log_of, terminate
from workers import bells
from workers.courier import Courier
from workers.relay import Relay
from workers.settings import WorkerSettings

Sent = list[tuple[str, str]]


@pytest.fixture
def sent() -> Sent:
    return []


@pytest.fixture
def relay(world: Graph, settings: WorkerSettings, sent: Sent) -> Iterator[Relay]:
    with bells.connect(settings.redis_url) as redis:
        courier = Courier(redis, lambda name, event_id, _: sent.append((name, event_id)))
        yield Relay(world, settings.model_copy(update={"relay_batch_size": 3}), courier)


@pytest.fixture
def heard(redis_url: str) -> Iterator[Callable[[], dict[str, str]]]:
    """Hear every bell; give the last payload of each that rang."""
    with Redis.from_url(redis_url, decode_responses=True) as redis, redis.pubsub() as pubsub:
        pubsub.psubscribe("nexus:bell:*")
        assert pubsub.get_message(timeout=5)

        def heard() -> dict[str, str]:
            rung: dict[str, str] = {}
            while message := pubsub.get_message(timeout=0.2):
                rung[message["channel"]] = message["data"]
            return rung

        yield heard


def test_what_is_numbered_is_rung_with_the_newest_position_and_its_jobs_sent(
    relay: Relay, sent: Sent, heard: Callable[[], dict[str, str]]
) -> None:
    events = [emit(relay.graph, EventKind.POST_LIKED, "u_bob", POST, POST) for _ in range(2)]

    assert relay.number() == 2
    relay.courier.step()

    assert heard() == {channel_of(f"post:{POST}:interactions"): "2"}
    jobs = [("notify", event.id) for event in events]
    assert sent == [("tally", events[-1].id), *jobs]


def test_a_step_numbers_batch_after_batch_until_nothing_is_pending(relay: Relay) -> None:
    for n in range(7):
        emit(relay.graph, EventKind.POST_CREATED, "u_bob", f"p_{n}")

    relay.step()

    assert run(relay.graph, "MATCH (c:Counter {name: 'events'}) RETURN c.value AS n") == [{"n": 7}]


def test_a_bell_wakes_the_relay_before_its_poll_interval(
    relay: Relay, settings: WorkerSettings
) -> None:
    with bells.connect(settings.redis_url) as redis:
        listening = threading.Thread(target=bells.listen, args=(redis, relay.wake, relay.stop))
        listening.start()
        assert relay.wake.wait(5)  # set once on subscribing, for what was rung before
        relay.wake.clear()
        eventually(lambda: redis.publish(RELAY_CHANNEL, ""))

        assert relay.wake.wait(5)
        relay.halt()
        listening.join(5)
    assert not listening.is_alive()


def test_a_job_that_cannot_be_sent_stops_no_other(
    world: Graph, settings: WorkerSettings, sent: Sent
) -> None:
    bad, good = (emit(world, EventKind.POST_LIKED, "u_bob", POST, POST).id for _ in range(2))

    def send(name: str, event_id: str, _: str | None) -> None:
        if event_id == bad:
            raise ValueError(event_id)
        sent.append((name, event_id))

    with bells.connect(settings.redis_url) as redis:
        relay = Relay(world, settings, Courier(redis, send))
        relay.number()
        relay.courier.flush()

    assert sent == [("tally", good), ("notify", good)]


def test_batches_that_nobody_delivers_are_dropped_not_piled_up(relay: Relay, sent: Sent) -> None:
    event = emit(relay.graph, EventKind.POST_LIKED, "u_bob", POST, POST)
    relay.number()
    for _ in range(200):
        relay.courier.take([])

    relay.courier.flush()

    assert sent == [(job, event.id) for job in ("tally", "notify")]


@pytest.mark.usefixtures("world")
def test_sigterm_ends_the_relay_with_exit_code_0(start: Callable[..., Process]) -> None:
    relay = start(*RELAY)
    eventually(lambda: "relay started" in log_of(relay))

    assert terminate(relay) == 0
    assert "relay stopped" in log_of(relay)
