"""Tags, and following them."""

from typing import Any

from ariadne import MutationType, ObjectType, QueryType

from app.context import Info
from app.payloads import Payload, payload
from app.read_back import ReadBack
from app.resolvers.rows import resolve_selected
from app.selection import select
from graph import ids, tags, trending
from graph.connections import node_selection
from graph.engagement import TimeWindow
from graph.pages import PageRequest
from graph.projection import Row

query = QueryType()
mutation = MutationType()
tag = ObjectType("Tag")

tag.set_field("posts", resolve_selected)


@query.field("tag")
async def resolve_tag(_: Any, info: Info, name: str) -> Row | None:
    """Read a tag."""
    return await info.context.run(tags.find_tag(info.context.viewer, name, select(info)))


@query.field("followedTags")
async def resolve_followed_tags(_: Any, info: Info, first: int, after: str | None = None) -> Row:
    """Read a page of the tags that the viewer follows."""
    selection = node_selection(select(info), "Tag")
    page = PageRequest(first, after)
    return await info.context.run(tags.read_followed(info.context.viewer, page, selection))


@query.field("trendingTags")
async def resolve_trending_tags(_: Any, info: Info, window: str, first: int) -> Row:
    """Read the trending tags of a window."""
    selection = select(info).child("tags", "TrendingTag").child("tag", "Tag")
    return await info.context.run(
        trending.read_trending_tags(
            info.context.viewer, TimeWindow(window), first, ids.now_ms(), selection
        )
    )


def _reader(info: Info) -> ReadBack:
    return ReadBack.of(info, "tag", "Tag", tags.find_tag)


@mutation.field("followTag")
@payload
async def resolve_follow_tag(_: Any, info: Info, name: str) -> Payload:
    """Follow a tag."""
    reader, command = _reader(info), tags.follow_tag(info.context.viewer, name)
    return {"tag": await reader.read(await info.context.commit(command))}


@mutation.field("unfollowTag")
@payload
async def resolve_unfollow_tag(_: Any, info: Info, name: str) -> Payload:
    """Stop following a tag."""
    reader, command = _reader(info), tags.unfollow_tag(info.context.viewer, name)
    return {"tag": await reader.read(await info.context.commit(command))}


BINDABLES = [query, mutation, tag]
