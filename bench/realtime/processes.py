"""Processes under measurement: talk with them, and read what the kernel knows of them."""

import os
from contextlib import suppress
from pathlib import Path
from subprocess import Popen
from typing import Final

from local.errors import LocalError

_TICKS: Final = os.sysconf("SC_CLK_TCK")


class Talker:
    """A process that answers a line on its stdin by a line on its stdout, and ends with its stdin.

    Args:
        name: What to call it in errors.
        process: With pipes of text for both.
    """

    def __init__(self, name: str, process: Popen[str]) -> None:
        self._name = name
        self._process = process

    @property
    def pid(self) -> int:
        """Its id."""
        return self._process.pid

    def ask(self, line: str) -> str:
        """Say a line and give the answer."""
        self.tell(line)
        return self.hear()

    def tell(self, line: str) -> None:
        """Say a line; whoever has ended does not hear it, as `hear` will tell."""
        if self._process.stdin:
            with suppress(BrokenPipeError):
                os.write(self._process.stdin.fileno(), f"{line}\n".encode())

    def hear(self, expected: str | None = None) -> str:
        """Give the next line.

        Raises:
            LocalError: It has ended, or says something else than what is expected.
        """
        line = self._process.stdout.readline() if self._process.stdout else ""
        if not line or (expected is not None and line.strip() != expected):
            raise LocalError(f"{self._name} said {line!r}; see what stands above.")
        return line.strip()


def cpu_s(pid: int) -> float:
    """Give the CPU time that a process has used, of all its threads, in seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def resident_kib(pid: int) -> int:
    """Give the memory that a process holds."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))
