"""A bucket of a real server that speaks S3 holds images as a directory does."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from boto3.session import Session

from adapters.bucket import Bucket
from adapters.directory import Directory
from adapters.media_keys import new_key, thumbnail_key
from adapters.media_storage import open_storage
from adapters.settings import MediaSettings
from adapters.storage import Storage, StorageUnavailable, read
from local.ports import free_ports


def _is_open(port: int) -> bool:
    with closing(socket.socket()) as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    (port,) = free_ports(1)
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        while not _is_open(port):
            assert server.poll() is None, "the server does not start"
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
        server.terminate()


@pytest.fixture(autouse=True)
def _login(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")


@pytest.fixture
def client(endpoint: str) -> Any:
    client = Session().client("s3", endpoint_url=endpoint)
    client.create_bucket(Bucket="images")
    return client


def storage_of(endpoint: str, url: str = "s3://images/of/nexus") -> Storage:
    return open_storage(MediaSettings(media_url=url, media_s3_endpoint=endpoint))


def test_what_is_put_is_there_until_it_is_deleted(client: Any, endpoint: str) -> None:
    storage = storage_of(endpoint)
    key, content = new_key("png"), bytes(range(256)) * 4_000
    assert (storage.open(key), storage.find_size(key), read(storage, key)) == (None, None, None)
    for _ in range(2):
        storage.put(key, content)
    assert read(storage, key) == content
    assert storage.find_size(key) == len(content)
    listed = client.list_objects_v2(Bucket="images")["Contents"]
    assert [each["Key"] for each in listed] == [f"of/nexus/{key}"]
    for _ in range(2):
        storage.delete([key, thumbnail_key(key)])
    assert read(storage, key) is None


def test_a_cache_may_read_the_bucket_itself(client: Any, endpoint: str) -> None:
    key = new_key("gif")
    storage_of(endpoint, "s3://images").put(key, b"content")
    head = client.head_object(Bucket="images", Key=key)
    assert head["ContentType"] == "image/gif"
    assert head["CacheControl"] == "public, max-age=31536000, immutable"


def test_many_are_deleted_at_once(client: Any, endpoint: str) -> None:
    storage, keys = storage_of(endpoint, "s3://images/many/"), [new_key("png") for _ in range(50)]
    for key in keys:
        storage.put(key, b"content")
    storage.delete([*keys[:-1], *map(thumbnail_key, keys)])
    listed = client.list_objects_v2(Bucket="images", Prefix="many/")["Contents"]
    assert [each["Key"] for each in listed] == [f"many/{keys[-1]}"]


def test_a_bucket_that_is_not_there_says_so(endpoint: str) -> None:
    storage, key = storage_of(endpoint, "s3://no-such-bucket"), new_key("png")
    for use in (
        lambda: storage.put(key, b""),
        lambda: storage.open(key),
        lambda: storage.delete([key]),
    ):
        with pytest.raises(StorageUnavailable, match="bucket"):
            use()


def test_a_server_that_is_away_says_so() -> None:
    (port,) = free_ports(1)
    with pytest.raises(StorageUnavailable, match="bucket"):
        storage_of(f"http://127.0.0.1:{port}").find_size(new_key("png"))


def test_nothing_but_images_is_stored(endpoint: str) -> None:
    storage = storage_of(endpoint)
    for use in (lambda: storage.put("../x", b""), lambda: storage.open("x")):
        with pytest.raises(ValueError, match="no key"):
            use()


@pytest.mark.unit
@pytest.mark.parametrize(
    ("url", "name", "prefix"),
    [("s3://images", "images", ""), ("s3://a.b/c/d/", "a.b", "c/d/"), ("s3://abc/", "abc", "")],
)
def test_an_address_names_bucket_and_prefix(url: str, name: str, prefix: str) -> None:
    storage = open_storage(MediaSettings(media_url=url))
    assert isinstance(storage, Bucket)
    assert (storage.name, storage.prefix) == (name, prefix)


@pytest.mark.unit
def test_without_an_address_it_is_the_directory() -> None:
    assert isinstance(open_storage(MediaSettings()), Directory)


@pytest.mark.unit
@pytest.mark.parametrize("url", ["https://images", "s3://", "s3://A_B", "s3://a/b?c", "images"])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="media_url"):
        MediaSettings(media_url=url)
