"""What moderators do."""

from typing import Any

from ariadne import MutationType

from app.context import Info
from app.payloads import Payload, payload
from graph import moderation

mutation = MutationType()


@mutation.field("removeContent")
@payload
async def resolve_remove_content(_: Any, info: Info, subject_id: str, reason: str) -> Payload:
    """Remove a post or comment."""
    command = moderation.remove_content(info.context.viewer, subject_id, reason)
    subject = await info.context.commit(command)
    return {"content": {"subject_id": subject, "removed": True}}


@mutation.field("restoreContent")
@payload
async def resolve_restore_content(_: Any, info: Info, subject_id: str) -> Payload:
    """Restore a post or comment."""
    command = moderation.restore_content(info.context.viewer, subject_id)
    subject = await info.context.commit(command)
    return {"content": {"subject_id": subject, "removed": False}}


BINDABLES = [mutation]
