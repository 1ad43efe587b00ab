"""Serve the API: `python -m app --host 0.0.0.0 --port 8000`."""

import gc
from argparse import ArgumentParser, Namespace
from typing import Any, Final

import uvicorn
from starlette.applications import Starlette

from app import logs
from app.main import create_app
from app.settings import AppSettings
from graph.settings import GraphSettings, load

_COLLECT_AFTER: Final = (2_000, 10, 100)
"""Objects until the youngest are looked through, and how often of that the older and then all are.

Python's own figures are for a program that holds less: a look through all that a thousand sockets
hold stops everybody for 0.1 s and more, several times while they connect and are told of events.
"""
_ANSWER_S: Final = 0.5
"""How long a client has to answer a `ping` of its protocol before WebSocket's own is sent, too."""


def server_options(settings: AppSettings) -> dict[str, Any]:
    """Give what uvicorn has to be told, however it is started."""
    return {
        "http": "app.realtime.protocol:HttpProtocol",
        "ws": "app.realtime.protocol:WebSocketProtocol",
        "ws_max_size": settings.max_frame_bytes,
        "ws_per_message_deflate": False,
        "ws_ping_interval": settings.socket_keep_alive_s + _ANSWER_S,
        "ws_ping_timeout": settings.socket_send_timeout_s,
        "timeout_graceful_shutdown": 20,
    }


def main() -> None:
    """Serve until a signal comes.

    Raises:
        SystemExit: A setting is wrong, or the port is taken.
    """
    address = _arguments()
    settings = load(AppSettings)
    logs.configure(settings, load(GraphSettings))
    options = server_options(settings) | {"log_config": None}
    uvicorn.run(_create, factory=True, host=address.host, port=address.port, **options)


def _create() -> Starlette:
    """Make the application, and let the collector forget what lasts as long as it."""
    app = create_app()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECT_AFTER)
    return app


def _arguments() -> Namespace:
    parser = ArgumentParser("python -m app", description="Serve the API.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", default=8000, type=int, help="port to listen on")
    return parser.parse_args()


if __name__ == "__main__":
    main()
