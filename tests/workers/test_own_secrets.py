"""What a worker must never tell."""

import pytest
from pydantic import SecretStr

from graph.settings import GraphSettings
from workers.own_secrets import known_secrets
from workers.settings import WorkerSettings

pytestmark = pytest.mark.unit


def test_the_passwords_of_the_servers_are_secrets() -> None:
    settings = WorkerSettings(redis_url="redis://:one@host", broker_url="amqp://user:two@host")
    keys = {"webhook_key": SecretStr(f"{'4' * 32} {'5' * 32}")}
    graph_settings = GraphSettings.model_validate({"neo4j_password": "three"})
    found = known_secrets(settings.model_copy(update=keys), graph_settings)
    assert set(found) == {"one", "two", "three", "4" * 32, "5" * 32}
    assert known_secrets(WorkerSettings(), GraphSettings(neo4j_password=SecretStr(""))) == ()
