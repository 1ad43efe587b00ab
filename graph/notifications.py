"""Notifications: what a person was told, newest first, and what of it they have seen and read."""

from typing import Any, Final, LiteralString

from graph import ids, projections, reads
from graph.connections import Order, newest_first, page_finish, page_value
from graph.errors import InvalidInput
from graph.pages import PageRequest, decode_cursor
from graph.projection import Pending, Projection, Row
from graph.selection import Selection
from graph.statement import Statement
from graph.viewer import Viewer, viewer_write
from graph.visibility import visible_comment, welcome_user

_LIST: Final = "notifications"
_MARKED_AT_ONCE: Final = 1000
_COUNTS: LiteralString = (
    "unread_count: COUNT { (viewer)<-[:UNREAD_BY]-() }, "
    "unseen_count: COUNT { (viewer)<-[:UNSEEN_BY]-() }"
)


def _is_welcome(notification: LiteralString) -> LiteralString:
    """Give the condition under which it tells of somebody; moderation tells of nobody."""
    return (
        f"({notification}.actor_id IS NULL OR EXISTS {{ "
        f"MATCH (by:User {{id: {notification}.actor_id}}) WHERE {welcome_user('by')} }})"
    )


def _newest(recipient: LiteralString, node: LiteralString, path: LiteralString) -> LiteralString:
    return (
        f"MATCH ({node}:Notification) "
        f"WHERE {node}.recipient_id = {recipient}.id AND {node}.k < {path}.k "
        f"AND {_is_welcome(node)} "
        f"WITH {node}, [{node}.k] AS {node}_at "
        f"ORDER BY {node}.recipient_id DESC, {node}.k DESC LIMIT {path}.limit"
    )


def _newest_unread(
    recipient: LiteralString, node: LiteralString, path: LiteralString
) -> LiteralString:
    return (
        f"MATCH ({node}:Notification) "
        f"WHERE {node}.recipient_id = {recipient}.id AND {node}.unread_k < {path}.k "
        f"AND {_is_welcome(node)} "
        f"WITH {node}, [{node}.unread_k] AS {node}_at "
        f"ORDER BY {node}.recipient_id DESC, {node}.unread_k DESC LIMIT {path}.limit"
    )


ALL: Final[Order] = newest_first(_LIST, _newest)
UNREAD: Final[Order] = newest_first(_LIST, _newest_unread)


def projection(selection: Selection) -> Projection:
    """Project a `Notification`, bound as `notification`, its parameters at `$s`."""
    into = Projection("notification", "$s")
    into.add(".id", ".kind", ".created_at", ".updated_at")
    into.add("seen: notification.seen_at IS NOT NULL", "read: notification.read_at IS NOT NULL")
    into.add(
        "moderation: CASE WHEN notification.kind = 'MODERATION' THEN "
        "notification {.act, .reason, .subject_id} END"
    )
    _add_actors(into, selection)
    projections.add_subject(into, selection, "notification.subject_id")
    return into


def _add_actors(into: Projection, selection: Selection) -> None:
    """Add who did it; who commented is the comment's author, and shown where that is."""
    if "actors" not in selection:
        return
    sample = selection.child("actors", "UserSample")
    actor = projections.user(sample.child("users", "User"), "actor", f"{into.path}.actors")
    match_comment = projections.match_comment("said", f"{into.node}.subject_id")
    value: LiteralString = (
        f"COLLECT {{ MATCH (actor:User {{id: {into.node}.actor_id}}) "
        f"WHERE NOT {into.node}.kind IN ['COMMENT', 'REPLY'] "
        f"OR EXISTS {{ {match_comment} AND {visible_comment('said')} }} "
        f"RETURN {actor.text} AS row }}"
    )

    def finish(rows: list[Row], pending: list[Pending]) -> Row:
        return {
            "total_count": len(rows),
            "users": [actor.finish(row, pending) for row in rows],
        }

    into.add_child("actors", value, key="actors", parameters=actor.parameters, finish=finish)


def read_page(
    viewer: Viewer, page: PageRequest, selection: Selection, *, unread_only: bool = False
) -> Statement[Row]:
    """Read the viewer's notifications, newest first, with `unread_count` and `unseen_count`.

    Args:
        viewer: Whose they are.
        page: Which page; cursors hold for both lists.
        selection: What is read of each.
        unread_only: Whether to leave out those that were read.

    Cost: one index range and two degrees, whatever the number of notifications.
    """
    order = UNREAD if unread_only else ALL
    each = projection(selection)
    value: LiteralString = f"{{page: {page_value(order, 'viewer', each, '$s')}, {_COUNTS}}}"

    def finish(value: Row, pending: list[Pending]) -> Row:
        connection = page_finish(order, page, each)(value.pop("page"), pending)
        return {**connection, **value}

    parameters = {"s": {**each.parameters, **order.parameters(page)}}
    return reads.read_value(viewer, value, parameters, finish)


def match_own(id_value: LiteralString) -> LiteralString:
    """Give the clause that binds `notification` by id, if it is the viewer's and to be shown."""
    return (
        f"MATCH (notification:Notification {{id: {id_value}}}) "
        f"WHERE notification.recipient_id = viewer.id AND {_is_welcome('notification')}"
    )


def find_notification(
    viewer: Viewer, notification_id: str, selection: Selection
) -> Statement[Row | None]:
    """Read one of the viewer's own notifications; None when it is another's, or gone.

    Cost: one index seek, and what the selection asks for.
    """
    return reads.find_one(viewer, match_own("$id"), projection(selection), {"id": notification_id})


_MARK_SEEN: LiteralString = f"""\
SET viewer.lk = true
WITH viewer
CALL (viewer) {{
  MATCH (viewer)<-[unseen:UNSEEN_BY]-(notification) WHERE notification.k <= $up_to
  WITH unseen, notification LIMIT $limit
  SET notification.seen_at = $at
  DELETE unseen
  RETURN count(*) AS marked
}}
RETURN {{marked: marked, {_COUNTS}}} AS value
"""

_MARK_READ: LiteralString = f"""\
SET viewer.lk = true
WITH viewer
CALL (viewer) {{
  MATCH (viewer)<-[unread:UNREAD_BY]-(notification) WHERE notification.k <= $up_to
  WITH viewer, unread, notification LIMIT $limit
  OPTIONAL MATCH (notification)-[unseen:UNSEEN_BY]->(viewer)
  SET notification.read_at = $at, notification.seen_at = coalesce(notification.seen_at, $at)
  REMOVE notification.unread_k
  DELETE unread, unseen
  RETURN count(*) AS marked
}}
RETURN {{marked: marked, {_COUNTS}}} AS value
"""


def mark_seen(viewer: Viewer, up_to: str) -> Statement[Row]:
    """Mark as seen the notification at a cursor and all older ones; twice is once.

    Returns:
        `unread_count` and `unseen_count` afterwards.

    Raises:
        InvalidInput: `up_to` is no cursor of notifications.

    Cost: linear in what was not seen, 1,000 in one transaction.
    """
    return _mark(viewer, _MARK_SEEN, up_to)


def mark_read(viewer: Viewer, up_to: str) -> Statement[Row]:
    """Mark as read, and so as seen, the notification at a cursor and all older ones.

    Returns:
        `unread_count` and `unseen_count` afterwards.

    Raises:
        InvalidInput: `up_to` is no cursor of notifications.

    Cost: linear in what was not read, 1,000 in one transaction.
    """
    return _mark(viewer, _MARK_READ, up_to)


def _mark(viewer: Viewer, text: LiteralString, up_to: str) -> Statement[Row]:
    parameters = {"up_to": _key(up_to), "at": ids.now_ms(), "limit": _MARKED_AT_ONCE}

    def decode(value: Any) -> Row | Statement[Row]:
        return statement if value.pop("marked") == _MARKED_AT_ONCE else value

    statement = viewer_write(viewer, text, parameters, decode)
    return statement


def _key(cursor: str) -> str:
    match decode_cursor(_LIST, cursor, "upTo"):
        case [str(k)]:
            return k
        case _:
            raise InvalidInput(f"`upTo` is {cursor!r}, which is no cursor.", ("upTo",))
