import hashlib
import subprocess
import tomllib
import zipfile
from pathlib import Path

import pytest

from local import assets
from local.assets import LOCK, Asset, NpmPackage, unpack
from local.errors import LocalError

pytestmark = pytest.mark.unit


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "thing.jar"
    with zipfile.ZipFile(path, "w") as jar:
        jar.writestr("umd/thing.js", b"a script")
    return path


def asset(content: bytes) -> Asset:
    return Asset("x/thing.js", "org:thing:1", "umd/thing.js", hashlib.sha256(content).hexdigest())


def test_a_file_of_the_right_checksum_is_unpacked(tmp_path: Path, archive: Path) -> None:
    wanted = asset(b"a script")
    assert not wanted.is_in(tmp_path)
    unpack(wanted, archive, tmp_path)
    assert (tmp_path / "x" / "thing.js").read_bytes() == b"a script"
    assert wanted.is_in(tmp_path)


def test_any_other_is_refused(tmp_path: Path, archive: Path) -> None:
    with pytest.raises(LocalError, match=r"umd/thing\.js .* does not have the checksum"):
        unpack(asset(b"another script"), archive, tmp_path)
    assert not (tmp_path / "x").exists()


def test_lock_names_every_file_that_the_explorers_load() -> None:
    files = {entry["path"] for entry in tomllib.loads(LOCK.read_text())["file"]}
    assert files == {
        "graphiql/graphiql.min.css",
        "graphiql/graphiql.min.js",
        "graphiql/graphql-ws.min.js",
        "graphiql/react-dom.production.min.js",
        "graphiql/react.production.min.js",
        "playground/static/css/index.css",
        "playground/static/js/middleware.js",
    }


def test_npm_caches_beside_what_it_fetches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """npm itself would write to the home directory, which may be read-only."""
    said: list[list[str]] = []

    def npm(command: list[str], **_: object) -> "subprocess.CompletedProcess[str]":
        said.append(command)
        return subprocess.CompletedProcess(command, 1)

    monkeypatch.setattr(assets, "npm", npm)
    with pytest.raises(LocalError, match="x@1 could not be fetched from the npm registry"):
        assets._pack(NpmPackage("x@1", "none"), tmp_path)
    [command] = said
    assert command[command.index("--cache") + 1] == "."
