"""Read a JSON request body, as large as allowed and no larger."""

from collections.abc import Mapping

from starlette.requests import ClientDisconnect, Request


class BadRequest(Exception):  # noqa: N818 - named for the answer it becomes
    """A request that is refused before it is a GraphQL operation.

    Args:
        message: What was wrong and what to do.
        status: The HTTP status.
        headers: Further headers of the answer.
        code: For programs.
    """

    def __init__(
        self,
        message: str,
        status: int = 400,
        headers: Mapping[str, str] | None = None,
        code: str = "BAD_USER_INPUT",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.headers = headers
        self.code = code


async def read_body(request: Request, max_bytes: int) -> bytes:
    """Read the body of a request that says it is JSON.

    A browser asks leave before it sends that type to another origin, so that no page can act for
    its visitor.

    Raises:
        BadRequest: It says it is something else, or is larger than `max_bytes`.
    """
    content_type = request.headers.get("content-type", "")
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise BadRequest(
            f"The content type is {content_type!r}; send `application/json`, "
            "or `multipart/form-data` with files to `/graphql`.",
            415,
        )
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > max_bytes:
                raise BadRequest(f"The body is larger than {max_bytes} bytes.", 413)
    except ClientDisconnect as error:
        raise BadRequest("The client left before it had sent the body.") from error
    return bytes(body)
