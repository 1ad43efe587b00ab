"""Which storage the settings choose."""

from urllib.parse import urlsplit

from adapters.directory import Directory
from adapters.settings import MediaSettings
from adapters.storage import Storage


def open_storage(settings: MediaSettings) -> Storage:
    """Give the storage of media: a bucket if one is named, else the directory.

    Raises:
        StorageUnavailable: The bucket's address or region is none.
    """
    if settings.media_url is None:
        return Directory(settings.media_dir)
    from adapters.bucket import Bucket  # noqa: PLC0415 - its library takes long to load

    url = urlsplit(settings.media_url)
    prefix = url.path.strip("/")
    return Bucket(url.netloc, prefix and f"{prefix}/", settings.media_s3_endpoint)
