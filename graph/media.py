"""Images: uploading one, and what posts and people show of them.

The node is written before the bytes are stored and removed after they are deleted, so that
nothing lies in the storage that the graph does not know of.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, LiteralString

from graph import ids, image_projections, reads
from graph.errors import Conflict, NotFound
from graph.events import CREATE_EVENT, EventKind, new_event
from graph.idempotency import FIND_KNOWN, REMEMBER, Idempotency
from graph.ids import Prefix
from graph.projection import Row
from graph.selection import Selection
from graph.statement import Statement
from graph.text import check_text
from graph.viewer import Viewer, viewer_write
from graph.visibility import visible_media

LONGEST_ALT_TEXT: Final = 1_500


def find_media(viewer: Viewer, media_id: str, _: Selection) -> Statement[Row | None]:
    """Read an image that the viewer may see: their own, or one that they are shown.

    Cost: one index seek, and one more for a post that shows it.
    """
    match: LiteralString = f"MATCH (media:Media {{id: $id}}) WHERE {visible_media('media')}"
    return reads.find_one(viewer, match, image_projections.media("media", "$s"), {"id": media_id})


@dataclass(frozen=True, slots=True)
class NewMedia:
    """An image to be stored; its id, key and instant are made before any transaction.

    Args:
        key: Names its bytes in the storage.
        content_hash: Tells it from another image under the same idempotency key.
    """

    id: str
    author_id: str
    key: str
    content_type: str
    width: int
    height: int
    byte_count: int
    content_hash: str
    alt_text: str | None
    created_at: int

    @classmethod
    def of(cls, viewer: Viewer, alt_text: str | None, **image: Any) -> "NewMedia":
        """Make an image of what a user sent.

        Raises:
            InvalidInput: The description breaks a rule.
        """
        blank = alt_text is None or not alt_text.strip()
        checked = None if blank else check_text(str(alt_text), "altText", LONGEST_ALT_TEXT)
        return cls(
            id=ids.new_id(Prefix.MEDIA),
            author_id=viewer.user_id,
            alt_text=checked,
            created_at=ids.now_ms(),
            **image,
        )

    def properties(self) -> dict[str, Any]:
        """Give the properties of the image's node while its bytes are not stored yet."""
        return {
            "id": self.id,
            "author_id": self.author_id,
            "key": self.key,
            "content_type": self.content_type,
            "width": self.width,
            "height": self.height,
            "byte_count": self.byte_count,
            "alt_text": self.alt_text,
            "created_at": self.created_at,
            "loose_at": self.created_at,
        }


@dataclass(frozen=True, slots=True)
class Reserved:
    """An image whose node is there.

    Args:
        id: Its id.
        key: Where its bytes are to be stored.
        is_stored: Whether they are, by an earlier request.
    """

    id: str
    key: str
    is_stored: bool


_RESERVE: LiteralString = (
    "SET viewer.lk = true\nWITH viewer\n"
    + FIND_KNOWN
    + """\
OPTIONAL MATCH (existing:Media {id: coalesce(known.object_id, $media.id)})
CALL (viewer, known, existing) {
  WITH * WHERE known IS NULL AND existing IS NULL
  CREATE (media:Media)
  SET media = $media
  """
    + REMEMBER
    + """\
  RETURN count(*) AS created
}
RETURN {known: known {.object_id, .input_hash}, is_gone: existing.doomed_at IS NOT NULL,
        existing: existing {.id, .key, is_stored: existing.stored_at IS NOT NULL}} AS value
"""
)


def reserve_media(
    viewer: Viewer, media: NewMedia, idempotency_key: str | None = None
) -> Statement[Reserved]:
    """Write an image's node before its bytes; gives the first one's under the same key.

    Raises:
        InvalidInput: The key breaks a rule.
        Conflict: On decoding: the key was used with another input, or for an image that is gone.
    """
    content = {"content": media.content_hash, "altText": media.alt_text}
    key = Idempotency.of(viewer.user_id, "uploadMedia", idempotency_key, content)
    own = Reserved(media.id, media.key, is_stored=False)

    def decode(value: Mapping[str, Any]) -> Reserved:
        first = key.settle(value["known"], media.id)
        if first == media.id:
            return own
        if value["existing"] is None or value["is_gone"]:
            raise Conflict(
                f"The image {first!r} of this `idempotencyKey` is gone; take a new key.",
                ("idempotencyKey",),
            )
        return Reserved(**value["existing"])

    parameters = {
        "media": media.properties(),
        "idempotency": key.properties(media.id, media.created_at),
    }
    return viewer_write(viewer, _RESERVE, parameters, decode)


_CONFIRM: LiteralString = (
    """\
SET viewer.lk = true
WITH viewer
OPTIONAL MATCH (media:Media {id: $id})
WHERE media.author_id = viewer.id
CALL (media) { WITH * WHERE media IS NOT NULL SET media.lk = true RETURN count(*) AS locked }
CALL (media) {
  WITH * WHERE media IS NOT NULL AND media.doomed_at IS NULL AND media.stored_at IS NULL
  SET media.stored_at = $event.occurred_at
  """
    + CREATE_EVENT
    + """\
  RETURN count(*) AS confirmed
}
RETURN media IS NOT NULL AND media.doomed_at IS NULL AS value
"""
)


def confirm_media(viewer: Viewer, media_id: str) -> Statement[str]:
    """Note that the bytes of an image are stored, and ask for its thumbnail; twice is once.

    Raises:
        NotFound: On decoding: it was removed meanwhile.
    """
    event = new_event(EventKind.MEDIA_UPLOADED, ids.now_ms(), viewer.user_id, media_id)

    def decode(is_there: bool) -> str:
        if not is_there:
            raise NotFound(f"The image {media_id!r} is gone; upload it again.", ("file",))
        return media_id

    return viewer_write(viewer, _CONFIRM, {"id": media_id, "event": event.properties()}, decode)
