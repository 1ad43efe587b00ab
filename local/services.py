"""The processes of Nexus itself, as `make run` starts them."""

import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from datetime import datetime

from rich.console import Console
from rich.text import Text

from local.process import Process

_COLOURS = {
    "api": "cyan",
    "worker": "green",
    "webhooks": "blue",
    "relay": "magenta",
    "beat": "yellow",
}
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # whatever http_proxy says
_CELERY = ("celery", "--app", "workers.celery", "--quiet")


class LinePrinter:
    """Print lines as `12:34:56 worker | text`, a colour for each process."""

    def __init__(self) -> None:
        self._console = Console(highlight=False, soft_wrap=True)

    def __call__(self, name: str, line: str) -> None:
        """Print one line of a process; lines of several threads do not mix."""
        head = f"{datetime.now().astimezone():%H:%M:%S} {name:<8} | "
        self._console.print(Text(head, style=_COLOURS[name]) + Text.from_ansi(line))


class Api(Process):
    """The API, ready when `/readyz` says so."""

    def __init__(self, port: int, environment: Mapping[str, str], printer: LinePrinter) -> None:
        command = _python("app", "--host", "127.0.0.1", "--port", str(port))
        super().__init__("api", command, env=environment, on_line=printer, grace_s=25)
        self._address = f"http://127.0.0.1:{port}/readyz"

    def is_ready(self) -> bool:
        """Whether it and everything that it needs can answer."""
        try:
            with _DIRECT.open(self._address, timeout=5):
                return True
        except (urllib.error.URLError, OSError):
            return False


def processes(environment: Mapping[str, str], port: int) -> list[Process]:
    """Return the workers, relay, API and beat, in the order to start them."""
    printer = LinePrinter()
    worker = _python(*_CELERY, "worker", "--queues", "nexus,nexus-figures", "--loglevel", "INFO")
    # Beside it, so that servers of strangers delay nothing of ours.
    webhooks = ("--queues", "nexus-deliveries", "--hostname", "webhooks@%h")
    beat = _python(*_CELERY, "beat", "--loglevel", "INFO")
    return [
        Process("worker", worker, env=environment, on_line=printer),
        Process(
            "webhooks",
            _python(*_CELERY, "worker", *webhooks, "--loglevel", "INFO"),
            env=environment,
            on_line=printer,
        ),
        Process("relay", _python("workers.relay"), env=environment, on_line=printer),
        Api(port, environment, printer),
        Process("beat", beat, env=environment, on_line=printer),
    ]


def graph(*arguments: str, environment: Mapping[str, str] | None = None) -> Process:
    """Return a command of the graph package, which shows its progress in our terminal."""
    return Process(f"graph {arguments[0]}", _python("graph", *arguments), env=environment)


def _python(*module_and_arguments: str) -> list[str]:
    return [sys.executable, "-m", *module_and_arguments]
