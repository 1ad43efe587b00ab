"""Fragments of commands that show images: in a post, or as somebody's avatar.

An image is shown in one place, and only by who uploaded it. The command has locked its viewer;
the image is locked here, because it may be about to be removed as one that nothing shows.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, LiteralString

from graph.errors import Conflict, InvalidInput, NotFound

MOST_MEDIA: Final = 10


def check_media_ids(media_ids: Sequence[str]) -> tuple[str, ...]:
    """Give the ids of a post's images.

    Raises:
        InvalidInput: There are too many, or one stands there twice.
    """
    if len(media_ids) > MOST_MEDIA:
        raise InvalidInput(
            f"`mediaIds` names {len(media_ids)} images; name at most {MOST_MEDIA}.", ("mediaIds",)
        )
    twice = [each for index, each in enumerate(media_ids) if each in media_ids[:index]]
    if twice:
        raise InvalidInput(f"`mediaIds` names {twice[0]!r} twice; name it once.", ("mediaIds",))
    return tuple(media_ids)


_OUTCOME: LiteralString = """\
CASE
      WHEN media.stored_at IS NULL OR media.doomed_at IS NOT NULL THEN 'NOT_FOUND'
      WHEN EXISTS { (media)<-[:HAS_MEDIA]-() } OR EXISTS { (media)<-[:HAS_AVATAR]-() } THEN 'USED'
      ELSE 'OK'
    END"""

FIND_MEDIA: LiteralString = (
    """\
CALL (viewer) {
  UNWIND $media_ids AS media_id
  OPTIONAL MATCH (media:Media {id: media_id}) WHERE media.author_id = viewer.id
  CALL (media) { WITH * WHERE media IS NOT NULL SET media.lk = true RETURN count(*) AS locked }
  RETURN collect({id: media_id, media: media, outcome: """
    + _OUTCOME
    + """}) AS attachments
}
"""
)
"""Binds `attachments`: the images of `$media_ids`, locked, each with the outcome of showing it."""

ALL_FOUND: LiteralString = "all(each IN attachments WHERE each.outcome = 'OK')"
"""Whether every image of `attachments` may be shown."""

FAULTS: LiteralString = "[each IN attachments WHERE each.outcome <> 'OK' | each {.id, .outcome}]"
"""What `check_faults` reads: which images may not be shown, and why."""

ATTACH: LiteralString = """\
WITH *
CALL (post, attachments) {
  UNWIND attachments AS each
  WITH post, each.media AS media
  CREATE (post)-[:HAS_MEDIA]->(media)
  REMOVE media.loose_at
}
"""
"""Shows `attachments` in `post`, whose `media_ids` tell their order."""

RELEASE: LiteralString = """\
WITH *
CALL (post) {
  MATCH (post)-[:HAS_MEDIA]->(media:Media)
  SET media.lk = true, media.loose_at = 0, media.doomed_at = $at
}
"""
"""Gives up the images of a post that is deleted; the next pruning removes them."""


def check_faults(faults: Sequence[Mapping[str, Any]], name: str = "mediaIds") -> None:
    """Refuse images that may not be shown.

    Args:
        faults: What `FAULTS` gave.
        name: The input field that named them.

    Raises:
        NotFound: One is not there, or somebody else's.
        Conflict: One is shown already.
    """
    for fault in faults:
        if fault["outcome"] == "USED":
            raise Conflict(
                f"The image {fault['id']!r} is shown already; upload it again to show it twice.",
                (name,),
            )
        raise NotFound(f"There is no image {fault['id']!r} of yours; upload it first.", (name,))


FIND_AVATAR: LiteralString = (
    """\
CALL (viewer) {
  UNWIND [id IN [$avatar_id] WHERE id IS NOT NULL] AS media_id
  OPTIONAL MATCH (media:Media {id: media_id}) WHERE media.author_id = viewer.id
  CALL (media) { WITH * WHERE media IS NOT NULL SET media.lk = true RETURN count(*) AS locked }
  RETURN collect({id: media_id, media: media, outcome: CASE
    WHEN EXISTS { (viewer)-[:HAS_AVATAR]->(media) } THEN 'OK' ELSE """
    + _OUTCOME
    + """ END}) AS attachments
}
"""
)
"""Binds `attachments`: the image of `$avatar_id`, if one is named; the present avatar is no fault.

After it, `ALL_FOUND` and `FAULTS` (for `check_faults(…, "avatarId")`) hold for an avatar, too.
"""

SET_AVATAR: LiteralString = """\
CALL (viewer, attachments) {
  OPTIONAL MATCH (viewer)-[old:HAS_AVATAR]->(before:Media)
  WHERE NOT before.id IN [each IN attachments | each.id]
  CALL (viewer, old, before) {
    WITH * WHERE before IS NOT NULL
    DELETE old
    REMOVE viewer.avatar_id
    SET before.lk = true, before.loose_at = 0, before.doomed_at = $at
  }
  WITH viewer, attachments
  UNWIND attachments AS each
  WITH viewer, each.media AS media
  WHERE NOT EXISTS { (viewer)-[:HAS_AVATAR]->(media) }
  CREATE (viewer)-[:HAS_AVATAR]->(media)
  SET viewer.avatar_id = media.id
  REMOVE media.loose_at
}
"""
"""Makes the image of `attachments` the avatar, none where there is none, and gives up the old one.

For commands that are to change the avatar at all; `$at` is ms since 1970 UTC.
"""
