"""`/media/<key>`: images as they are stored, which no browser takes for anything else.

An address names the same bytes for ever, so browsers and a cache in front of the API
(`NEXUS_MEDIA_BASE_URL`) need not ask again.
"""

from typing import Final

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from adapters.media_keys import CACHE_CONTROL, KEY, content_type
from adapters.storage import Storage, StorageUnavailable

log = structlog.get_logger(__name__)
_SAFE: Final = {"x-content-type-options": "nosniff"}
_HEADERS: Final = {
    **_SAFE,
    "cache-control": CACHE_CONTROL,
    "content-disposition": "inline",
    "content-security-policy": "default-src 'none'; sandbox",
    "cross-origin-resource-policy": "cross-origin",
}


class MediaEndpoint:
    """Serves what a storage holds."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    async def handle(self, request: Request) -> Response:
        """Answer one request."""
        key = request.path_params["key"]
        if not KEY.fullmatch(key):
            return _no_image(404)
        try:
            return await self._answer(request, key)
        except StorageUnavailable as error:
            log.warning("image not served", error=str(error))
            return _no_image(503)

    async def _answer(self, request: Request, key: str) -> Response:
        headers = {**_HEADERS, "etag": f'"{key}"', "content-type": content_type(key)}
        condition = request.headers.get("if-none-match", "")
        is_known = condition.strip() == "*" or headers["etag"] in condition
        if is_known or request.method == "HEAD":
            size = await run_in_threadpool(self._storage.find_size, key)
            if size is None:
                return _no_image(404)
            if is_known:
                return Response(status_code=304, headers=headers)
            return Response(headers={**headers, "content-length": str(size)})
        stored = await run_in_threadpool(self._storage.open, key)
        if stored is None:
            return _no_image(404)
        return StreamingResponse(
            stored.chunks, headers={**headers, "content-length": str(stored.size)}
        )


def _no_image(status: int) -> Response:
    text = "There is no such image." if status == 404 else "Images cannot be read just now."  # noqa: PLR2004
    return PlainTextResponse(text, status, {**_SAFE, "cache-control": "no-store"})
