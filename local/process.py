"""A child process that can be started, awaited, stopped and started again."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO

from local.errors import LocalError

_TETHER = Path(__file__).with_name("tether.py")
_POLL_S = 0.05
_LAST_WORDS_S = 2.0


class Process:
    """One command in a session of its own, so that Ctrl-C in a terminal does not reach it.

    It dies with the thread that started it (see `tether`). What it prints goes to the file `log`,
    or line by line to `on_line`, or to our own output.
    """

    def __init__(
        self,
        name: str,
        command: list[str],
        *,
        env: Mapping[str, str] | None = None,
        log: Path | None = None,
        on_line: Callable[[str, str], None] | None = None,
        grace_s: float = 20,
    ) -> None:
        self.name = name
        self.command = command
        self.env = env or {}
        self.log = log
        self.on_line = on_line
        self.grace_s = grace_s
        self._popen: subprocess.Popen[bytes] | None = None
        self._reader: threading.Thread | None = None

    @property
    def output(self) -> str:
        """Where to read what it said, for an error text."""
        return str(self.log) if self.log else f"the lines of {self.name} above"

    @property
    def pid(self) -> int:
        """The process id; the command must have been started."""
        return self._started().pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs; negative when a signal ended it."""
        return self._started().poll()

    @property
    def is_running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._popen is not None and self._popen.poll() is None

    def start(self) -> None:
        """Start the command; `wait_ready` tells when it can be used."""
        command = [sys.executable, "-I", "-S", str(_TETHER), str(os.getpid()), *self.command]
        env = {**os.environ, **self.env}
        if self.log:
            self.log.parent.mkdir(parents=True, exist_ok=True)
            with self.log.open("ab") as log:
                self._popen = _popen(command, env, log)
        elif self.on_line:
            self._popen = _popen(command, env, subprocess.PIPE)
            self._reader = threading.Thread(target=self._read, args=(self._popen,), daemon=True)
            self._reader.start()
        else:
            self._popen = _popen(command, env, None)

    def is_ready(self) -> bool:
        """Whether it can be used now; commands that take no requests are ready at once."""
        return True

    def wait_ready(self, timeout_s: float = 60) -> None:
        """Wait until it can be used.

        Raises:
            LocalError: it ended, or was not ready in time.
        """
        deadline = time.monotonic() + timeout_s
        while not self.is_ready():
            if not self.is_running:
                raise LocalError(
                    f"{self.name} stopped while starting (exit code {self.exit_code}); "
                    f"see {self.output}."
                )
            if time.monotonic() > deadline:
                raise LocalError(
                    f"{self.name} was not ready in {timeout_s:g} s; see {self.output}."
                )
            time.sleep(_POLL_S)

    def wait(self) -> int:
        """Wait for its end and return the exit code."""
        return self._started().wait()

    def stop(self) -> None:
        """Ask it to end, wait `grace_s`, then kill what is left of its process group."""
        if self.is_running:
            self._started().terminate()
            with suppress(subprocess.TimeoutExpired):
                self._started().wait(self.grace_s)
        self.kill()

    def kill(self) -> None:
        """End it and its own children at once; all that they printed has been told by then."""
        if self._popen is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self._popen.pid, signal.SIGKILL)
        self._popen.wait()
        if self._reader:
            self._reader.join(_LAST_WORDS_S)

    def _started(self) -> subprocess.Popen[bytes]:
        if self._popen is None:
            raise LocalError(f"{self.name} was never started; call start() first.")
        return self._popen

    def _read(self, popen: subprocess.Popen[bytes]) -> None:
        if popen.stdout and self.on_line:
            with popen.stdout as lines:
                for line in lines:
                    self.on_line(self.name, line.decode(errors="replace").rstrip())


def _popen(
    command: list[str], env: Mapping[str, str], output: IO[bytes] | int | None
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT if output is not None else None,
        start_new_session=True,
    )
