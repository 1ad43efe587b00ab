"""Logs of the API."""

import logging
from typing import Any, Final
from urllib.parse import urlsplit

from structlog.typing import EventDict

from adapters import logs
from app.settings import AppSettings
from graph.events import REQUEST_ID
from graph.settings import GraphSettings

_PROBES: Final = ("/livez", "/readyz", "/metrics")
"""Asked every few seconds by machines, who say themselves what they were answered."""


def configure(settings: AppSettings, graph_settings: GraphSettings) -> None:
    """Write every log line of this process as JSON, with the id of the request that it is about."""
    logs.configure(_secrets(settings, graph_settings), _with_request_id)
    logging.getLogger("uvicorn.access").addFilter(_is_told)


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


def _is_told(line: logging.LogRecord) -> bool:
    """Tell whether a line of the access log is of anything but a probe."""
    match line.args:
        case (_, _, str(path), *_):
            return path.partition("?")[0] not in _PROBES
        case _:
            return True
