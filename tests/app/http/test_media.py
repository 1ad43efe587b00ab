"""Images are served as what they are, for ever, to whoever has their address."""

import httpx
import pytest

from adapters.media_keys import new_key
from adapters.settings import MediaSettings
from tests.app.client import Client
from tests.app.upload import storage_away, upload
from tests.images import TYPES, opened, picture

pytestmark = pytest.mark.usefixtures("client")


@pytest.mark.parametrize(("kind", "content_type"), TYPES.items())
async def test_an_image_is_served_as_what_it_is(
    alice: Client, http: httpx.AsyncClient, kind: str, content_type: str
) -> None:
    media = await upload(alice, picture(kind))
    response = await http.get(media["url"])
    assert response.status_code == 200
    assert response.headers["content-type"] == content_type == media["contentType"]
    assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in response.headers["content-security-policy"]
    assert int(response.headers["content-length"]) == len(response.content)
    assert (opened(response.content).format, opened(response.content).size) == (kind, (40, 30))


async def test_head_and_etag_spare_the_bytes(alice: Client, http: httpx.AsyncClient) -> None:
    url = (await upload(alice))["url"]
    whole = await http.get(url)
    head = await http.head(url)
    assert (head.status_code, head.content) == (200, b"")
    names = ("etag", "content-type", "content-length", "cache-control", "x-content-type-options")
    for name in names:
        assert head.headers[name] == whole.headers[name]
    etag = whole.headers["etag"]
    for value in (etag, f'"other", W/{etag}', "*"):
        again = await http.get(url, headers={"if-none-match": value})
        assert (again.status_code, again.content) == (304, b""), value
        assert again.headers["etag"] == etag
    other = await http.get(url, headers={"if-none-match": '"other"'})
    assert other.content == whole.content


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_what_is_not_there_is_404(http: httpx.AsyncClient, method: str) -> None:
    for name in (new_key("png"), "x", ".put-x", f"{'a' * 32}.svg"):
        response = await http.request(method, f"/media/{name}")
        assert response.status_code == 404, name
        assert response.headers["cache-control"] == "no-store"
        assert response.headers["x-content-type-options"] == "nosniff"
    outside = await http.request(method, "/media/..%2f..%2fetc%2fpasswd")
    assert outside.status_code == 404
    known = await http.get(f"/media/{new_key('png')}", headers={"if-none-match": "*"})
    assert known.status_code == 404


async def test_images_are_only_read(alice: Client, http: httpx.AsyncClient) -> None:
    url = (await upload(alice))["url"]
    for method in ("POST", "PUT", "DELETE"):
        assert (await http.request(method, url)).status_code == 405


async def test_a_storage_that_fails_is_503_and_told(
    alice: Client, http: httpx.AsyncClient, media_settings: MediaSettings
) -> None:
    url = (await upload(alice))["url"]
    with storage_away(media_settings):
        assert (await http.get(url)).status_code == 503
        assert (await http.head(url)).status_code == 503
    assert (await http.get(url)).status_code == 200
