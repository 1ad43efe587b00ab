"""Logs of the API."""

from typing import Any
from urllib.parse import urlsplit

from structlog.typing import EventDict

from adapters import logs
from app.settings import AppSettings
from graph.events import REQUEST_ID
from graph.settings import GraphSettings


def configure(settings: AppSettings, graph_settings: GraphSettings) -> None:
    """Write every log line of this process as JSON, with the id of the request that it is about."""
    logs.configure(_secrets(settings, graph_settings), _with_request_id)


def _secrets(settings: AppSettings, graph_settings: GraphSettings) -> list[str]:
    found = [
        settings.signing_key,
        *settings.webhook_keys,
        urlsplit(settings.redis_url).password,
        graph_settings.neo4j_password.get_secret_value(),
    ]
    return [secret for secret in found if secret]


def _with_request_id(_: Any, __: str, line: EventDict) -> EventDict:
    request_id = REQUEST_ID.get()
    return line if request_id is None else {**line, "request_id": request_id}
