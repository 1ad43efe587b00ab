"""A directory holds an image wholly or not at all, and nothing but images."""

from pathlib import Path

import pytest

from adapters.directory import Directory
from adapters.media_keys import KEY, content_type, new_key, thumbnail_key
from adapters.storage import StorageUnavailable, read

pytestmark = pytest.mark.unit


@pytest.fixture
def storage(tmp_path: Path) -> Directory:
    return Directory(tmp_path / "media")


def files(storage: Directory) -> list[str]:
    return sorted(path.name for path in storage.path.rglob("*") if path.is_file())


def test_what_is_put_is_there_until_it_is_deleted(storage: Directory) -> None:
    key, content = new_key("png"), bytes(range(256)) * 4_000
    assert (storage.open(key), storage.find_size(key), read(storage, key)) == (None, None, None)
    for _ in range(2):
        storage.put(key, content)
    assert read(storage, key) == content
    assert storage.find_size(key) == len(content)
    assert files(storage) == [key]
    for _ in range(2):
        storage.delete([key, thumbnail_key(key)])
    assert read(storage, key) is None


def test_a_write_that_fails_leaves_nothing(
    storage: Directory, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: int) -> None:
        raise OSError(28, "No space left on device")

    key = new_key("png")
    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(StorageUnavailable, match="No space left"):
        storage.put(key, b"content")
    assert read(storage, key) is None
    assert files(storage) == []


def test_a_directory_that_cannot_be_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    storage = Directory(tmp_path / "file")
    for use in (
        lambda: storage.put(new_key("png"), b""),
        lambda: storage.find_size(new_key("png")),
    ):
        with pytest.raises(StorageUnavailable, match="directory of media"):
            use()


@pytest.mark.parametrize(
    "key", ["", "..", "../../etc/passwd", "a.png", f"{'a' * 32}.svg", "x/y.png"]
)
def test_no_other_file_is_named(storage: Directory, key: str) -> None:
    for use in (storage.open, storage.find_size, lambda key: storage.delete([key])):
        with pytest.raises(ValueError, match="is no key"):
            use(key)


@pytest.mark.parametrize(
    ("extension", "type_"),
    [("jpg", "image/jpeg"), ("png", "image/png"), ("webp", "image/webp"), ("gif", "image/gif")],
)
def test_a_key_tells_its_type_and_that_of_its_thumbnail(extension: str, type_: str) -> None:
    keys = {new_key(extension) for _ in range(100)}
    assert len(keys) == 100
    for key in keys:
        assert KEY.fullmatch(key)
        assert KEY.fullmatch(thumbnail_key(key))
        assert content_type(key) == type_
        assert content_type(thumbnail_key(key)) == "image/webp"
