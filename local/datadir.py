"""The data directory: one supervisor at a time, and the secrets that were made for it."""

import fcntl
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from local import envfile
from local.errors import LocalError

_SECRETS = ("NEXUS_NEO4J_PASSWORD", "NEXUS_JWT_SECRET", "NEXUS_WEBHOOK_KEY")


class DataDir:
    """A directory that one supervisor may use at a time.

    While it does, `running.env` tells others on which addresses its servers are.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self._lock = self.path / "supervisor.lock"
        self._running = self.path / "running.env"
        self._restored = self.path / "restored"

    @property
    def is_restored(self) -> bool:
        """Whether its database is a backup that was not started since."""
        return self._restored.exists()

    @is_restored.setter
    def is_restored(self, value: bool) -> None:
        if value:
            self._restored.touch()
        else:
            self._restored.unlink(missing_ok=True)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep every other supervisor out.

        Raises:
            LocalError: another one is at work here.
        """
        with self._open_lock() as lock:
            if not _try_lock(lock):
                raise LocalError(
                    f"{self.path} is in use by process {self.running().get('PID', 'unknown')}; "
                    "stop that one, or set NEXUS_DATA_DIR to another directory."
                )
            try:
                yield
            finally:
                self._running.unlink(missing_ok=True)

    def is_locked(self) -> bool:
        """Whether a supervisor is at work here."""
        with self._open_lock() as lock:
            return not _try_lock(lock)

    def announce(self, environment: Mapping[str, str]) -> None:
        """Tell others where the servers are."""
        envfile.write(self._running, {"PID": str(os.getpid()), **environment})

    def running(self) -> dict[str, str]:
        """Return what the supervisor at work announced, with its `PID`."""
        return envfile.read(self._running)

    def secrets(self) -> dict[str, str]:
        """Return the password and the keys of this directory, made the first time."""
        path = self.path / "secrets.env"
        found = envfile.read(path)
        missing = {name: secrets.token_hex(32) for name in _SECRETS if name not in found}
        if missing:
            envfile.write(path, {**found, **missing})
        return {**found, **missing}

    def _open_lock(self) -> IO[str]:
        self.path.mkdir(parents=True, exist_ok=True)
        return self._lock.open("a")


def _try_lock(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
