"""A Neo4j and a Redis for the length of a test run, on free ports, leaving nothing behind."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from local import assets
from local.neo4j import Neo4jServer
from local.ports import free_ports
from local.redis import RedisServer
from local.settings import LocalSettings

_PASSWORD = "nexus-ephemeral"  # noqa: S105 - nothing outside this machine reaches the server
_KEEPING_PLANS = {"dbms.cypher.min_replan_interval": "1d"}


@dataclass(frozen=True)
class Servers:
    """Running servers; `neo4j` and `redis` can be killed and started again by a fault test."""

    neo4j: Neo4jServer
    redis: RedisServer
    cache_dir: Path

    @property
    def neo4j_uri(self) -> str:
        """`bolt://localhost:PORT`."""
        return self.neo4j.uri

    @property
    def neo4j_user(self) -> str:
        """The one user of Neo4j Community."""
        return self.neo4j.user

    @property
    def neo4j_password(self) -> str:
        """The password of that user."""
        return self.neo4j.password

    @property
    def redis_url(self) -> str:
        """`redis://127.0.0.1:PORT/0`."""
        return self.redis.url

    @property
    def assets_dir(self) -> Path:
        """The explorers' files, fetched when first asked for."""
        return assets.fetch(self.cache_dir)


@contextmanager
def ephemeral_servers(
    parent_dir: Path | None = None, *, keeps_plans: bool = False
) -> Iterator[Servers]:
    """Start both servers empty; stop them and remove their data at the end.

    They die with the calling thread if it is killed, so call this from a thread that lives on.

    Args:
        parent_dir: where the temporary directory is made; the system's place by default.
        keeps_plans: whether Neo4j keeps the plan of a statement whatever becomes of the data. A
            suite that fills an empty database again and again would otherwise plan everything
            anew every ten seconds. `CALL db.clearQueryCaches()` is for who makes a large world.
    """
    cache_dir = LocalSettings().cache_dir
    bolt_port, http_port, redis_port = free_ports(3)
    with tempfile.TemporaryDirectory(prefix="nexus-", dir=parent_dir) as home:
        neo4j = Neo4jServer(
            Path(home, "neo4j"),
            cache_dir=cache_dir,
            bolt_port=bolt_port,
            http_port=http_port,
            password=_PASSWORD,
            settings=_KEEPING_PLANS if keeps_plans else {},
        )
        redis = RedisServer(Path(home, "redis"), redis_port)
        try:
            redis.start()
            neo4j.start()
            redis.wait_ready()
            neo4j.wait_ready(timeout_s=120)
            yield Servers(neo4j, redis, cache_dir)
        finally:
            neo4j.kill()
            redis.kill()
