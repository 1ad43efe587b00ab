"""Logs: one JSON object a line on standard error, from us and from the libraries alike.

No line tells a secret: Celery writes whole messages that it cannot read into its log, and the text
of an error may hold the address, with its password, of what could not be reached.
"""

import logging
from collections.abc import Collection, MutableMapping
from functools import partial
from typing import Any, Final

import structlog
from structlog.typing import Processor

from adapters.redaction import redact

_LONGEST: Final = 50_000
_Line = MutableMapping[str, Any]


def configure(secrets: Collection[str], *known: Processor, level: int = logging.INFO) -> None:
    """Write every log line of this process as JSON.

    Args:
        secrets: Those that the process knows.
        known: Add to a line what is known where it is written, such as the request's id.
        level: The lowest level that is written.
    """
    shared = _processors(secrets, known)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    logging.basicConfig(level=level, handlers=[handler], force=True)


def _processors(secrets: Collection[str], known: Collection[Processor]) -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        *known,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        partial(_hide, secrets),
    ]


def _hide(secrets: Collection[str], _: Any, __: str, line: _Line) -> _Line:
    """Take the secrets out of a line."""
    told = {name: _told(each, secrets) for name, each in line.items()}
    return told | {name: each for name, each in line.items() if name.startswith("_")}


def _told(value: Any, secrets: Collection[str]) -> Any:
    """Give a value of a line without secrets; of what is no plain value, what would be written."""
    match value:
        case None | bool() | int() | float():
            return value
        case str():
            return redact(value, secrets, _LONGEST)
        case list() | tuple():
            return [_told(each, secrets) for each in value]
        case dict():
            return {name: _told(each, secrets) for name, each in value.items()}
        case _:
            return redact(repr(value), secrets, _LONGEST)
