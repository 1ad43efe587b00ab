"""Install a requirements file with pip (run as a file, needs no packages).

    .venv/bin/python -I local/packages.py REQUIREMENTS

A terminal sees one line with a bar, what is fetched now and how large it is; pip alone says either
nothing for minutes or hundreds of lines. If pip fails, its last lines stand above what to do.
"""

import re
import subprocess
import sys
from collections import deque
from collections.abc import Iterable
from pathlib import Path
from typing import TextIO

_OPTIONS = ("--disable-pip-version-check", "--progress-bar=off", "--no-input")
_LAST_LINES = 12
_WIDTH = 24
_KNOWN = re.compile(r"Collecting ([^ ;]+)")
_FETCHED = re.compile(r" *(?:Downloading|Using cached) (\S+)\.(?:whl|tar\.gz|zip)(?: (\(.*\)))?$")
_PIN = re.compile(r"[A-Za-z0-9]")


class Bar:
    """How far pip is: every package is looked up once and fetched once."""

    def __init__(self, packages: int, out: TextIO) -> None:
        self._steps = 2 * packages
        self._out = out
        self._done = 0

    def read(self, line: str) -> None:
        """Take one line of pip's into account."""
        if line.startswith("Installing collected packages"):
            self._show(self._steps, "installing")
        elif line.startswith("Requirement already satisfied:"):
            self._done += 2
        elif match := _KNOWN.match(line):
            self._advance(match[1])
        elif match := _FETCHED.match(line):
            name = "-".join(match[1].rpartition("/")[2].split("-")[:2])
            self._advance(f"{name} {match[2] or ''}")

    def clear(self) -> None:
        """Leave the terminal as it was."""
        if self._out.isatty():
            self._out.write("\r\033[K")

    def _advance(self, now: str) -> None:
        self._done = min(self._done + 1, self._steps)
        self._show(self._done, now)

    def _show(self, done: int, now: str) -> None:
        if self._out.isatty():
            bar = "━" * (_WIDTH * done // max(self._steps, 1))
            self._out.write(f"\r\033[KPackages {bar:<{_WIDTH}} {now[:50]}")
            self._out.flush()


def main(requirements: Path, out: TextIO = sys.stderr) -> int:
    """Install what the file names and return pip's exit code."""
    print(f"Installing {requirements.name} into .venv", file=out, flush=True)
    command = [sys.executable, "-m", "pip", "install", *_OPTIONS, "--requirement"]
    with subprocess.Popen(
        [*command, str(requirements)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as pip:
        last, offline = _follow(pip.stdout or (), Bar(_count(requirements), out))
    if pip.returncode:
        print(*last, sep="\n", file=out)
        remedy = "connect to the network" if offline else "mend what pip says above"
        print(f"The packages could not be installed; {remedy}, and run make again.", file=out)
    return pip.returncode


def _follow(lines: Iterable[str], bar: Bar) -> tuple[Iterable[str], bool]:
    """Return the last lines, and whether pip could not reach the network."""
    last: deque[str] = deque(maxlen=_LAST_LINES)
    offline = False
    for line in lines:
        bar.read(line.rstrip())
        offline = offline or "Retrying (Retry(" in line
        if line.strip():
            last.append(line.rstrip())
    bar.clear()
    return last, offline


def _count(requirements: Path) -> int:
    """Count the packages of a file and of those that it includes."""
    lines = requirements.read_text().splitlines()
    included = [line.split()[1] for line in lines if line.startswith("-r ")]
    ours = sum(1 for line in lines if _PIN.match(line))
    return ours + sum(_count(requirements.parent / name) for name in included)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
