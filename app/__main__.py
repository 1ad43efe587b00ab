"""Serve the API: `python -m app --host 0.0.0.0 --port 8000`."""

from argparse import ArgumentParser, Namespace
from typing import Any

import uvicorn

from app.settings import AppSettings
from graph.settings import load


def server_options(settings: AppSettings) -> dict[str, Any]:
    """Give what uvicorn has to be told, however it is started."""
    return {
        "http": "app.realtime.protocol:HttpProtocol",
        "ws": "app.realtime.protocol:WebSocketProtocol",
        "ws_max_size": settings.max_frame_bytes,
        "ws_per_message_deflate": False,
        "timeout_graceful_shutdown": 20,
    }


def main() -> None:
    """Serve until a signal comes.

    Raises:
        SystemExit: A setting is wrong, or the port is taken.
    """
    address = _arguments()
    options = server_options(load(AppSettings))
    uvicorn.run(
        "app.main:create_app", factory=True, host=address.host, port=address.port, **options
    )


def _arguments() -> Namespace:
    parser = ArgumentParser("python -m app", description="Serve the API.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", default=8000, type=int, help="port to listen on")
    return parser.parse_args()


if __name__ == "__main__":
    main()
