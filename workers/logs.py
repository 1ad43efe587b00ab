"""Logs: one JSON object a line on standard error, from us and from the libraries alike.

No line tells a secret: Celery writes whole messages that it cannot read into its log, and the text
of an error may hold the address, with its password, of what could not be reached.
"""

import logging
from collections.abc import MutableMapping
from typing import Any, Final

import structlog
from structlog.typing import Processor

from workers.redaction import own_secrets, redact

_LONGEST: Final = 50_000


def _told(value: Any) -> Any:
    """Give a value of a line without secrets; of what is no plain value, what would be written."""
    match value:
        case None | bool() | int() | float():
            return value
        case str():
            return redact(value, own_secrets(), _LONGEST)
        case list() | tuple():
            return [_told(each) for each in value]
        case dict():
            return {name: _told(each) for name, each in value.items()}
        case _:
            return redact(repr(value), own_secrets(), _LONGEST)


def _hide_secrets(_: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    kept = {name: each for name, each in line.items() if name.startswith("_")}
    return {name: _told(each) for name, each in line.items()} | kept


_SHARED: tuple[Processor, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.PositionalArgumentsFormatter(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
    _hide_secrets,
)


def configure(level: int = logging.INFO, **_: Any) -> None:
    """Write every log line of this process as JSON.

    Args:
        level: The lowest level that is written.
    """
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(_formatter())
    logging.basicConfig(level=level, handlers=[handler], force=True)


def _formatter() -> logging.Formatter:
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_SHARED,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(),
        ],
    )
