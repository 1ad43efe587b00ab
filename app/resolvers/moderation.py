"""What people tell moderators, and what these do."""

from typing import Any

from ariadne import MutationType

from app.context import Info
from app.payloads import Payload, payload
from app.read_back import ReadBack
from graph import moderated, moderation, reports, suspensions, verdicts

mutation = MutationType()


def _reader(info: Info) -> ReadBack:
    return ReadBack.of(info, "report", "Report", reports.find_report)


@mutation.field("report")
@payload
async def resolve_report(_: Any, info: Info, **arguments: Any) -> Payload:
    """Report a post, a comment or a person."""
    reader = _reader(info)
    reason = reports.ReportReason(arguments["reason"])
    viewer = info.context.viewer
    new = reports.NewReport.of(viewer, arguments["subject_id"], reason, arguments.get("details"))
    command = reports.report(viewer, new, arguments.get("idempotency_key"))
    return {"report": await reader.read(await info.context.run(command))}


@mutation.field("resolveReport")
@payload
async def resolve_resolve_report(
    _: Any, info: Info, report_id: str, outcome: str, note: str | None = None
) -> Payload:
    """Decide on a report."""
    reader, decided = _reader(info), verdicts.ReportOutcome(outcome)
    command = verdicts.resolve_report(info.context.viewer, report_id, decided, note)
    return {"report": await reader.read(await info.context.run(command))}


def _content_reader(info: Info) -> ReadBack:
    return ReadBack.of(info, "content", "ModeratedContent", moderated.find_content)


@mutation.field("removeContent")
@payload
async def resolve_remove_content(_: Any, info: Info, subject_id: str, reason: str) -> Payload:
    """Remove a post or comment."""
    reader = _content_reader(info)
    command = moderation.remove_content(info.context.viewer, subject_id, reason)
    return {"content": await reader.read(await info.context.commit(command))}


@mutation.field("restoreContent")
@payload
async def resolve_restore_content(_: Any, info: Info, subject_id: str) -> Payload:
    """Restore a post or comment."""
    reader = _content_reader(info)
    command = moderation.restore_content(info.context.viewer, subject_id)
    return {"content": await reader.read(await info.context.commit(command))}


@mutation.field("suspendUser")
@payload
async def resolve_suspend_user(_: Any, info: Info, user_id: str, reason: str) -> Payload:
    """Suspend a person."""
    command = suspensions.suspend_user(info.context.viewer, user_id, reason)
    return {"account": await info.context.run(command)}


@mutation.field("reinstateUser")
@payload
async def resolve_reinstate_user(_: Any, info: Info, user_id: str) -> Payload:
    """End a suspension."""
    command = suspensions.reinstate_user(info.context.viewer, user_id)
    return {"account": await info.context.run(command)}


BINDABLES = [mutation]
