"""Uploads as clients send them: GraphQL multipart requests."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import httpx

from adapters.settings import MediaSettings
from tests.app import client as clients
from tests.app.client import PREFLIGHT, Client
from tests.images import picture

MEDIA: Final = """
fragment M on Media {
  id url thumbnailUrl blurhash width height contentType altText createdAt
}
"""
UPLOAD: Final = (
    "mutation ($file: Upload!, $altText: String, $key: String) { "
    "uploadMedia(file: $file, altText: $altText, idempotencyKey: $key) "
    "{ media { ...M } userErrors { code message path } } }" + MEDIA
)


async def send(client: Client, parts: list[tuple[str, Any]], **headers: str) -> httpx.Response:
    """Send a form; a part is a text, or a name and content of a file."""
    login = {"authorization": f"Bearer {client.token}"} if client.token else {}
    files = [(name, part if isinstance(part, tuple) else (None, part)) for name, part in parts]
    sent = {**PREFLIGHT, **login, **headers}
    return await client.http.post(
        "/graphql", files=files, headers={name: value for name, value in sent.items() if value}
    )


def form(content: bytes) -> list[tuple[str, Any]]:
    """Give the form that uploads an image."""
    return clients.form({"query": UPLOAD, "variables": {"file": None}}, {"file": content})


async def upload(client: Client, content: bytes | None = None, **variables: Any) -> dict[str, Any]:
    """Upload an image that is taken, and give it."""
    given = picture() if content is None else content
    media: dict[str, Any] = (await client.do(UPLOAD, file=given, **variables))["media"]
    return media


async def refused(client: Client, content: bytes, **variables: Any) -> dict[str, Any]:
    """Upload what is not taken, and give the one user error."""
    payload = (await client.data(UPLOAD, file=content, **variables))["uploadMedia"]
    assert payload["media"] is None
    (error,) = payload["userErrors"]
    return dict(error)


@contextmanager
def storage_away(settings: MediaSettings) -> Iterator[None]:
    """Put a file where the directory of media is, so that nothing is read or written there."""
    folder = settings.media_dir
    away = Path(f"{folder}-away")
    folder.rename(away)
    folder.write_text("no directory")
    try:
        yield
    finally:
        folder.unlink()
        away.rename(folder)
