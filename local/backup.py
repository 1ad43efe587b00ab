"""Backup and restore of a data directory, while nothing runs in it.

A backup is a folder with Neo4j's dump and the images. Redis holds nothing that is not made anew.
Secrets are not in it: after a restore elsewhere people log in again.
"""

import shutil
from pathlib import Path

from local import environment
from local.datadir import DataDir
from local.errors import LocalError
from local.neo4j import Neo4jServer
from local.run import neo4j_of
from local.settings import LocalSettings

_DUMP = "neo4j.dump"
_MEDIA = "media"
_PARTIAL = ".partial"


def backup(settings: LocalSettings, folder: Path) -> None:
    """Write a backup to a new folder; it has its name once it is complete.

    Raises:
        LocalError: Something runs in the data directory, there is no database in it, or the folder
            is there already.
    """
    if folder.exists():
        raise LocalError(f"{folder} is there already; give a new folder.")
    data = DataDir(settings.data_dir)
    with data.locked():
        partial = folder.with_name(folder.name + _PARTIAL)
        shutil.rmtree(partial, ignore_errors=True)
        _server(settings, data).dump(partial)
        if (data.path / _MEDIA).is_dir():
            shutil.copytree(data.path / _MEDIA, partial / _MEDIA)
        partial.rename(folder)


def restore(settings: LocalSettings, folder: Path, *, replaces: bool = False) -> None:
    """Fill a data directory with what a backup holds.

    Args:
        settings: Which data directory.
        folder: What `backup` wrote.
        replaces: Whether a database that is there already may be lost.

    Raises:
        LocalError: Something runs in the data directory, the folder holds no backup, or there is a
            database in the data directory already.
    """
    data = DataDir(settings.data_dir)
    with data.locked():
        server = _server(settings, data)
        if not (folder / _DUMP).is_file():
            raise LocalError(f"{folder} holds no backup: there is no {_DUMP} in it.")
        if (server.home / "data" / "databases" / "neo4j").exists() and not replaces:
            raise LocalError(
                f"{data.path} has a database; set NEXUS_DATA_DIR to a new directory, or say "
                "--replace to lose what is in this one."
            )
        if (folder / _MEDIA).is_dir():  # first: an image that nothing shows is pruned in time
            shutil.copytree(folder / _MEDIA, data.path / _MEDIA, dirs_exist_ok=True)
        data.is_restored = True
        server.load(folder)


def _server(settings: LocalSettings, data: DataDir) -> Neo4jServer:
    if settings.neo4j_uri:
        raise LocalError(
            "NEXUS_NEO4J_URI is set: that Neo4j is not ours to stop; use its own neo4j-admin."
        )
    return neo4j_of(settings, environment.build(settings, data))
