"""Notifications."""

from typing import Any

from ariadne import MutationType, QueryType, SubscriptionType

from app.context import Info
from app.payloads import Payload, payload
from app.resolvers.streams import Announcement, LiveSource, announce, bind_source
from app.selection import select, select_child
from graph import notifications, users
from graph.connections import node_selection
from graph.events import user_notifications
from graph.pages import PageRequest
from graph.projection import Row
from graph.selection import Selection
from graph.statement import Statement
from graph.streams import StreamEvent

query = QueryType()
mutation = MutationType()
subscription = SubscriptionType()


@query.field("notifications")
async def resolve_notifications(
    _: Any, info: Info, first: int, unread_only: bool, after: str | None = None
) -> Row:
    """Read a page of the viewer's notifications."""
    selection = node_selection(select(info), "Notification")
    page = PageRequest(first, after)
    return await info.context.run(
        notifications.read_page(info.context.viewer, page, selection, unread_only=unread_only)
    )


@mutation.field("markNotificationsSeen")
@payload
async def resolve_mark_seen(_: Any, info: Info, up_to: str) -> Payload:
    """Mark notifications as seen."""
    return await info.context.run(notifications.mark_seen(info.context.viewer, up_to))


@mutation.field("markNotificationsRead")
@payload
async def resolve_mark_read(_: Any, info: Info, up_to: str) -> Payload:
    """Mark notifications as read."""
    return await info.context.run(notifications.mark_read(info.context.viewer, up_to))


async def source_notification_added(_: Any, info: Info, after: str | None = None) -> LiveSource:
    """Tell of the viewer's new notifications."""
    viewer = info.context.viewer
    selection = select_child(info, "notification", "Notification", "NotificationAdded")

    def read(event: StreamEvent) -> Statement[Row | None]:
        return notifications.find_notification(viewer, event.subject_id, selection)

    topic = users.find_user(viewer, viewer.user_id, Selection())
    channel = user_notifications(viewer.user_id)
    told = Announcement(channel, topic, "NotificationAdded", "notification", read)
    return await announce(info, told, after)


bind_source(subscription, "notificationAdded", source_notification_added)

BINDABLES = [query, mutation, subscription]
