"""Loops that never die: what fails is told, waited out, and tried again."""

import random
from collections.abc import Callable
from threading import Event
from typing import Final

import structlog
from kombu.exceptions import OperationalError
from redis import RedisError

from graph.errors import Unavailable

log = structlog.get_logger(__name__)
_AWAY: Final = (Unavailable, RedisError, OperationalError)
_FIRST_PAUSE_S: Final = 0.1
_LONGEST_PAUSE_S: Final = 2.0


def keep_going(name: str, step: Callable[[], None], stop: Event) -> None:
    """Repeat a step until stopped.

    After a failure it waits, longer each time, with jitter. A server that is away is one line in
    the log; anything else comes with its traceback.
    """
    pause = _FIRST_PAUSE_S
    while not stop.is_set():
        try:
            step()
            pause = _FIRST_PAUSE_S
        except Exception as error:
            unexpected = not isinstance(error, _AWAY)
            log.warning("step failed", step=name, error=repr(error), exc_info=unexpected)
            stop.wait(random.uniform(pause / 2, pause))  # noqa: S311 - jitter, not a secret
            pause = min(pause * 2, _LONGEST_PAUSE_S)
