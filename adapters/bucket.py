"""Media in a bucket of anything that speaks S3: Amazon, Ceph, MinIO, R2 and the like.

Credentials and region come from where Amazon's own tools take them: the environment
(`AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_DEFAULT_REGION`), a profile, or the role of
the machine.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from typing import Any, Final

from boto3.session import Session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from adapters.media_keys import CACHE_CONTROL, checked, content_type
from adapters.storage import CHUNK_BYTES, StorageUnavailable, Stored

_DELETING_THREADS: Final = 8
_MISSING: Final = ("NoSuchKey", "404")
_BOUNDS: Final[dict[str, Any]] = {
    "connect_timeout": 3,
    "read_timeout": 10,
    "retries": {"mode": "standard", "total_max_attempts": 3},
    "max_pool_connections": 32,
}
# Many servers that are not Amazon's refuse the check sums that newer clients add unasked.
_CHECK_SUMS: Final = {
    "request_checksum_calculation": "when_required",
    "response_checksum_validation": "when_required",
}


class Bucket:
    """A storage of objects.

    Args:
        name: The bucket, which is there already.
        prefix: What the names of objects begin with.
        endpoint: Where it is, if it is not Amazon's; buckets are then part of the path, not of
            the host's name.
    """

    def __init__(self, name: str, prefix: str = "", endpoint: str | None = None) -> None:
        self.name = name
        self.prefix = prefix
        style = {"addressing_style": "path"} if endpoint else {}
        config = Config(s3=style, **_BOUNDS, **_CHECK_SUMS)
        with _told():
            self._client: Any = Session().client("s3", endpoint_url=endpoint, config=config)

    def put(self, key: str, content: bytes) -> None:
        """Store bytes, with what a cache that reads the bucket itself has to know of them."""
        with _told():
            self._client.put_object(
                **self._object(key),
                Body=content,
                ContentType=content_type(key),
                CacheControl=CACHE_CONTROL,
            )

    def open(self, key: str) -> Stored | None:
        """Give what is stored under a key, or None."""
        with _told():
            try:
                found = self._client.get_object(**self._object(key))
            except ClientError as error:
                if _is_missing(error):
                    return None
                raise
            return Stored(found["ContentLength"], _chunks(found["Body"]))

    def find_size(self, key: str) -> int | None:
        """Give how many bytes are stored under a key, or None."""
        with _told():
            try:
                return int(self._client.head_object(**self._object(key))["ContentLength"])
            except ClientError as error:
                if _is_missing(error):
                    return None
                raise

    def delete(self, keys: Sequence[str]) -> None:
        """Delete objects; those that are not there are no error.

        One by one, some at once: not every server can delete many in a request.
        """
        with _told(), ThreadPoolExecutor(_DELETING_THREADS) as threads:
            for _ in threads.map(lambda key: self._client.delete_object(**self._object(key)), keys):
                pass

    def _object(self, key: str) -> dict[str, str]:
        return {"Bucket": self.name, "Key": self.prefix + checked(key)}


def _is_missing(error: ClientError) -> bool:
    return error.response["Error"]["Code"] in _MISSING


def _chunks(body: Any) -> Iterator[bytes]:
    with closing(body), _told():
        yield from body.iter_chunks(CHUNK_BYTES)


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise StorageUnavailable(f"The bucket of media fails: {error}.") from error
