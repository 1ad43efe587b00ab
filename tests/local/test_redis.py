from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from local.ports import free_ports
from local.redis import RedisServer


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    [port] = free_ports(1)
    server = RedisServer(tmp_path, port)
    server.start()
    server.wait_ready(30)
    yield server
    server.stop()


def test_it_keeps_what_it_was_given_through_a_kill(server: RedisServer) -> None:
    with redis.Redis.from_url(server.url) as client:
        client.set("a", "b")
        server.kill()
        server.start()
        server.wait_ready(30)
        assert client.get("a") == b"b"


def test_wiping_loses_everything(server: RedisServer) -> None:
    with redis.Redis.from_url(server.url) as client:
        client.set("a", "b")
        server.wipe()
        assert client.get("a") is None


def test_it_evicts_nothing(server: RedisServer) -> None:
    with redis.Redis.from_url(server.url, decode_responses=True) as client:
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        assert client.config_get("appendonly") == {"appendonly": "yes"}
