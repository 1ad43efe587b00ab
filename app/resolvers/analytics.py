"""Figures."""

from typing import Any, Final

from ariadne import ObjectType, QueryType

from app.context import Info
from app.selection import select, select_child
from graph import analytics, cascades, conversations, ids, streams, top_posts
from graph.engagement import TimeWindow, TopBy
from graph.errors import InvalidInput
from graph.positions import encode_position
from graph.projection import Row
from graph.series import Axis, Interval, Span

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


@figures.field("platform")
async def resolve_platform(_: Any, info: Info, **arguments: Any) -> Row:
    """Read what everybody did."""
    window = TimeWindow(arguments["window"])
    axis = _axis(info, window, arguments, is_open=window is TimeWindow.ALL)
    return await info.context.run(analytics.read_platform(info.context.viewer, axis))


@figures.field("post")
async def resolve_post(_: Any, info: Info, **arguments: Any) -> Row | None:
    """Read what happened to a post."""
    axis = _axis(info, TimeWindow.ALL, arguments, is_open=arguments.get("from") is None)
    selection, context = select_child(info, "post", "Post"), info.context
    return await context.run(
        analytics.find_post(
            context.viewer, arguments["id"], axis, context.services.weights, selection
        )
    )


@figures.field("user")
async def resolve_user(_: Any, info: Info, **arguments: Any) -> Row | None:
    """Read what somebody did."""
    axis = _axis(info, TimeWindow.ALL, arguments, is_open=arguments.get("from") is None)
    selection = select_child(info, "user", "User")
    return await info.context.run(
        analytics.find_user(info.context.viewer, arguments["id"], axis, selection)
    )


@figures.field("topPosts")
async def resolve_top_posts(_: Any, info: Info, **arguments: Any) -> Row:
    """Read the top posts of a span."""
    window = TimeWindow(arguments["window"])
    is_own = arguments.get("from") is not None or arguments.get("to") is not None
    return await info.context.run(
        top_posts.read_top_posts(
            info.context.viewer,
            _span(window, arguments),
            TopBy(arguments["by"]),
            arguments["first"],
            info.context.services.weights,
            select(info).child("posts", "TopPost").child("post", "Post"),
            None if is_own else window,
        )
    )


@figures.field("conversation")
async def resolve_conversation(_: Any, info: Info, **arguments: str) -> Row | None:
    """Measure the conversation below a post."""
    statement = conversations.find_conversation(
        info.context.viewer, arguments["post_id"], select(info)
    )
    return await info.context.run(statement)


@figures.field("cascade")
async def resolve_cascade(_: Any, info: Info, **arguments: str) -> Row | None:
    """Read how a post was passed on."""
    statement = cascades.find_cascade(info.context.viewer, arguments["post_id"], select(info))
    return await info.context.run(statement)


def _axis(info: Info, window: TimeWindow, arguments: dict[str, Any], *, is_open: bool) -> Axis:
    given = arguments.get("interval")
    interval = Interval(given) if given else None
    return Axis(_span(window, arguments), is_open, interval, "series" in select(info))


def _span(window: TimeWindow, arguments: dict[str, Any]) -> Span:
    return Span.of(window, arguments.get("from"), arguments.get("to"), ids.now_ms())


BINDABLES = [query, figures]
