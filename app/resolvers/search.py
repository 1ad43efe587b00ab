"""Search."""

from typing import Any

from ariadne import QueryType

from app.context import Info
from app.selection import select
from graph import search
from graph.pages import PageRequest
from graph.projection import Row

query = QueryType()


@query.field("search")
async def resolve_search(_: Any, info: Info, **arguments: Any) -> Row:
    """Read a page of what fits a text."""
    kind = search.SearchKind(arguments["kind"])
    page = PageRequest(arguments["first"], arguments.get("after"))
    return await info.context.run(
        search.read_page(info.context.viewer, arguments["text"], kind, page, select(info))
    )


BINDABLES = [query]
