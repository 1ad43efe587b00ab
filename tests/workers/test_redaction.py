"""Errors are told without secrets."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog
from pydantic import SecretStr

from graph.settings import GraphSettings
from workers import logs
from workers.redaction import known_secrets, redact
from workers.settings import WorkerSettings

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("amqp://user:pencil@host//", "amqp://[hidden]@host//"),
        ("redis://:pencil@host:1/0 is away", "redis://[hidden]@host:1/0 is away"),
        ("Authorization: Bearer pen.cil", "Authorization: Bearer [hidden]"),
        ("password=pencil, user=bob", "password=[hidden] user=bob"),
        ("no 'api_key': 'pencil'", "no 'api_key': [hidden]"),
        ('{"password": "pencil case", "n": 1}', '{"password": [hidden], "n": 1}'),
        (r'b"{\"new_password\": \"pencil case\"}"', r'b"{\"new_password\": [hidden]}"'),
        ('{"token": "pencil case and no e', '{"token": [hidden]'),
        ("the key whsec_pen/cil+= is", "the key [hidden] is"),
        ("of eyJhbGciOiJI.eyJzdWIiOiJ1.pencil-_ it", "of [hidden] it"),
        ("hash $argon2id$v=19$m=65536,t=3,p=4$pen$cil.", "hash [hidden]"),
        ("the eraser did not do", "the [hidden] did not do"),
        ("https://host/path: 500", "https://host/path: 500"),
    ],
)
def test_what_looks_like_a_secret_or_is_one_is_hidden(text: str, told: str) -> None:
    assert redact(text, ["eraser"]) == told
    assert redact(told, ["eraser"]) == told


@pytest.fixture
def as_in_a_worker() -> Iterator[None]:
    """Take the logs back from whoever configures them."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.mark.usefixtures("as_in_a_worker")
def test_no_line_of_a_log_tells_a_secret(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither ours nor a library's, in whatever part of it."""
    monkeypatch.setattr("workers.logs.own_secrets", lambda: ("eraser",))
    logs.configure()
    try:
        int("eraser at redis://:pencil@host/0")
    except ValueError as error:
        structlog.get_logger("ours").exception("failed", error=error, args=("eraser", {"n": [1]}))
        logging.getLogger("theirs").exception("got %s", {"password": "pencil case"})

    ours, theirs = map(json.loads, capsys.readouterr().err.splitlines())
    assert "pencil" not in f"{ours}{theirs}"
    assert "eraser" not in f"{ours}{theirs}"
    assert ours["args"] == ["[hidden]", {"n": [1]}]
    assert theirs["event"] == "got {'password': [hidden]}"
    assert "ValueError" in ours["exception"]


def test_a_long_error_is_cut() -> None:
    assert redact("x" * 1000) == "x" * 500


def test_the_passwords_of_the_servers_are_secrets() -> None:
    settings = WorkerSettings(redis_url="redis://:one@host", broker_url="amqp://user:two@host")
    keys = {"webhook_key": SecretStr(f"{'4' * 32} {'5' * 32}")}
    graph_settings = GraphSettings.model_validate({"neo4j_password": "three"})
    found = known_secrets(settings.model_copy(update=keys), graph_settings)
    assert set(found) == {"one", "two", "three", "4" * 32, "5" * 32}
    assert known_secrets(WorkerSettings(), GraphSettings(neo4j_password=SecretStr(""))) == ()
