"""Images."""

from typing import Any

from ariadne import MutationType, ObjectType, ScalarType
from graphql import GraphQLError
from starlette.datastructures import UploadFile

from app.context import Info
from app.payloads import Payload, payload
from app.read_back import ReadBack
from graph import media as images
from graph.projection import Row

mutation = MutationType()
media = ObjectType("Media")
upload = ScalarType("Upload")


@upload.value_parser
def parse_upload(value: Any) -> UploadFile:
    """Give a file that a multipart request put into its variables.

    Raises:
        GraphQLError: It is anything else.
    """
    if not isinstance(value, UploadFile):
        raise GraphQLError(
            "A file is sent as a variable of a multipart request: form fields `operations`, `map` "
            "and the file."
        )
    return value


@mutation.field("uploadMedia")
@payload
async def resolve_upload_media(
    _: Any,
    info: Info,
    file: UploadFile,
    alt_text: str | None = None,
    idempotency_key: str | None = None,
) -> Payload:
    """Store an image."""
    context, uploads = info.context, info.context.services.uploads
    reader = ReadBack.of(info, "media", "Media", images.find_media)
    image = await uploads.prepare(file)
    draft = images.NewMedia.of(context.viewer, alt_text, **image.properties)
    reserved = await context.run(images.reserve_media(context.viewer, draft, idempotency_key))
    if not reserved.is_stored:
        await uploads.store(reserved.key, image)
        context.renew_deadline()
        await context.commit(images.confirm_media(context.viewer, reserved.id))
    return {"media": await reader.read(reserved.id)}


@media.field("url")
def resolve_url(row: Row, info: Info) -> str:
    """Give the image's address."""
    return _address(info, row["key"])


@media.field("thumbnailUrl")
def resolve_thumbnail_url(row: Row, info: Info) -> str | None:
    """Give the thumbnail's address, once it is made."""
    return _address(info, row["thumbnail_key"]) if row["thumbnail_key"] else None


def _address(info: Info, key: str) -> str:
    return f"{info.context.services.media_base_url}/{key}"


BINDABLES = [mutation, media, upload]
