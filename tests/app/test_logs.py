"""Log lines of the API say which request they are about."""

import json
import logging

import pytest
from pydantic import SecretStr

from app.logs import configure
from app.settings import AppSettings
from graph.events import REQUEST_ID
from graph.settings import GraphSettings

pytestmark = [pytest.mark.unit, pytest.mark.usefixtures("own_logs")]


def test_the_api_names_the_request_and_hides_what_it_knows(
    capsys: pytest.CaptureFixture[str],
) -> None:
    settings = AppSettings(
        jwt_secret=SecretStr("1" * 32),
        webhook_key=SecretStr("4" * 32),
        redis_url="redis://:two@localhost/0",
    )
    configure(settings, GraphSettings(neo4j_password=SecretStr("three")))
    logging.getLogger("app").warning("%s two three %s", "1" * 32, "4" * 32)
    token = REQUEST_ID.set("r-1")
    logging.getLogger("theirs").info("GET")
    REQUEST_ID.reset(token)

    outside, inside = map(json.loads, capsys.readouterr().err.splitlines())
    assert outside["event"] == " ".join(["[hidden]"] * 4)
    assert "request_id" not in outside
    assert inside["request_id"] == "r-1"
    assert inside["logger"] == "theirs"


def test_probes_leave_no_line_in_the_access_log() -> None:
    configure(AppSettings(jwt_secret=SecretStr("1" * 32)), GraphSettings())
    access = logging.getLogger("uvicorn.access")

    def is_written(text: str, *args: object) -> bool:
        return bool(access.filter(access.makeRecord("", logging.INFO, "", 0, text, args, None)))

    told = [
        path
        for path in ("/readyz", "/livez", "/metrics", "/readyz?verbose=1", "/graphql", "/readyz/x")
        if is_written('%s - "%s %s HTTP/%s" %d', "127.0.0.1:1", "GET", path, "1.1", 200)
    ]
    assert told == ["/graphql", "/readyz/x"]
    assert is_written("what uvicorn may say one day")
