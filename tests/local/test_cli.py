import pytest

from local.cli import main

pytestmark = pytest.mark.unit


def test_a_bad_setting_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NEXUS_HTTP_PORT", "many")
    assert main(["run"]) == 1
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("nexus: NEXUS_HTTP_PORT=many: ")


def test_what_a_person_can_cause_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NEXUS_NEO4J_URI", "bolt://elsewhere:7687")
    monkeypatch.delenv("NEXUS_NEO4J_PASSWORD", raising=False)
    assert main(["exec", "--", "true"]) == 1
    [line] = capsys.readouterr().err.splitlines()
    assert line == "nexus: NEXUS_NEO4J_URI is set without NEXUS_NEO4J_PASSWORD; set both."
