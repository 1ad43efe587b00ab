from pathlib import Path

import pytest

from app.settings import SHORTEST_SECRET
from local import environment
from local.datadir import DataDir
from local.errors import LocalError
from local.settings import LocalSettings

pytestmark = pytest.mark.unit


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in LocalSettings.model_fields:
        monkeypatch.delenv(f"NEXUS_{name}".upper(), raising=False)


def test_every_setting_is_described() -> None:
    assert all(field.description for field in LocalSettings.model_fields.values())


def test_defaults_are_the_documented_ports() -> None:
    settings = LocalSettings()
    assert (settings.http_port, settings.neo4j_bolt_port, settings.neo4j_http_port) == (
        8000,
        7687,
        7474,
    )
    assert settings.data_dir.name == ".nexus"


def test_environment_overrides_and_empty_means_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEXUS_HTTP_PORT", "9000")
    monkeypatch.setenv("NEXUS_DEMO", "0")
    monkeypatch.setenv("NEXUS_NEO4J_URI", "")
    settings = LocalSettings()
    assert (settings.http_port, settings.demo, settings.neo4j_uri) == (9000, False, None)


def test_children_learn_where_the_local_servers_are(tmp_path: Path) -> None:
    settings = LocalSettings(data_dir=tmp_path, neo4j_bolt_port=7700, redis_port=6400)
    own = environment.build(settings, DataDir(tmp_path))
    assert own["NEXUS_NEO4J_URI"] == "bolt://localhost:7700"
    assert own["NEXUS_REDIS_URL"] == own["NEXUS_BROKER_URL"] == "redis://127.0.0.1:6400/0"
    assert own["NEXUS_ENV"] == "development"
    assert len(own["NEXUS_JWT_SECRET"]) >= 32


def test_given_addresses_and_secrets_win(tmp_path: Path) -> None:
    settings = LocalSettings(
        data_dir=tmp_path,
        neo4j_uri="neo4j://graph:7687",
        neo4j_password="theirs",
        redis_url="redis://cache:6379/1",
        broker_url="amqp://rabbit",
        jwt_secret="ours" * 8,
    )
    own = environment.build(settings, DataDir(tmp_path))
    assert own["NEXUS_NEO4J_URI"] == "neo4j://graph:7687"
    assert own["NEXUS_NEO4J_PASSWORD"] == "theirs"
    assert own["NEXUS_REDIS_URL"] == "redis://cache:6379/1"
    assert own["NEXUS_BROKER_URL"] == "amqp://rabbit"
    assert own["NEXUS_JWT_SECRET"] == "ours" * 8


def test_a_foreign_neo4j_needs_its_password(tmp_path: Path) -> None:
    settings = LocalSettings(neo4j_uri="bolt://graph:7687")
    with pytest.raises(LocalError, match="without NEXUS_NEO4J_PASSWORD"):
        environment.build(settings, DataDir(tmp_path))


def test_only_development_makes_up_a_key(tmp_path: Path) -> None:
    with pytest.raises(LocalError, match="NEXUS_JWT_SECRET is missing"):
        environment.build(LocalSettings(env="production"), DataDir(tmp_path))


@pytest.mark.parametrize("env", ["development", "production"])
def test_a_short_key_is_refused_before_anything_starts(env: str, tmp_path: Path) -> None:
    settings = LocalSettings.model_validate({"env": env, "jwt_secret": "short"})
    with pytest.raises(LocalError, match="NEXUS_JWT_SECRET has 5 bytes and needs 32"):
        environment.build(settings, DataDir(tmp_path))


def test_the_api_takes_the_shortest_key_that_we_take() -> None:
    assert environment._SHORTEST_SECRET == SHORTEST_SECRET
