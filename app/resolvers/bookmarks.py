"""Bookmarks."""

from typing import Any

from ariadne import MutationType, QueryType

from app.context import Info
from app.payloads import Payload, payload
from app.read_back import ReadBack
from app.selection import select
from graph import bookmarks, posts
from graph.connections import node_selection
from graph.pages import PageRequest
from graph.projection import Row

query = QueryType()
mutation = MutationType()


@query.field("bookmarks")
async def resolve_bookmarks(_: Any, info: Info, first: int, after: str | None = None) -> Row:
    """Read a page of the viewer's bookmarks."""
    selection, page = node_selection(select(info), "Post"), PageRequest(first, after)
    return await info.context.run(bookmarks.read_page(info.context.viewer, page, selection))


def _reader(info: Info) -> ReadBack:
    return ReadBack.of(info, "post", "Post", posts.find_post)


@mutation.field("bookmark")
@payload
async def resolve_bookmark(_: Any, info: Info, post_id: str) -> Payload:
    """Bookmark a post."""
    reader, command = _reader(info), bookmarks.bookmark(info.context.viewer, post_id)
    return {"post": await reader.read(await info.context.run(command))}


@mutation.field("unbookmark")
@payload
async def resolve_unbookmark(_: Any, info: Info, post_id: str) -> Payload:
    """Take a bookmark back."""
    reader, command = _reader(info), bookmarks.unbookmark(info.context.viewer, post_id)
    return {"post": await reader.read(await info.context.run(command))}


BINDABLES = [query, mutation]
