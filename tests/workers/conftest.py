"""Real relays and workers as processes of their own, on the servers of the test run."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from celery import Celery
from kombu import pools
from prometheus_client.parser import text_string_to_metric_families
from redis import Redis

from graph.runner import Graph
from local.ephemeral import Servers
from local.process import Process
from tests.graph.world import run, seed
from workers.celery import make_app
from workers.settings import WorkerSettings

RELAY = (sys.executable, "-m", "workers.relay")
WORKER = (
    *(sys.executable, "-m", "celery", "-A", "workers.celery", "worker", "--concurrency", "1"),
    *("--loglevel", "INFO", "--without-mingle", "--without-gossip"),
)
BEAT = (*WORKER[:5], "beat", "--loglevel", "INFO")


@pytest.fixture(scope="session")
def settings(redis_url: str) -> WorkerSettings:
    return WorkerSettings(redis_url=redis_url, job_resend_after_s=1.0)


@pytest.fixture
def world(clean: None, sync_graph: Graph, redis_url: str) -> Graph:  # noqa: ARG001
    """Seed a graph; what the test before left in Redis is of jobs that are gone."""
    with Redis.from_url(redis_url) as redis:
        redis.flushdb()
    seed(sync_graph)
    return sync_graph


@pytest.fixture(scope="session")
def broker(settings: WorkerSettings) -> Iterator[Celery]:
    app = make_app(settings)
    yield app
    pools.reset()
    app.close()


@pytest.fixture
def start(servers: Servers, tmp_path: Path) -> Iterator[Callable[..., Process]]:
    """Start a command that knows the servers; killed at the end of the test."""
    env = {
        "NEXUS_NEO4J_URI": servers.neo4j_uri,
        "NEXUS_NEO4J_USER": servers.neo4j_user,
        "NEXUS_NEO4J_PASSWORD": servers.neo4j_password,
        "NEXUS_REDIS_URL": servers.redis_url,
        "NEXUS_JOB_RESEND_AFTER_S": "1",
        "PYTHONWARNINGS": "ignore",
    }
    started: list[Process] = []

    def start(*command: str) -> Process:
        name = f"process-{len(started)}"
        process = Process(name, list(command), env=env, log=tmp_path / f"{name}.log")
        started.append(process)
        process.start()
        return process

    yield start
    for process in started:
        process.kill()


def eventually(condition: Callable[[], object], timeout_s: float = 60) -> None:
    """Wait until a condition holds.

    Raises:
        AssertionError: It did not in time.
    """
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, f"not so after {timeout_s:g} s"
        time.sleep(0.02)


def scrape(port: int) -> dict[tuple[str, ...], float]:
    """Give the figures that a process serves; none before it does."""
    try:
        text = httpx.get(f"http://127.0.0.1:{port}/metrics").text
    except httpx.TransportError:
        return {}
    return {
        (sample.name, *(sample.labels[n] for n in ("task", "outcome") if n in sample.labels)): (
            sample.value
        )
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def log_of(process: Process) -> str:
    """Give what a process has printed."""
    assert process.log
    return process.log.read_text()


def notification_count(graph: Graph) -> int:
    """Count what people are told: several deeds may be one notification."""
    told = run(graph, "MATCH (:Cause)-[:CAUSES]->(:Notification) RETURN count(*) AS n")
    return int(str(told[0]["n"]))


def open_job_count(graph: Graph) -> int:
    """Count events that no relay has numbered, and jobs whose effect is not there.

    In this order: numbering turns the former into the latter.
    """
    pending = run(graph, "MATCH (e:Event) WHERE e.pending > '' RETURN count(e) AS n")
    jobs = run(graph, "MATCH (j:Job) WHERE j.done_at IS NULL RETURN count(j) AS n")
    return int(str(pending[0]["n"])) + int(str(jobs[0]["n"]))


def terminate(process: Process) -> int:
    """Send SIGTERM, and give the exit code."""
    os.kill(process.pid, 15)
    return process.wait()
