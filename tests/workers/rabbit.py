"""Debian's RabbitMQ as an ordinary process with data of its own, where there is one."""

import os
import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import Final

from local.ports import free_ports
from local.process import Process

_FOLDER: Final = Path("/usr/lib/rabbitmq/bin")
_INSTALL: Final = ("apt-get", "install", "--yes", "--no-install-recommends", "rabbitmq-server")
_PATIENCE_S: Final = 300


def missing() -> str | None:
    """Find RabbitMQ, or install it where that can be done; give the reason why there is none."""
    if not (_FOLDER / "rabbitmq-server").exists():
        if os.geteuid() or not shutil.which(_INSTALL[0]):
            return f"there is no RabbitMQ; as root: {' '.join(_INSTALL)}"
        # What starts services when they are installed is told not to.
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
        done = subprocess.run(
            _INSTALL,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=_PATIENCE_S,
        )
        if done.returncode:
            return f"RabbitMQ cannot be installed: {done.stderr.strip().splitlines()[-1:]}"
    return None


class RabbitServer(Process):
    """RabbitMQ on 127.0.0.1 with its data in `home`, and an `epmd` of its own."""

    def __init__(self, home: Path) -> None:
        port, distribution_port, epmd_port = free_ports(3)
        self.url = f"amqp://guest:guest@127.0.0.1:{port}//"
        self._port = port
        self._home = home
        environment = {
            "HOME": str(home),
            "RABBITMQ_NODENAME": f"nexus{port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(port),
            "RABBITMQ_DIST_PORT": str(distribution_port),
            "RABBITMQ_MNESIA_BASE": str(home / "data"),
            "RABBITMQ_LOG_BASE": str(home / "logs"),
            "RABBITMQ_PID_FILE": str(home / "pid"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(home / "plugins"),
            "RABBITMQ_CONFIG_FILE": str(home / "none"),
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "ERL_EPMD_PORT": str(epmd_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
        }
        command = [str(_FOLDER / "rabbitmq-server")]
        super().__init__("rabbitmq", command, env=environment, log=home / "rabbitmq.log")

    def start(self) -> None:
        """Start it on the data that `home` holds."""
        for name in ("data", "logs"):
            (self._home / name).mkdir(parents=True, exist_ok=True)
        super().start()

    def is_ready(self) -> bool:
        """Whether it speaks AMQP."""
        try:
            with socket.create_connection(("127.0.0.1", self._port), timeout=2) as line:
                line.sendall(b"AMQP\x00\x00\x09\x01")
                return bool(line.recv(1))
        except OSError:
            return False

    def wipe(self) -> None:
        """Kill it, lose everything it held, and start it again."""
        self.kill()
        shutil.rmtree(self._home / "data")
        self.start()
        self.wait_ready(_PATIENCE_S)

    def end(self) -> None:
        """End it, and the `epmd` that it left behind, which first has to notice its end."""
        self.kill()
        command = (shutil.which("epmd") or "epmd", "-kill")
        for _ in range(50):
            done = subprocess.run(
                command, env={**os.environ, **self.env}, capture_output=True, check=False
            )
            if done.returncode == 0:
                return
            time.sleep(0.1)
