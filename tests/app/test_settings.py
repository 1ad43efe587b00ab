import pytest
from pydantic import ValidationError

from app.__main__ import server_options
from app.realtime.limits import SocketLimits
from app.settings import AppSettings

pytestmark = pytest.mark.unit


@pytest.mark.parametrize("secret", ["", "short", "x" * 31])
def test_a_short_secret_refuses_to_start(monkeypatch: pytest.MonkeyPatch, secret: str) -> None:
    monkeypatch.setenv("NEXUS_JWT_SECRET", secret)
    with pytest.raises(ValidationError, match=r"NEXUS_JWT_SECRET has .*openssl rand"):
        AppSettings()


def test_no_environment_refuses_to_start_without_a_secret() -> None:
    with pytest.raises(ValidationError, match="NEXUS_JWT_SECRET"):
        AppSettings()


def test_development_has_a_secret_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEXUS_ENV", "development")
    assert len(AppSettings().signing_key) >= 32


def test_a_short_secret_is_short_in_development_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEXUS_ENV", "development")
    monkeypatch.setenv("NEXUS_JWT_SECRET", "short")
    with pytest.raises(ValidationError, match="NEXUS_JWT_SECRET has 5 bytes"):
        AppSettings()


def test_the_secret_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEXUS_JWT_SECRET", "a-secret-that-is-long-enough-for-us")
    assert "long-enough" not in repr(AppSettings())


def test_an_unknown_environment_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEXUS_ENV", "staging")
    with pytest.raises(ValidationError, match="development"):
        AppSettings()


def test_who_reads_nothing_is_closed_within_15_s() -> None:
    """However little is told: the next sign of life is what cannot be sent any more."""
    settings = AppSettings.model_construct()
    assert settings.socket_keep_alive_s + settings.socket_send_timeout_s < 15
    assert (settings.socket_keep_alive_s, settings.socket_send_timeout_s) == (
        SocketLimits().keep_alive_s,
        SocketLimits().send_timeout_s,
    )
    options = server_options(settings)
    assert options["ws_ping_interval"] > settings.socket_keep_alive_s
    assert options["ws_ping_timeout"] == settings.socket_send_timeout_s
    assert options["ws_ping_interval"] + options["ws_ping_timeout"] < 15
