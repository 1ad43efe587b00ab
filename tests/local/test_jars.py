import tomllib
from pathlib import Path

import pytest
from jgo.env import LockFile
from jgo.env._lockfile import LockedDependency
from jgo.maven import Artifact

from local import jars, neo4j
from local.errors import LocalError

pytestmark = pytest.mark.unit

SPEC = Path(neo4j.__file__).with_name("neo4j.jgo.toml")


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """A cache that already holds one jar, so that nothing is fetched."""
    jar = tmp_path / "maven" / "org" / "example" / "thing" / "1.0" / "thing-1.0.jar"
    jar.parent.mkdir(parents=True)
    jar.write_bytes(b"a jar")
    return tmp_path


def lock_file(folder: Path, sha256: str) -> Path:
    entry = LockedDependency("org.example", "thing", "1.0", sha256=sha256)
    path = folder / "thing.lock.toml"
    LockFile([entry]).save(path)
    return path


def test_verified_jars_are_gathered_once(cache: Path) -> None:
    lock = lock_file(cache, jars.sha256(next(cache.rglob("thing-1.0.jar"))))
    folder = jars.materialize(lock, cache, "1.0")
    assert [jar.name for jar in folder.iterdir()] == ["thing-1.0.jar"]
    assert jars.materialize(lock, cache, "1.0") == folder


def test_an_altered_jar_is_refused(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    altered = next(cache.rglob("thing-1.0.jar"))
    monkeypatch.setattr(Artifact, "resolve", lambda _: _written(altered))
    with pytest.raises(LocalError, match=r"thing.* does not have the checksum of the lock file"):
        jars.materialize(lock_file(cache, "0" * 64), cache, "1.0")
    assert not list((cache / "neo4j").iterdir())


def test_without_network_one_sentence_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jars, "REMOTES", {"central": "http://127.0.0.1:9"})
    with pytest.raises(LocalError, match=r"thing.* could not be fetched.*connect"):
        jars.materialize(lock_file(tmp_path, "0" * 64), tmp_path, "1.0")


def test_lock_holds_what_the_spec_asks_for_with_checksums() -> None:
    wanted = tomllib.loads(SPEC.read_text())["dependencies"]["coordinates"]
    locked = LockFile.load(neo4j.LOCK).dependencies
    assert {f"{jar.groupId}:{jar.artifactId}:{jar.version}" for jar in locked} >= set(wanted)
    assert all(jar.sha256 and len(jar.sha256) == 64 for jar in locked)
    assert f"org.neo4j:neo4j:{neo4j.VERSION}" in wanted


def _written(path: Path) -> Path:
    path.write_bytes(b"not what was locked")
    return path
