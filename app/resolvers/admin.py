"""What moderators and admins see that others do not."""

from typing import Any, Final

from ariadne import MutationType, ObjectType, QueryType, UnionType

from app.context import Info
from app.payloads import Payload, payload
from app.read_back import ReadBack
from app.resolvers.health_rows import health_row
from app.resolvers.scalars import resolve_type
from app.selection import select
from graph import accounts, audit, dead_letters, health, reports
from graph.connections import node_selection
from graph.errors import InvalidInput
from graph.ids import Prefix
from graph.pages import PageRequest
from graph.projection import Row
from graph.viewer import Role

MOST_LISTS: Final = 10
query = QueryType()
mutation = MutationType()
admin = ObjectType("Admin")
reported_subject = UnionType("ReportedSubject")
audit_subject = UnionType("AuditSubject")


@query.field("admin")
def resolve_admin(_: Any, info: Info) -> Row:
    """Open the lists; each is read when it is asked for.

    Raises:
        InvalidInput: More lists than one request may ask for, aliases counted.
    """
    count = len(select(info).fields)
    if count > MOST_LISTS:
        raise InvalidInput(
            f"The query asks for {count} lists; ask for at most {MOST_LISTS} at once."
        )
    return {}


@admin.field("users")
async def resolve_users(_: Any, info: Info, **arguments: Any) -> Row:
    """Read a page of accounts."""
    role, status = arguments.get("role"), arguments.get("status")
    listed = accounts.AccountFilter(
        arguments.get("query"),
        Role[role] if role else None,
        accounts.AccountStatus(status) if status else None,
    )
    return await info.context.run(accounts.read_page(info.context.viewer, _page(arguments), listed))


@admin.field("reports")
async def resolve_reports(_: Any, info: Info, **arguments: Any) -> Row:
    """Read a page of reports."""
    status = arguments.get("status")
    return await info.context.run(
        reports.read_page(
            info.context.viewer,
            _page(arguments),
            reports.ReportStatus(status) if status else None,
            node_selection(select(info), "Report"),
        )
    )


@admin.field("auditLog")
async def resolve_audit_log(_: Any, info: Info, **arguments: Any) -> Row:
    """Read a page of the audit log."""
    selection = node_selection(select(info), "AuditEntry")
    return await info.context.run(audit.read_page(info.context.viewer, _page(arguments), selection))


@admin.field("deadLetters")
async def resolve_dead_letters(_: Any, info: Info, **arguments: Any) -> Row:
    """Read a page of dead letters."""
    return await info.context.run(dead_letters.read_page(info.context.viewer, _page(arguments)))


@admin.field("health")
async def resolve_health(_: Any, info: Info) -> Row:
    """Read how Nexus is."""
    found = await info.context.run(health.read_health(info.context.viewer))
    return health_row(found, hears_redis=info.context.services.hears_redis())


@mutation.field("replayDeadLetter")
@payload
async def resolve_replay_dead_letter(_: Any, info: Info, **arguments: Any) -> Payload:
    """Open a dead job again."""
    reader = ReadBack.of(info, "dead_letter", "DeadLetter", dead_letters.find_letter)
    command = dead_letters.replay(info.context.viewer, arguments["id"])
    return {"dead_letter": await reader.read(await info.context.run(command))}


@mutation.field("discardDeadLetter")
@payload
async def resolve_discard_dead_letter(_: Any, info: Info, **arguments: Any) -> Payload:
    """Give up for good what the workers gave up."""
    reader = ReadBack.of(info, "dead_letter", "DeadLetter", dead_letters.find_letter)
    command = dead_letters.discard(info.context.viewer, arguments["id"])
    return {"dead_letter": await reader.read(await info.context.run(command))}


def _page(arguments: dict[str, Any]) -> PageRequest:
    return PageRequest(arguments["first"], arguments.get("after"))


@reported_subject.type_resolver
@audit_subject.type_resolver
def resolve_subject_type(row: Row, *_: Any) -> str:
    """Tell what something is to moderators."""
    if "id" not in row:
        return "ModeratedContent"
    return "Account" if row["id"].startswith(Prefix.USER) else resolve_type(row)


BINDABLES = [query, mutation, admin, reported_subject, audit_subject]
