"""The worker's consumer: a message that no task takes is buried, not dropped.

Celery logs and forgets what it cannot read and what no task is registered for. Here a task of our
own is sent first, which writes a dead letter; only then is the message let go.
"""

import json
from typing import Any, Final
from uuid import uuid4

from celery.exceptions import InvalidTaskError
from celery.worker.consumer import Consumer as CeleryConsumer
from kombu.message import Message

from adapters.redaction import redact
from workers.origin import request_headers, request_of
from workers.own_secrets import own_secrets

BURY: Final = "bury"
_LONGEST: Final = 4_000


class Consumer(CeleryConsumer):
    """Celery's, with the four ways to lose a message led to `bury`.

    When `bury` cannot be sent the message is not let go: the broker hands it out again.
    """

    def on_decode_error(self, message: Message, exc: Exception) -> None:
        """Bury what is no JSON, or not of its content type."""
        self._bury(message, exc)
        super().on_decode_error(message, exc)

    def on_unknown_message(self, body: Any, message: Message) -> None:
        """Bury what is no task."""
        self._bury(message, InvalidTaskError("The message is of no task."))
        super().on_unknown_message(body, message)

    def on_unknown_task(self, body: Any, message: Message, exc: Exception) -> None:
        """Bury what no task is registered for here."""
        self._bury(message, _NotRegistered("No task of this worker has that name."))
        super().on_unknown_task(body, message, exc)

    def on_invalid_task(self, body: Any, message: Message, exc: Exception) -> None:
        """Bury what is not of the form of a task's message."""
        self._bury(message, exc)
        super().on_invalid_task(body, message, exc)

    def create_task_handler(self, *args: Any, **kwargs: Any) -> Any:
        """Make what handles a message; one of a known task has to hold arguments."""
        handle = super().create_task_handler(*args, **kwargs)

        def on_message(message: Message) -> Any:
            if _is_task(message) and _arguments(message) is None and _is_readable(message):
                return self.on_invalid_task(
                    None, message, InvalidTaskError("The message holds no arguments.")
                )
            return handle(message)

        return on_message

    def _bury(self, message: Message, error: Exception) -> None:
        arguments = _arguments(message)
        one = arguments[0] if arguments and len(arguments) == 1 else None
        headers = message.headers if isinstance(message.headers, dict) else {}
        name = headers.get("task")
        shown = _raw(message) if arguments is None else json.dumps(arguments)
        report = [
            str(headers.get("id") or uuid4()),
            name if isinstance(name, str) and name != BURY else None,
            one if isinstance(one, str) else None,
            redact(shown, own_secrets(), _LONGEST),
            [type(error).__name__.removeprefix("_"), str(error)],
        ]
        self.app.send_task(BURY, args=report, headers=request_headers(request_of(headers)))


class _NotRegistered(Exception):  # noqa: N818 - Celery's name for it stands in the letter
    """No such task."""


def _is_task(message: Message) -> bool:
    return isinstance(message.headers, dict) and "task" in message.headers


def _is_readable(message: Message) -> bool:
    try:
        message.payload  # noqa: B018 - reading decodes
    except Exception:  # noqa: BLE001 - whatever a decoder may raise
        return False
    return True


def _arguments(message: Message) -> list[Any] | None:
    """Give the positional arguments of a message, or None where it has none of its form."""
    if not _is_readable(message):
        return None
    match message.payload:
        case [list(positional), dict(), *_]:
            return positional
        case {"args": list(positional)}:
            return positional
        case _:
            return None


def _raw(message: Message) -> str:
    body = message.body
    return body.decode(errors="replace") if isinstance(body, bytes) else str(body)
