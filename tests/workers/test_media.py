"""Thumbnails are made once, for images that are there; what nothing shows goes, bytes and all."""

from pathlib import Path

import pytest

from adapters.directory import Directory
from adapters.media_keys import new_key, thumbnail_key
from adapters.settings import MediaSettings
from adapters.storage import StorageUnavailable, read
from graph.runner import Graph
from tests.graph.people import World, new_world
from tests.images import opened, picture
from workers import prune_media
from workers.base import GraphTask
from workers.celery import _TASK_LIMIT_S
from workers.prune_media import GRACE_MS, remove_loose
from workers.thumbnail import thumbnail

_EVENT = """\
MATCH (e:Event {kind: 'MediaUploaded'})
CREATE (:Job {key: e.id + ':thumbnail', name: 'thumbnail', event_id: e.id, due_at: 1})
RETURN e.id AS id"""
_STATE = """\
MATCH (m:Media) RETURN m {.thumbnail_key, has_blur: m.blurhash IS NOT NULL,
  is_open: EXISTS { MATCH (j:Job) WHERE j.done_at IS NULL }} AS value"""
_HOUR_MS = 3_600_000


@pytest.fixture
def storage(tmp_path: Path) -> Directory:
    return Directory(tmp_path / "media")


@pytest.fixture(name="world")
def _world(
    clean: None,  # noqa: ARG001
    sync_graph: Graph,
    storage: Directory,
    monkeypatch: pytest.MonkeyPatch,
) -> World:
    monkeypatch.setattr(GraphTask, "graph", sync_graph, raising=False)
    monkeypatch.setattr(GraphTask, "storage", storage, raising=False)
    monkeypatch.setattr(GraphTask, "media_settings", MediaSettings(), raising=False)
    return new_world(sync_graph)


def stored(world: World, storage: Directory, content: bytes | None = None) -> tuple[str, str]:
    key = new_key("png")
    storage.put(key, picture(size=(1280, 640)) if content is None else content)
    return world.image(world.alice, key=key), key


def event_of(world: World) -> str:
    (row,) = world.cypher(_EVENT)
    return str(row["id"])


def state(world: World) -> object:
    (row,) = world.cypher(_STATE)
    return row["value"]


def test_a_thumbnail_is_made_once(world: World, storage: Directory) -> None:
    _, key = stored(world, storage)
    event = event_of(world)
    for _ in range(2):
        thumbnail(event)
        small = read(storage, thumbnail_key(key))
        assert small is not None
        assert opened(small).size == (640, 320)
        assert state(world) == {
            "thumbnail_key": thumbnail_key(key),
            "has_blur": True,
            "is_open": False,
        }


@pytest.mark.parametrize("content", [b"no image", None])
def test_an_image_that_cannot_have_one_ends_its_job(
    world: World, storage: Directory, content: bytes | None
) -> None:
    _, key = stored(world, storage, content or b"x")
    if content is None:
        storage.delete([key])
    thumbnail(event_of(world))
    assert state(world) == {"thumbnail_key": None, "has_blur": False, "is_open": False}


def test_a_storage_that_fails_leaves_the_job_open(world: World, storage: Directory) -> None:
    stored(world, storage)
    event = event_of(world)
    away = storage.path.rename(storage.path.with_name("away"))
    storage.path.write_text("no directory")
    with pytest.raises(StorageUnavailable):
        thumbnail(event)
    assert state(world) == {"thumbnail_key": None, "has_blur": False, "is_open": True}
    storage.path.unlink()
    away.rename(storage.path)
    thumbnail(event)
    assert state(world) != {"thumbnail_key": None, "has_blur": False, "is_open": False}


def test_what_nothing_shows_goes_bytes_and_all(
    world: World, storage: Directory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prune_media, "_BATCH", 2)
    shown, shown_key = stored(world, storage)
    world.post(world.alice, media_ids=[shown])
    loose = [stored(world, storage)[1] for _ in range(5)]
    storage.put(thumbnail_key(loose[0]), b"small")
    (row,) = world.cypher("MATCH (m:Media) RETURN max(m.created_at) AS at")
    now = int(str(row["at"])) + 24 * _HOUR_MS

    assert remove_loose(world.graph, storage, 24, now - 60_000) == 0
    assert world.value("COUNT { (m:Media) WHERE m.doomed_at IS NULL }") == 6
    assert remove_loose(world.graph, storage, 24, now + 1) == 0
    assert world.value("COUNT { (m:Media) WHERE m.doomed_at IS NULL }") == 1
    assert remove_loose(world.graph, storage, 24, now + GRACE_MS) == 0
    assert remove_loose(world.graph, storage, 24, now + GRACE_MS + 2) == 5
    assert remove_loose(world.graph, storage, 24, now + GRACE_MS + 2) == 0

    assert [path.name for path in storage.path.rglob("*") if path.is_file()] == [shown_key]
    assert world.value("COUNT { (:Media) }") == 1


def test_no_task_outlives_the_grace_of_an_image() -> None:
    assert GRACE_MS > 2 * _TASK_LIMIT_S * 1000
