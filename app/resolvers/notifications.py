"""Notifications."""

from typing import Any

from ariadne import MutationType, ObjectType, QueryType, SubscriptionType

from app.context import Info
from app.errors import as_fault_of_query
from app.payloads import Payload, payload
from app.read_back import ReadBack
from app.resolvers.rows import resolve_selected
from app.resolvers.streams import Announcement, LiveSource, announce, bind_source
from app.selection import select, select_child
from graph import conversation_mutes, notifications, posts, preferences, users
from graph.events import user_notifications
from graph.pages import PageRequest
from graph.projection import Row
from graph.selection import Selection
from graph.statement import Statement
from graph.streams import StreamEvent

query = QueryType()
mutation = MutationType()
subscription = SubscriptionType()
notification = ObjectType("Notification")

notification.set_field("actors", resolve_selected)


@query.field("notifications")
async def resolve_notifications(
    _: Any, info: Info, first: int, unread_only: bool, after: str | None = None
) -> Row:
    """Read a page of the viewer's notifications."""
    viewer, page = info.context.viewer, PageRequest(first, after)
    return await info.context.run(
        notifications.read_page(viewer, page, select(info), unread_only=unread_only)
    )


@mutation.field("markNotificationsSeen")
@payload
async def resolve_mark_seen(_: Any, info: Info, up_to: str) -> Payload:
    """Mark notifications as seen."""
    with as_fault_of_query():
        command = notifications.mark_seen(info.context.viewer, up_to)
    return await info.context.run(command)


@mutation.field("markNotificationsRead")
@payload
async def resolve_mark_read(_: Any, info: Info, up_to: str) -> Payload:
    """Mark notifications as read."""
    with as_fault_of_query():
        command = notifications.mark_read(info.context.viewer, up_to)
    return await info.context.run(command)


@query.field("notificationPreferences")
async def resolve_preferences(_: Any, info: Info) -> list[Row]:
    """Read what the viewer wants to be told."""
    return await info.context.run(preferences.read_preferences(info.context.viewer))


@mutation.field("setNotificationPreference")
@payload
async def resolve_set_preference(_: Any, info: Info, kind: str, enabled: bool) -> Payload:
    """Turn a kind of notifications on or off."""
    command = preferences.set_preference(info.context.viewer, kind, enabled=enabled)
    return {"preferences": await info.context.run(command)}


def _post_reader(info: Info) -> ReadBack:
    return ReadBack.of(info, "post", "Post", posts.find_post)


@mutation.field("muteConversation")
@payload
async def resolve_mute_conversation(_: Any, info: Info, post_id: str) -> Payload:
    """Mute a post's conversation."""
    reader = _post_reader(info)
    command = conversation_mutes.mute_conversation(info.context.viewer, post_id)
    return {"post": await reader.read(await info.context.run(command))}


@mutation.field("unmuteConversation")
@payload
async def resolve_unmute_conversation(_: Any, info: Info, post_id: str) -> Payload:
    """Take the mute of a post's conversation back."""
    reader = _post_reader(info)
    command = conversation_mutes.unmute_conversation(info.context.viewer, post_id)
    return {"post": await reader.read(await info.context.run(command))}


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

BINDABLES = [query, mutation, subscription, notification]
