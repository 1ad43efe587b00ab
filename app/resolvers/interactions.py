"""Likes, and what happens to a post live."""

from typing import Any

from ariadne import MutationType, SubscriptionType

from app.context import Info
from app.payloads import Payload, payload
from app.read_back import ReadBack
from app.resolvers.streams import Announcement, LiveSource, announce, bind_source
from app.selection import select_child
from graph import comments, interactions, likes, posts
from graph.audience import judge_interactions
from graph.events import post_interactions
from graph.ids import Prefix
from graph.projection import Row
from graph.selection import Selection
from graph.statement import Statement
from graph.streams import StreamEvent

mutation = MutationType()
subscription = SubscriptionType()


def _reader(info: Info, subject_id: str) -> ReadBack:
    if subject_id.startswith(Prefix.COMMENT):
        return ReadBack.of(info, "subject", "Comment", comments.find_comment)
    return ReadBack.of(info, "subject", "Post", posts.find_post)


@mutation.field("like")
@payload
async def resolve_like(_: Any, info: Info, subject_id: str) -> Payload:
    """Like a post or comment."""
    reader, command = _reader(info, subject_id), likes.like(info.context.viewer, subject_id)
    return {"subject": await reader.read(await info.context.commit(command))}


@mutation.field("unlike")
@payload
async def resolve_unlike(_: Any, info: Info, subject_id: str) -> Payload:
    """Take a like back."""
    reader, command = _reader(info, subject_id), likes.unlike(info.context.viewer, subject_id)
    return {"subject": await reader.read(await info.context.commit(command))}


async def source_interaction_added(
    _: Any, info: Info, post_id: str, after: str | None = None
) -> LiveSource:
    """Tell of likes, shares and comments of a post."""
    viewer = info.context.viewer
    selection = select_child(info, "interaction", "Interaction", "InteractionAdded")

    def read(event: StreamEvent) -> Statement[Row | None]:
        return interactions.find_interaction(viewer, event, post_id, selection)

    def read_shared(event: StreamEvent) -> Statement[Row | None] | None:
        return interactions.find_shared_interaction(event, post_id, selection)

    told = Announcement(
        post_interactions(post_id),
        posts.find_post(viewer, post_id, Selection()),
        "InteractionAdded",
        "interaction",
        read,
        read_shared,
        judge_interactions,
    )
    return await announce(info, told, after)


bind_source(subscription, "interactionAdded", source_interaction_added)

BINDABLES = [mutation, subscription]
