"""Comments."""

from typing import Any

from ariadne import MutationType, ObjectType, QueryType, SubscriptionType

from app.context import Info
from app.payloads import Payload, payload
from app.read_back import ReadBack
from app.resolvers.rows import resolve_selected
from app.resolvers.streams import Announcement, LiveSource, announce, bind_source
from app.selection import select, select_child
from graph import comments, posts
from graph.audience import judge_comments
from graph.events import post_comments
from graph.projection import Row
from graph.selection import Selection
from graph.statement import Statement
from graph.streams import StreamEvent

query = QueryType()
mutation = MutationType()
subscription = SubscriptionType()
comment = ObjectType("Comment")

for field in ("replies", "knownLikers", "revisions"):
    comment.set_field(field, resolve_selected)


@query.field("comment")
async def resolve_comment(_: Any, info: Info, **arguments: str) -> Row | None:
    """Read a comment."""
    return await info.context.run(
        comments.find_comment(info.context.viewer, arguments["id"], select(info))
    )


def _reader(info: Info) -> ReadBack:
    return ReadBack.of(info, "comment", "Comment", comments.find_comment)


@mutation.field("createComment")
@payload
async def resolve_create_comment(_: Any, info: Info, **arguments: Any) -> Payload:
    """Reply to a post or comment."""
    reader, entered, viewer = _reader(info), arguments["input"], info.context.viewer
    draft = comments.NewComment.of(
        viewer, entered["post_id"], entered.get("parent_id"), entered["text"]
    )
    command = comments.create_comment(viewer, draft, entered.get("idempotency_key"))
    return {"comment": await reader.read(await info.context.commit(command))}


@mutation.field("updateComment")
@payload
async def resolve_update_comment(_: Any, info: Info, **arguments: Any) -> Payload:
    """Change a comment."""
    reader, entered = _reader(info), arguments["input"]
    command = comments.update_comment(info.context.viewer, entered["id"], entered["text"])
    return {"comment": await reader.read(await info.context.commit(command))}


@mutation.field("deleteComment")
@payload
async def resolve_delete_comment(_: Any, info: Info, **arguments: str) -> Payload:
    """Delete a comment."""
    reader = _reader(info)
    command = comments.delete_comment(info.context.viewer, arguments["id"])
    return {"comment": await reader.read(await info.context.commit(command))}


async def source_comment_added(
    _: Any, info: Info, post_id: str, after: str | None = None
) -> LiveSource:
    """Tell of new comments below a post."""
    viewer = info.context.viewer
    selection = select_child(info, "comment", "Comment", "CommentAdded")

    def read(event: StreamEvent) -> Statement[Row | None]:
        return comments.find_comment(viewer, event.subject_id, selection)

    def read_shared(event: StreamEvent) -> Statement[Row | None] | None:
        return comments.find_shared_comment(event, selection)

    told = Announcement(
        post_comments(post_id),
        posts.find_post(viewer, post_id, Selection()),
        "CommentAdded",
        "comment",
        read,
        read_shared,
        judge_comments,
    )
    return await announce(info, told, after)


bind_source(subscription, "commentAdded", source_comment_added)

BINDABLES = [query, mutation, subscription, comment]
