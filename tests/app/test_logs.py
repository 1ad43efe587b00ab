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


def test_probes_leave_no_line_in_the_access_log(capsys: pytest.CaptureFixture[str]) -> None:
    configure(AppSettings(jwt_secret=SecretStr("1" * 32)), GraphSettings())
    access = logging.getLogger("uvicorn.access")
    for path in ("/readyz", "/livez", "/metrics", "/readyz?verbose=1", "/graphql", "/readyz/x"):
        access.info('%s - "%s %s HTTP/%s" %d', "127.0.0.1:1", "GET", path, "1.1", 200)
    access.info("what uvicorn may say one day")

    said = [json.loads(line)["event"] for line in capsys.readouterr().err.splitlines()]
    assert [each.split()[3] for each in said[:-1]] == ["/graphql", "/readyz/x"]
    assert said[-1] == "what uvicorn may say one day"
