"""Log lines are JSON, and tell no secret."""

import json
import logging

import pytest
import structlog

from adapters import logs

pytestmark = [pytest.mark.unit, pytest.mark.usefixtures("own_logs")]


def test_no_line_of_a_log_tells_a_secret(capsys: pytest.CaptureFixture[str]) -> None:
    """Neither ours nor a library's, in whatever part of it."""
    logs.configure(["eraser"])
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
