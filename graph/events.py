"""What happened: the facts that commands commit together with their change.

An event says what changed, not how it looks: its state is read when it is delivered. From its
kind follow the channels in which subscribers find it and the jobs that it asks for.
"""

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, LiteralString

from graph.ids import Prefix, new_id

REQUEST_ID: Final[ContextVar[str | None]] = ContextVar("request_id", default=None)
"""Id of the request that is being served, which the events that it makes carry on."""


class EventKind(StrEnum):
    """The kinds of fact, in the past tense."""

    POST_CREATED = "PostCreated"
    POST_EDITED = "PostEdited"
    POST_DELETED = "PostDeleted"
    COMMENT_CREATED = "CommentCreated"
    COMMENT_EDITED = "CommentEdited"
    COMMENT_DELETED = "CommentDeleted"
    POST_LIKED = "PostLiked"
    POST_UNLIKED = "PostUnliked"
    COMMENT_LIKED = "CommentLiked"
    COMMENT_UNLIKED = "CommentUnliked"
    POST_SHARED = "PostShared"
    POST_UNSHARED = "PostUnshared"
    USER_FOLLOWED = "UserFollowed"
    USER_UNFOLLOWED = "UserUnfollowed"
    USER_BLOCKED = "UserBlocked"
    CONTENT_REMOVED = "ContentRemoved"
    CONTENT_RESTORED = "ContentRestored"
    NOTIFICATION_CREATED = "NotificationCreated"
    MEDIA_UPLOADED = "MediaUploaded"
    WEBHOOK_DUE = "WebhookDue"


@dataclass(frozen=True, slots=True)
class Event:
    """One fact.

    Args:
        id: Made before the transaction, so that a repeated commit is the same event.
        kind: What happened.
        occurred_at: When, in ms since 1970 UTC.
        actor_id: Who did it; for a notification, whom it is for; for what is due to a webhook,
            the webhook.
        subject_id: What it was done to: the liked post, the comment that was written …
        post_id: The post at the root of the subject, where there is one.
        deed_at: Of an event that undoes a deed or brings it back, when that deed was done: of
            what was written, liked or shared then. Some commands learn it in the graph.
        request_id: Of the request that made it, or the deed that it tells of; None without one.
    """

    id: str
    kind: EventKind
    occurred_at: int
    actor_id: str
    subject_id: str
    post_id: str | None = None
    deed_at: int | None = None
    request_id: str | None = None

    def properties(self) -> dict[str, Any]:
        """Give the properties of the event's node while it waits for the relay."""
        return {
            "id": self.id,
            "pending": self.id,
            "kind": self.kind.value,
            "occurred_at": self.occurred_at,
            "actor_id": self.actor_id,
            "subject_id": self.subject_id,
            "post_id": self.post_id,
            "deed_at": self.deed_at,
            "request_id": self.request_id,
        }


def new_event(
    kind: EventKind, occurred_at: int, actor_id: str, subject_id: str, post_id: str | None = None
) -> Event:
    """Make an event with an id of its own, of the request that is being served."""
    return Event(
        new_id(Prefix.EVENT),
        kind,
        occurred_at,
        actor_id,
        subject_id,
        post_id,
        request_id=REQUEST_ID.get(),
    )


CREATE_EVENT: LiteralString = "CREATE (event:Event) SET event = $event\n"
"""Clause of a command: the event commits with the change or not at all."""

ALL_POSTS: Final = "posts"
"""The channel of every new post, whoever wrote it."""


def author_posts(user_id: str) -> str:
    """Name the channel of one author's new posts."""
    return f"author:{user_id}:posts"


def post_comments(post_id: str) -> str:
    """Name the channel of new comments below a post, at any depth."""
    return f"post:{post_id}:comments"


def post_interactions(post_id: str) -> str:
    """Name the channel of likes, shares and comments of a post."""
    return f"post:{post_id}:interactions"


def user_notifications(user_id: str) -> str:
    """Name the channel of one person's notifications."""
    return f"user:{user_id}:notifications"


_CHANNELS: Final[dict[EventKind, Callable[[Event], list[str]]]] = {
    EventKind.POST_CREATED: lambda e: [author_posts(e.actor_id), ALL_POSTS],
    EventKind.COMMENT_CREATED: lambda e: [
        post_comments(str(e.post_id)),
        post_interactions(str(e.post_id)),
    ],
    EventKind.POST_LIKED: lambda e: [post_interactions(e.subject_id)],
    EventKind.POST_SHARED: lambda e: [post_interactions(e.subject_id)],
    EventKind.NOTIFICATION_CREATED: lambda e: [user_notifications(e.actor_id)],
}

_JOBS: Final[dict[EventKind, tuple[str, ...]]] = {
    EventKind.POST_CREATED: ("notify",),
    EventKind.POST_EDITED: ("notify",),
    EventKind.POST_DELETED: ("notify",),
    EventKind.COMMENT_CREATED: ("notify",),
    EventKind.COMMENT_EDITED: ("notify",),
    EventKind.COMMENT_DELETED: ("notify",),
    EventKind.POST_LIKED: ("notify",),
    EventKind.POST_UNLIKED: ("notify",),
    EventKind.COMMENT_LIKED: ("notify",),
    EventKind.COMMENT_UNLIKED: ("notify",),
    EventKind.POST_SHARED: ("notify",),
    EventKind.POST_UNSHARED: ("notify",),
    EventKind.USER_FOLLOWED: ("notify",),
    EventKind.USER_UNFOLLOWED: ("notify",),
    EventKind.USER_BLOCKED: ("notify",),
    EventKind.CONTENT_REMOVED: ("notify",),
    EventKind.CONTENT_RESTORED: ("notify",),
    EventKind.MEDIA_UPLOADED: ("thumbnail",),
    EventKind.WEBHOOK_DUE: ("webhook",),
}


def channels_of(event: Event) -> list[str]:
    """Name the channels in which an event stands."""
    find = _CHANNELS.get(event.kind)
    return find(event) if find else []


def jobs_of(event: Event) -> tuple[str, ...]:
    """Name the jobs that an event asks for."""
    return _JOBS.get(event.kind, ())
