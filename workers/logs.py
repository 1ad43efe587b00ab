"""Logs of workers, beat and relay."""

import logging
from typing import Any

from adapters import logs
from workers.own_secrets import own_secrets


def configure(level: int = logging.INFO, **_: Any) -> None:
    """Write every log line of this process as JSON, as Celery's signal asks for it.

    Args:
        level: The lowest level that is written.
    """
    logs.configure(own_secrets(), level=level)
