"""Likes, and what happens to a post live."""

from collections.abc import AsyncGenerator
from typing import Any

from ariadne import MutationType, SubscriptionType

from app.context import Info
from app.payloads import Payload, payload
from app.resolvers.streams import announce, bind_source
from app.selection import select_child
from graph import comments, interactions, likes, posts
from graph.events import post_interactions
from graph.ids import Prefix
from graph.projection import Row
from graph.streams import StreamEvent

mutation = MutationType()
subscription = SubscriptionType()


async def _subject_payload(info: Info, subject_id: str) -> Payload:
    viewer = info.context.viewer
    if subject_id.startswith(Prefix.COMMENT):
        selection = select_child(info, "subject", "Comment")
        found = await info.context.run(comments.find_comment(viewer, subject_id, selection))
    else:
        selection = select_child(info, "subject", "Post")
        found = await info.context.run(posts.find_post(viewer, subject_id, selection))
    return {"subject": found}


@mutation.field("like")
@payload
async def resolve_like(_: Any, info: Info, subject_id: str) -> Payload:
    """Like a post or comment."""
    await info.context.commit(likes.like(info.context.viewer, subject_id))
    return await _subject_payload(info, subject_id)


@mutation.field("unlike")
@payload
async def resolve_unlike(_: Any, info: Info, subject_id: str) -> Payload:
    """Take a like back."""
    await info.context.commit(likes.unlike(info.context.viewer, subject_id))
    return await _subject_payload(info, subject_id)


async def source_interaction_added(
    _: Any, info: Info, post_id: str, after: str | None = None
) -> AsyncGenerator[Row, None]:
    """Tell of likes, shares and comments of a post."""
    viewer = info.context.viewer
    selection = select_child(info, "interaction", "Interaction", "InteractionAdded")

    async def read(event: StreamEvent) -> Row | None:
        return await info.context.run(
            interactions.find_interaction(viewer, event, post_id, selection)
        )

    channel = post_interactions(post_id)
    return await announce(info, channel, after, "InteractionAdded", "interaction", read)


bind_source(subscription, "interactionAdded", source_interaction_added)

BINDABLES = [mutation, subscription]
