"""A setting that does not hold ends a process with one sentence that names it, and no secret."""

import subprocess
import sys

import pytest

from graph.settings import load
from tests.checkout import ROOT
from workers.settings import WorkerSettings

pytestmark = pytest.mark.unit
_CELERY = (sys.executable, "-m", "celery", "-A", "workers.celery")
_NO_BROKER = (
    "NEXUS_BROKER_URL is no address of a broker that Nexus knows; "
    "give redis://HOST:PORT/0 or amqp://USER:PASSWORD@HOST:PORT//."
)
_NO_REDIS = "NEXUS_REDIS_URL: this is no address of Redis; give redis://HOST:PORT/0."


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("RELAY_BATCH_SIZE", "0", "Input should be greater than or equal to 1."),
        ("WORKER_CONCURRENCY", "many", "Input should be a valid integer"),
        ("EVENT_RETENTION_H", "-1", "Input should be greater than 0."),
        ("REDIS_URL", "http://:secret@host", _NO_REDIS),
        ("REDIS_URL", "redis://:sec/ret@host", _NO_REDIS),
        ("REDIS_URL", "unix:///run/redis.sock", _NO_BROKER),
        ("BROKER_URL", "nonsense://user:secret@host", _NO_BROKER),
        ("BROKER_URL", "amqp://user:sec/ret@host", _NO_BROKER),
    ],
)
def test_what_does_not_hold_is_named_without_its_value(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, sentence: str
) -> None:
    monkeypatch.setenv(f"NEXUS_{name}", value)

    with pytest.raises(SystemExit) as ended:
        load(WorkerSettings)

    said = str(ended.value)
    assert sentence in said
    assert said.startswith("NEXUS_")
    assert "sec" not in said


@pytest.mark.parametrize(
    "url", ["redis://:secret@host:1234/5", "rediss://host", "amqp://user:secret@host//"]
)
def test_the_brokers_that_nexus_knows(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("NEXUS_BROKER_URL", url)
    assert load(WorkerSettings).broker == url


@pytest.mark.parametrize(
    "command",
    [(sys.executable, "-m", "workers.relay"), (*_CELERY, "worker"), (*_CELERY, "beat")],
    ids=["relay", "worker", "beat"],
)
@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("NEXUS_BROKER_URL", "nonsense://user:secret@host", _NO_BROKER),
        (
            "NEXUS_NEO4J_TIMEOUT_S",
            "0",
            "NEXUS_NEO4J_TIMEOUT_S: Input should be greater than 0.",
        ),
    ],
)
def test_a_process_ends_with_the_sentence_alone(
    command: tuple[str, ...], name: str, value: str, sentence: str
) -> None:
    ended = subprocess.run(
        command, cwd=ROOT, env={name: value}, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 1
    assert ended.stderr.splitlines() == [sentence]
    assert ended.stdout == ""
