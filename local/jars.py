"""Jars by Maven coordinates, through jgo, each held against a committed checksum.

`neo4j.jgo.toml` says what is wanted, `neo4j.jgo.lock.toml` (jgo's own format) what that came to,
with the sha256 of every jar. jgo alone checks a jar only against the checksum beside it on the
server, and only warns, so every jar is verified here before it is used.
"""

import contextlib
import fcntl
import hashlib
import logging
import os
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import requests
from jgo.env import EnvironmentBuilder, EnvironmentSpec, LockFile
from jgo.env._lockfile import LockedDependency
from jgo.maven import Artifact, MavenContext
from rich.progress import Progress

from local.errors import LocalError

REMOTES: dict[str, str] | None = None  # jgo's own default, Maven Central
_TIMEOUT_S = 60
_PARALLEL = 8

logging.getLogger("jgo").setLevel(logging.ERROR)  # its checksum warnings are errors below


def write_lock(spec_path: Path, lock_path: Path, cache_dir: Path) -> int:
    """Resolve what `spec_path` asks for and write every jar with its checksum to `lock_path`.

    Returns:
        The number of jars.
    """
    context = _context(cache_dir)
    spec = EnvironmentSpec.load(spec_path)
    wanted = EnvironmentBuilder(context, cache_dir).spec_to_dependencies(spec)
    inputs, transitive = context.resolver.resolve(wanted)
    jars = sorted(inputs + transitive, key=lambda jar: (jar.groupId, jar.artifactId))
    lock = LockFile.from_resolved_dependencies(jars, spec.name, java_version=spec.java_version)
    lock.save(lock_path)
    return len(lock.dependencies)


def materialize(lock_path: Path, cache_dir: Path, version: str) -> Path:
    """Return a directory that holds exactly the jars of the lock file, all verified.

    It appears by a rename when it is complete, so what exists needs no second look.
    """
    digest = hashlib.sha256(lock_path.read_bytes()).hexdigest()[:12]
    folder = cache_dir / "neo4j" / f"{version}-{digest}"
    if not folder.exists():
        with exclusive(cache_dir):
            if not folder.exists():
                _fill(folder, LockFile.load(lock_path).dependencies, cache_dir)
    return folder


def fetch(coordinate: str, cache_dir: Path) -> Path:
    """Download one artifact, `group:artifact:version`, without what it depends on."""
    group, name, version = coordinate.split(":")
    return _resolve(_context(cache_dir).project(group, name).at_version(version).artifact())


@contextlib.contextmanager
def exclusive(cache_dir: Path) -> Iterator[None]:
    """Let one process at a time write to the cache; others wait."""
    cache_dir.mkdir(parents=True, exist_ok=True)
    with (cache_dir / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def sha256(path: Path) -> str:
    """Return the file's checksum in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _fill(folder: Path, locked: list[LockedDependency], cache_dir: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    context = _context(cache_dir)
    with (
        tempfile.TemporaryDirectory(dir=folder.parent) as scratch,
        Progress(transient=True) as progress,
        ThreadPoolExecutor(_PARALLEL) as pool,
    ):
        task = progress.add_task(f"Fetching Neo4j ({len(locked)} jars)", total=len(locked))
        complete = Path(scratch, "lib")
        complete.mkdir()
        for jar in pool.map(lambda entry: _verified(entry, context), locked):
            os.link(jar, complete / jar.name)
            progress.advance(task)
        complete.rename(folder)


def _verified(entry: LockedDependency, context: MavenContext) -> Path:
    """Fetch a locked jar; one left broken by an interrupted download is fetched again."""
    component = context.project(entry.groupId, entry.artifactId).at_version(entry.version)
    artifact = component.artifact(entry.classifier or "", entry.packaging)
    for _ in range(2):
        jar = _resolve(artifact)
        if sha256(jar) == entry.sha256:
            return jar
        jar.unlink()
    raise LocalError(
        f"{artifact} does not have the checksum of the lock file: the download was altered on its "
        "way. Try again on another network; do not use the file."
    )


def _resolve(artifact: Artifact) -> Path:
    try:
        return artifact.resolve()
    except (requests.RequestException, RuntimeError) as error:
        raise LocalError(
            f"{artifact} could not be fetched from the Maven repository. The first start needs "
            "the network; connect and run the same command again."
        ) from error


def _context(cache_dir: Path) -> MavenContext:
    return MavenContext(repo_cache=cache_dir / "maven", remote_repos=REMOTES, timeout=_TIMEOUT_S)
