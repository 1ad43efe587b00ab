"""The job `thumbnail`: what stands for an image until it is loaded."""

from dataclasses import dataclass
from typing import Final, LiteralString

from graph.jobs import close_job, job_key
from graph.statement import Statement

THUMBNAIL: Final = "thumbnail"
"""Name of the job that makes an uploaded image's preview."""


@dataclass(frozen=True, slots=True)
class Uploaded:
    """An image that has no preview yet.

    Args:
        id: Its id.
        key: Where its bytes are stored.
    """

    id: str
    key: str


def find_uploaded(event_id: str) -> Statement[Uploaded | None]:
    """Find the image that an event tells of; None when it is gone or has its preview.

    Cost: two index seeks.
    """
    return Statement(
        """\
MATCH (event:Event {id: $event_id})
MATCH (media:Media {id: event.subject_id})
WHERE media.doomed_at IS NULL AND media.previewed_at IS NULL
RETURN media {.id, .key} AS media""",
        {"event_id": event_id},
        lambda records: Uploaded(**records[0]["media"]) if records else None,
    )


_NOTE: LiteralString = """\
MATCH (event:Event {id: $event_id})
MATCH (media:Media {id: event.subject_id})
SET media.lk = true
WITH media WHERE media.doomed_at IS NULL
SET media.previewed_at = $now, media.thumbnail_key = $thumbnail_key, media.blurhash = $blurhash
"""


def note_preview(
    event_id: str, now: int, thumbnail_key: str | None = None, blurhash: str | None = None
) -> Statement[bool]:
    """Note the preview of the image that an event tells of, and close its job; twice is once.

    Args:
        event_id: Id of the event.
        now: ms since 1970 UTC.
        thumbnail_key: Where the thumbnail is stored; None for an image that has none.
        blurhash: What to paint until it is loaded.

    Returns:
        Whether this run did the job: False when it was done already.
    """
    parameters = {"event_id": event_id, "thumbnail_key": thumbnail_key, "blurhash": blurhash}
    return close_job(job_key(event_id, THUMBNAIL), now, _NOTE, parameters)
