"""Errors are told without secrets."""

import pytest
from pydantic import SecretStr

from graph.settings import GraphSettings
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
        ("the eraser did not do", "the [hidden] did not do"),
        ("https://host/path: 500", "https://host/path: 500"),
    ],
)
def test_what_looks_like_a_secret_or_is_one_is_hidden(text: str, told: str) -> None:
    assert redact(text, ["eraser"]) == told


def test_a_long_error_is_cut() -> None:
    assert redact("x" * 1000) == "x" * 500


def test_the_passwords_of_the_servers_are_secrets() -> None:
    settings = WorkerSettings(redis_url="redis://:one@host", broker_url="amqp://user:two@host")
    graph_settings = GraphSettings.model_validate({"neo4j_password": "three"})
    assert set(known_secrets(settings, graph_settings)) == {"one", "two", "three"}
    assert known_secrets(WorkerSettings(), GraphSettings(neo4j_password=SecretStr(""))) == ()
