"""The task `thumbnail`: make what stands for an image until it is loaded."""

import structlog

from adapters.images import ImageRefused
from adapters.media_keys import thumbnail_key
from adapters.previews import make_preview
from adapters.storage import read
from graph import previews as job
from graph.ids import now_ms
from graph.statement import Statement
from workers.base import GraphTask
from workers.celery import app

log = structlog.get_logger(__name__)


@app.task(name=job.THUMBNAIL, base=GraphTask, bind=True)
def thumbnail(self: GraphTask, event_id: str) -> None:
    """Make the preview of the image that an event tells of, unless it was made already."""
    uploaded = self.graph.run(job.find_uploaded(event_id))
    is_done = self.graph.run(_effect(self, event_id, uploaded))
    log.info("job done" if is_done else "job was done already")


def _effect(task: GraphTask, event_id: str, uploaded: job.Uploaded | None) -> Statement[bool]:
    """Store the thumbnail, and give the statement that closes the job.

    Raises:
        StorageUnavailable: The storage cannot be read or written; the job stays open.
    """
    content = None if uploaded is None else read(task.storage, uploaded.key)
    if uploaded is None or content is None:
        return job.note_preview(event_id, now_ms())
    try:
        preview = make_preview(content, task.media_settings.max_image_pixels)
    except ImageRefused as error:
        log.warning("image without thumbnail", media_id=uploaded.id, reason=str(error))
        return job.note_preview(event_id, now_ms())
    key = thumbnail_key(uploaded.key)
    task.storage.put(key, preview.thumbnail)
    return job.note_preview(event_id, now_ms(), key, preview.blurhash)
