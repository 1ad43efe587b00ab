"""Figures."""

from typing import Any, Final

from ariadne import ObjectType, QueryType

from app.context import Info
from app.selection import select, select_child
from graph import analytics, ids, streams
from graph.engagement import TimeWindow, TopBy
from graph.errors import InvalidInput
from graph.positions import encode_position
from graph.projection import Row

MOST_FIGURES: Final = 10
query = QueryType()
figures = ObjectType("Analytics")


@query.field("analytics")
def resolve_analytics(_: Any, info: Info) -> Row:
    """Open the figures; each is read when it is asked for.

    Raises:
        InvalidInput: More figures than one request may ask for, aliases counted.
    """
    count = len(select(info).fields)
    if count > MOST_FIGURES:
        raise InvalidInput(
            f"The query asks for {count} figures; ask for at most {MOST_FIGURES} at once."
        )
    return {}


@query.field("streamCursor")
async def resolve_stream_cursor(_: Any, info: Info) -> str:
    """Read the newest position of all streams."""
    return encode_position(await info.context.run(streams.read_newest(info.context.viewer)))


@figures.field("post")
async def resolve_post(_: Any, info: Info, **arguments: str) -> Row | None:
    """Read a post's totals."""
    selection = select_child(info, "post", "Post")
    context = info.context
    return await context.run(
        analytics.find_post_totals(
            context.viewer, arguments["id"], context.services.weights, selection
        )
    )


@figures.field("topPosts")
async def resolve_top_posts(_: Any, info: Info, **arguments: Any) -> Row:
    """Read the top posts of a span."""
    now = ids.now_ms()
    window = TimeWindow(arguments["window"])
    span = analytics.Span.of(window, arguments.get("from"), arguments.get("to"), now)
    selection = select(info).child("posts", "TopPost").child("post", "Post")
    found = await info.context.run(
        analytics.top_posts(
            info.context.viewer,
            span,
            TopBy(arguments["by"]),
            arguments["first"],
            info.context.services.weights,
            selection,
        )
    )
    return {"posts": found, "from": span.start, "to": span.end, "as_of": now}


BINDABLES = [query, figures]
