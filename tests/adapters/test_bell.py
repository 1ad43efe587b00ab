import time

import pytest
import redis

from adapters import bell
from local.ports import free_ports
from local.redis import RedisServer

pytestmark = pytest.mark.unit


def test_a_stream_has_a_channel_of_its_own() -> None:
    assert bell.channel_of("post:p_1:comments") == "nexus:bell:post:p_1:comments"
    assert bell.RELAY_CHANNEL == "nexus:bell:relay"


@pytest.mark.parametrize("position", [0, 1, 2**63 - 1])
def test_a_position_survives_the_way(position: int) -> None:
    assert bell.position_of(bell.payload_of(position)) == position


@pytest.mark.parametrize("payload", ["", "-1", "1.0", " 1", "x", "²", "٣", "9" * 5000])
def test_what_is_no_position_tells_none(payload: str) -> None:
    assert bell.position_of(payload) is None


def test_bells_ring(tmp_path_factory: pytest.TempPathFactory) -> None:
    server = RedisServer(tmp_path_factory.mktemp("redis"), free_ports(1)[0])
    server.start()
    server.wait_ready()
    try:
        with redis.Redis.from_url(server.url, decode_responses=True) as client:
            assert _heard(client) == [
                ("nexus:bell:a", "3"),
                ("nexus:bell:b", "5"),
                ("nexus:bell:relay", ""),
            ]
    finally:
        server.kill()


def _heard(client: redis.Redis) -> list[tuple[str, str]]:
    with client.pubsub(ignore_subscribe_messages=True) as pubsub:  # type: ignore[no-untyped-call]
        pubsub.psubscribe("nexus:bell:*")
        pubsub.get_message(timeout=5)
        bell.ring(client, {"a": 3, "b": 5})
        bell.ring_relay(client)
        heard: list[tuple[str, str]] = []
        deadline = time.monotonic() + 10
        while len(heard) < 3 and time.monotonic() < deadline:
            if message := pubsub.get_message(timeout=1):
                heard.append((message["channel"], message["data"]))
        return heard
