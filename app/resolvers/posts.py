"""Posts, the feed, and shares."""

from typing import Any

from ariadne import MutationType, ObjectType, QueryType, SubscriptionType

from app.context import Info
from app.payloads import Payload, payload
from app.read_back import ReadBack
from app.resolvers.rows import resolve_selected
from app.resolvers.streams import Announcement, LiveSource, announce, bind_source
from app.selection import select, select_child
from graph import feed, post_lists, posts, shares, users
from graph.audience import judge_home, judge_posts
from graph.connections import node_selection
from graph.engagement import TimeWindow
from graph.events import ALL_POSTS, author_posts
from graph.pages import PageRequest
from graph.projection import Row
from graph.selection import Selection
from graph.statement import Statement
from graph.streams import StreamEvent

query = QueryType()
mutation = MutationType()
subscription = SubscriptionType()
post = ObjectType("Post")

for field in ("comments", "thread", "interactions", "knownLikers", "revisions"):
    post.set_field(field, resolve_selected)


@query.field("post")
async def resolve_post(_: Any, info: Info, **arguments: str) -> Row | None:
    """Read a post."""
    return await info.context.run(
        posts.find_post(info.context.viewer, arguments["id"], select(info))
    )


@query.field("posts")
async def resolve_posts(_: Any, info: Info, **arguments: Any) -> Row:
    """Read a page of posts."""
    return await info.context.run(
        post_lists.read_page(
            info.context.viewer,
            PageRequest(arguments["first"], arguments.get("after")),
            node_selection(select(info), "Post"),
            post_lists.Scope(arguments.get("author"), arguments.get("tag")),
            post_lists.PostSort(arguments["sort"]),
            TimeWindow(arguments["window"]),
            info.context.services.weights,
        )
    )


@query.field("feed")
async def resolve_feed(_: Any, info: Info, first: int, after: str | None = None) -> Row:
    """Read a page of the viewer's feed."""
    edge = select_child(info, "edges", "FeedEdge")
    return await info.context.run(
        feed.read_page(info.context.viewer, PageRequest(first, after), edge)
    )


def _reader(info: Info) -> ReadBack:
    return ReadBack.of(info, "post", "Post", posts.find_post)


@mutation.field("createPost")
@payload
async def resolve_create_post(_: Any, info: Info, **arguments: Any) -> Payload:
    """Write a post."""
    reader, entered, viewer = _reader(info), arguments["input"], info.context.viewer
    draft = posts.NewPost.of(
        viewer,
        entered["text"],
        entered["visibility"],
        entered.get("quote_of_id"),
        entered.get("media_ids") or (),
    )
    command = posts.create_post(viewer, draft, entered.get("idempotency_key"))
    return {"post": await reader.read(await info.context.commit(command))}


@mutation.field("updatePost")
@payload
async def resolve_update_post(_: Any, info: Info, **arguments: Any) -> Payload:
    """Change a post."""
    reader, entered = _reader(info), arguments["input"]
    command = posts.update_post(info.context.viewer, entered["id"], entered["text"])
    return {"post": await reader.read(await info.context.commit(command))}


@mutation.field("deletePost")
@payload
async def resolve_delete_post(_: Any, info: Info, **arguments: str) -> Payload:
    """Delete a post."""
    command = posts.delete_post(info.context.viewer, arguments["id"])
    return {"deleted_post_id": await info.context.commit(command)}


@mutation.field("share")
@payload
async def resolve_share(
    _: Any, info: Info, post_id: str, via_user_id: str | None = None
) -> Payload:
    """Share a post."""
    reader = _reader(info)
    command = shares.share(info.context.viewer, post_id, via_user_id)
    return {"post": await reader.read(await info.context.commit(command))}


@mutation.field("unshare")
@payload
async def resolve_unshare(_: Any, info: Info, post_id: str) -> Payload:
    """Take a share back."""
    reader, command = _reader(info), shares.unshare(info.context.viewer, post_id)
    return {"post": await reader.read(await info.context.commit(command))}


async def source_post_added(
    _: Any, info: Info, author_id: str | None = None, after: str | None = None
) -> LiveSource:
    """Tell of new posts of one author, or of those whom the viewer follows."""
    viewer = info.context.viewer
    selection = select_child(info, "post", "Post", "PostAdded")

    def read(event: StreamEvent) -> Statement[Row | None]:
        if author_id is not None:
            return posts.find_post(viewer, event.subject_id, selection)
        return posts.find_followed_post(viewer, event, selection)

    told = Announcement(
        ALL_POSTS if author_id is None else author_posts(author_id),
        users.find_user(viewer, author_id or viewer.user_id, Selection()),
        "PostAdded",
        "post",
        read,
        lambda event: posts.find_shared_post(event, selection),
        judge_home if author_id is None else judge_posts,
    )
    return await announce(info, told, after)


bind_source(subscription, "postAdded", source_post_added)

BINDABLES = [query, mutation, subscription, post]
