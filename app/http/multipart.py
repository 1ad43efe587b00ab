"""GraphQL multipart requests: an operation, a map, and the files that the map puts into it.

Source: GraphQL multipart request specification by Jayden Seric; batches are left out.
"""

import re
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack
from typing import Any, Final

import orjson
from python_multipart.exceptions import FormParserError
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

from app.http.body import BadRequest

MOST_FILES: Final = 10
_NOTHING: Final = object()
_INDEX: Final = re.compile(r"[0-9]{1,5}")
_FIELDS: Final = ["operations", "map"]
PREFLIGHT_HEADERS: Final = (
    "graphql-require-preflight",
    "apollo-require-preflight",
    "x-apollo-operation-name",
)
"""A browser asks leave before it sends any of these to another origin.

Source: Apollo Server, `csrfPrevention`; GraphQL Yoga's plug-in of that name takes a header of
one's choice.
"""


def is_multipart(request: Request) -> bool:
    """Tell whether a request says that it is a form with files."""
    content_type = request.headers.get("content-type", "")
    return content_type.partition(";")[0].strip().lower() == "multipart/form-data"


async def read_multipart(
    request: Request, stack: AsyncExitStack, *, max_text_bytes: int, max_file_bytes: int
) -> dict[str, Any]:
    """Read a multipart request and give its operation, files put where the map says.

    Args:
        request: One that `is_multipart`.
        stack: Closes the files.
        max_text_bytes: The most that `operations` and `map` may hold together.
        max_file_bytes: The most that all files may hold together.

    Raises:
        BadRequest: It is not as the specification says, too large, or a browser might have been
            made to send it.
    """
    _check_preflight(request)
    form = await _form(request, max_text_bytes, max_text_bytes + max_file_bytes)
    stack.push_async_callback(form.close)
    items = form.multi_items()
    if [name for name, _ in items[:2]] != _FIELDS:
        raise BadRequest("Begin the form with the fields `operations` and `map`, in this order.")
    (_, operations), (_, mapping), *rest = items
    files = _files(rest, max_file_bytes)
    payload = _operation(operations)
    for name, paths in _mapping(mapping).items():
        if name not in files:
            raise BadRequest(f"`map` names the file {name!r}, which the form does not have.")
        for path in paths:
            _put(payload, path, files[name])
    return payload


def _check_preflight(request: Request) -> None:
    if not any(request.headers.get(name) for name in PREFLIGHT_HEADERS):
        raise BadRequest(
            "A browser sends forms to other origins without asking; send the header "
            "`GraphQL-Require-Preflight: 1` with a multipart request."
        )


async def _form(request: Request, max_part_bytes: int, max_bytes: int) -> FormData:
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > max_bytes:
        raise _too_large(max_bytes)
    parser = MultiPartParser(
        request.headers,
        _bounded(request, max_bytes),
        max_files=MOST_FILES,
        max_fields=len(_FIELDS),
        max_part_size=max_part_bytes,
    )
    try:
        return await parser.parse()
    except (MultiPartException, FormParserError) as error:
        reason = getattr(error, "message", str(error))
        raise BadRequest(f"The form cannot be read: {reason.rstrip('.')}.") from error
    except ClientDisconnect as error:
        raise BadRequest("The client left before it had sent the form.") from error


async def _bounded(request: Request, max_bytes: int) -> AsyncGenerator[bytes, None]:
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > max_bytes:
            raise _too_large(max_bytes)
        yield chunk


def _too_large(max_bytes: int) -> BadRequest:
    return BadRequest(f"The request is larger than {max_bytes} bytes.", 413)


def _files(items: list[tuple[str, Any]], max_bytes: int) -> dict[str, UploadFile]:
    files: dict[str, UploadFile] = {}
    for name, file in items:
        if not isinstance(file, UploadFile):
            raise BadRequest(f"The form field {name!r} is no file; give it a file name.")
        if name in files:
            raise BadRequest(f"The form has two files {name!r}; give each a name of its own.")
        files[name] = file
    size = sum(file.size or 0 for file in files.values())
    if size > max_bytes:
        raise BadRequest(f"The files hold {size} bytes; send at most {max_bytes}.", 413)
    return files


def _operation(text: Any) -> dict[str, Any]:
    operation = _parsed(text, "operations")
    if isinstance(operation, list):
        raise BadRequest("`operations` is a batch; send one operation in a request.")
    if not isinstance(operation, dict):
        raise BadRequest("`operations` is no JSON object with `query` and `variables`.")
    return operation


def _mapping(text: Any) -> Mapping[str, list[str]]:
    mapping = _parsed(text, "map")
    if not isinstance(mapping, dict) or not all(
        isinstance(paths, list) and paths and all(isinstance(path, str) for path in paths)
        for paths in mapping.values()
    ):
        raise BadRequest('`map` is no JSON object as {"0": ["variables.file"]}.')
    return mapping


def _parsed(text: Any, name: str) -> Any:
    if not isinstance(text, str):
        raise BadRequest(f"`{name}` is a file; send it as a plain form field.")
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"`{name}` is no JSON: {error}.") from error


def _put(payload: dict[str, Any], path: str, file: UploadFile) -> None:
    """Put a file where an operation has null.

    Raises:
        BadRequest: There is no null.
    """
    root, *steps = path.split(".")
    place: Any = payload
    step: Any = root
    if root != "variables" or not steps:
        raise BadRequest(f"`map` has the path {path!r}; begin it with `variables.`.")
    for each in steps:
        place, step = _below(place, step), each
        if isinstance(place, list) and _INDEX.fullmatch(each):
            step = int(each)
    if _below(place, step, default=_NOTHING) is not None:
        raise BadRequest(f"`operations` has no null at {path!r}, where `map` puts a file.")
    place[step] = file


def _below(place: Any, step: Any, default: Any = None) -> Any:
    try:
        return place[step] if isinstance(place, dict | list) else default
    except (KeyError, IndexError, TypeError):
        return default
