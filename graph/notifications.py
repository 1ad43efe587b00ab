"""Notifications: what a person is told, newest first, and what of it they have seen and read.

What stands in a list is asked when it is read, so that nothing is shown or counted that is hidden
by then; the counts ask the same of what waits.
"""

from collections.abc import Callable
from typing import Any, Final, LiteralString

from graph import ids, projections, reads
from graph.connections import Order, newest_first, node_selection, page_finish, page_value
from graph.errors import InvalidInput
from graph.pages import PageRequest, decode_cursor
from graph.projection import Pending, Projection, Row, response_key
from graph.selection import Field, Selection
from graph.statement import Statement
from graph.viewer import Viewer, viewer_write
from graph.visibility import match_causers, shown_notification

_LIST: Final = "notifications"
_MARKED_AT_ONCE: Final = 1000
MOST_COUNTED: Final = 1000
"""Of the newest that are unread, so many are looked at to count them."""
_CROWD: LiteralString = "100"


_WAITING: LiteralString = (
    "COLLECT { MATCH (waiting:Notification) "
    "WHERE waiting.recipient_id = viewer.id AND waiting.unread_k > '' "
    "WITH waiting ORDER BY waiting.recipient_id DESC, waiting.unread_k DESC LIMIT $most_counted "
    f"WITH waiting WHERE {shown_notification('waiting')} "
    "RETURN waiting.unseen_k IS NOT NULL AS is_unseen }"
)
"""Of each of the viewer's list that they have not read, whether they have not seen it, either."""


def _counts(waiting: list[bool]) -> Row:
    return {"unread_count": len(waiting), "unseen_count": sum(waiting)}


def _newest_by(k: LiteralString) -> Callable[..., LiteralString]:
    def newest(recipient: LiteralString, node: LiteralString, path: LiteralString) -> LiteralString:
        return (
            f"MATCH ({node}:Notification) "
            f"WHERE {node}.recipient_id = {recipient}.id AND {node}.{k} < {path}.k "
            f"AND {shown_notification(node)} "
            f"WITH {node}, [{node}.{k}] AS {node}_at "
            f"ORDER BY {node}.recipient_id DESC, {node}.{k} DESC LIMIT {path}.limit"
        )

    return newest


ALL: Final[Order] = newest_first(_LIST, _newest_by("k"))
UNREAD: Final[Order] = newest_first(_LIST, _newest_by("unread_k"))


def projection(selection: Selection, path: LiteralString = "$s") -> Projection:
    """Project a `Notification`, bound as `notification`."""
    into = Projection("notification", path)
    into.add(".id", ".kind", ".created_at", ".updated_at")
    into.add("seen: notification.seen_at IS NOT NULL", "read: notification.read_at IS NOT NULL")
    into.add(
        "moderation: CASE WHEN notification.kind = 'MODERATION' THEN "
        "notification {.act, .reason, .subject_id} END"
    )
    for slot, used in selection.slotted("actors"):
        _add_actors(into, f"actors{slot}", used)
    projections.add_subject(into, selection, "notification.subject_id")
    return into


def _add_actors(into: Projection, name: LiteralString, used: Field) -> None:
    """Add who did it, newest first, and how many they are."""
    sample = used.children["UserSample"]
    path: LiteralString = f"{into.path}.{name}"
    node: LiteralString = f"{into.node}_by"
    actor = projections.user(sample.child("users", "User"), node, path)
    users: LiteralString = (
        f"COLLECT {{ {match_causers(into.node)} WITH {node}, {into.node}_cause "
        f"ORDER BY {into.node}_cause.notification_id DESC, {into.node}_cause.k DESC "
        f"LIMIT {path}.first RETURN {actor.text} AS row }}"
    )
    total_count = _causer_count(into.node) if "total_count" in sample else "null"

    def finish(value: Row, pending: list[Pending]) -> Row:
        for row in value["users"]:
            actor.finish(row, pending)
        return value

    into.add_child(
        name,
        f"{{total_count: {total_count}, users: {users}}}",
        key=response_key(used),
        parameters={**actor.parameters, "first": PageRequest(used.arguments["first"]).first},
        finish=finish,
    )


def _causer_count(notification: LiteralString) -> LiteralString:
    """Count the people who caused it, without those who are hidden.

    Of a crowd those are sought who are hidden from the viewer, where they are fewer.
    """
    all_of_them: LiteralString = f"COUNT {{ ({notification})<-[:CAUSES]-() }}"
    return (
        f"CASE WHEN {all_of_them} <= {_CROWD} OR {all_of_them} <= {_HIDDEN_COUNT} "
        f"THEN COUNT {{ {match_causers(notification)} }} "
        f"ELSE {all_of_them} - COUNT {{ {_match_hidden(notification)} }} END"
    )


_HIDDEN_COUNT: LiteralString = (
    "COUNT { (viewer)-[:BLOCKS]-() } + COUNT { (viewer)-[:MUTES]->() } "
    "+ COUNT { MATCH (gone:User) WHERE gone.suspended_name > '' }"
)


def _match_hidden(notification: LiteralString) -> LiteralString:
    cause: LiteralString = f"{notification}_cause"
    return (
        "CALL (viewer) { "
        "MATCH (viewer)-[:BLOCKS]-(gone:User) RETURN gone.id AS gone_id "
        "UNION MATCH (viewer)-[:MUTES]->(gone:User) RETURN gone.id AS gone_id "
        "UNION MATCH (gone:User) WHERE gone.suspended_name > '' RETURN gone.id AS gone_id } "
        f"MATCH ({cause}:Cause {{key: {notification}.kind + ':' + gone_id + ':' "
        f"+ coalesce({notification}.subject_id, '') + ':' + {notification}.recipient_id}}) "
        f"WHERE {cause}.notification_id = {notification}.id AND {cause}.k IS NOT NULL"
    )


def read_page(
    viewer: Viewer, page: PageRequest, selection: Selection, *, unread_only: bool = False
) -> Statement[Row]:
    """Read the viewer's notifications, newest first, and those of the counts that are selected.

    A notification that somebody joined since the page before was read has moved to the front.

    Args:
        viewer: Whose they are.
        page: Which page; cursors hold for both lists.
        selection: What is read of the page: a `NotificationConnection`.
        unread_only: Whether to leave out those that were read.

    Cost: one index range; for the counts, what is unread, 1,000 at most.
    """
    order = UNREAD if unread_only else ALL
    each = projection(node_selection(selection, "Notification"))
    is_counted = "unread_count" in selection or "unseen_count" in selection
    waiting: LiteralString = _WAITING if is_counted else "[]"
    value: LiteralString = (
        f"{{page: {page_value(order, 'viewer', each, '$s')}, waiting: {waiting}}}"
    )

    def finish(value: Row, pending: list[Pending]) -> Row:
        connection = page_finish(order, page, each)(value["page"], pending)
        return {**connection, **_counts(value["waiting"])}

    parameters = {
        "s": {**each.parameters, **order.parameters(page)},
        "most_counted": MOST_COUNTED,
    }
    return reads.read_value(viewer, value, parameters, finish)


def match_own(id_value: LiteralString) -> LiteralString:
    """Give the clause that binds `notification` by id, if it is the viewer's and to be shown."""
    return (
        f"MATCH (notification:Notification {{id: {id_value}}}) "
        f"WHERE notification.recipient_id = viewer.id AND {shown_notification('notification')}"
    )


def find_notification(
    viewer: Viewer, notification_id: str, selection: Selection
) -> Statement[Row | None]:
    """Read one of the viewer's own notifications; None when it is another's, or gone.

    Cost: one index seek, and what the selection asks for.
    """
    return reads.find_one(viewer, match_own("$id"), projection(selection), {"id": notification_id})


_MARKED: LiteralString = f"RETURN {{marked: marked, waiting: {_WAITING}}} AS value\n"
_MARK_SEEN: LiteralString = (
    """\
SET viewer.lk = true
WITH viewer
CALL (viewer) {
  MATCH (notification:Notification)
  WHERE notification.recipient_id = viewer.id AND notification.unseen_k <= $up_to
  WITH notification LIMIT $limit
  SET notification.seen_at = $at
  REMOVE notification.unseen_k, notification.open_key
  RETURN count(*) AS marked
}
"""
    + _MARKED
)

_MARK_READ: LiteralString = (
    """\
SET viewer.lk = true
WITH viewer
CALL (viewer) {
  MATCH (notification:Notification)
  WHERE notification.recipient_id = viewer.id AND notification.unread_k <= $up_to
  WITH notification LIMIT $limit
  SET notification.read_at = $at, notification.seen_at = coalesce(notification.seen_at, $at)
  REMOVE notification.unread_k, notification.unseen_k, notification.open_key
  RETURN count(*) AS marked
}
"""
    + _MARKED
)


def mark_seen(viewer: Viewer, up_to: str) -> Statement[Row]:
    """Mark as seen the notification at a cursor and all older ones; twice is once.

    What is done later joins none of them.

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
    parameters = {
        "up_to": _key(up_to),
        "at": ids.now_ms(),
        "limit": _MARKED_AT_ONCE,
        "most_counted": MOST_COUNTED,
    }

    def decode(value: Any) -> Row | Statement[Row]:
        is_more = value["marked"] == _MARKED_AT_ONCE
        return statement if is_more else _counts(value["waiting"])

    statement = viewer_write(viewer, text, parameters, decode)
    return statement


def _key(cursor: str) -> str:
    match decode_cursor(_LIST, cursor, "upTo"):
        case [str(k)]:
            return k
        case _:
            raise InvalidInput(f"`upTo` is {cursor!r}, which is no cursor.", ("upTo",))
