"""Figures of posts, people and the platform, read from what the tally keeps by the hour."""

from typing import Any, Final, LiteralString

from graph import ids, projections, reads
from graph.engagement import Weights
from graph.projection import Pending, Row
from graph.selection import Selection
from graph.series import Axis
from graph.statement import Statement
from graph.tally import AS_OF
from graph.viewer import Role, Viewer
from graph.visibility import standing, visible_profile

_OF_POST: Final = ("likes", "comments", "shares")
_OF_USER: Final = ("posts", "comments", "likes_given", "likes_received", "shares")
_OF_PLATFORM: Final = ("posts", "comments", "likes", "shares")


def read_platform(viewer: Viewer, axis: Axis) -> Statement[Row]:
    """Read what everybody did, as totals and series.

    Row: `{posts, comments, likes, shares, series, from, to, interval, as_of}`.

    Raises:
        InvalidInput: On decoding: the series would have too many buckets.

    Cost: one index range over the hours of the span.
    """
    value: LiteralString = f"""\
head(COLLECT {{
  WITH {AS_OF} AS as_of
  RETURN {{as_of: as_of, hours: COLLECT {{
    MATCH (hour:PlatformHour) WHERE hour.at >= $from AND hour.at < $to
    RETURN [hour.at, hour.posts, hour.comments, hour.likes, hour.shares] AS figures
    ORDER BY hour.at
  }}}} AS row
}})"""

    def finish(row: Row, _: list[Pending]) -> Row:
        return {"as_of": row["as_of"], **axis.fold(row["hours"], _OF_PLATFORM)}

    return reads.read_value(viewer, value, _parameters(viewer, axis), finish)


def find_post(
    viewer: Viewer, post_id: str, axis: Axis, weights: Weights, selection: Selection
) -> Statement[Row | None]:
    """Read what happened to one's own post; an admin may read everybody's.

    Row: `{post, engagement, likes, comments, shares, series, from, to, interval, as_of}`.

    Raises:
        InvalidInput: On decoding: the series would have too many buckets.

    Cost: one index range over the hours of the span in which anything happened to it.
    """
    post = projections.post(selection, "post", "$s")
    value: LiteralString = f"""\
head(COLLECT {{
  WITH {AS_OF} AS as_of
  MATCH (post:Post {{id: $id}})
  WHERE {standing("post")} AND (post.author_id = viewer.id OR $everybody)
  RETURN {{as_of: as_of, post: {post.text}, hours: COLLECT {{
    MATCH (hour:PostHour)
    WHERE hour.post_id = post.id AND hour.at >= $from AND hour.at < $to
    RETURN [hour.at, hour.likes, hour.comments, hour.shares] AS figures ORDER BY hour.at
  }}}} AS row
}})"""

    def finish(row: Row | None, pending: list[Pending]) -> Row | None:
        if row is None:
            return None
        found = {"as_of": row["as_of"], **axis.fold(row["hours"], _OF_POST)}
        for figures in (found, *found.get("series", [])):
            figures["engagement"] = weights.engagement(*(figures[name] for name in _OF_POST))
        return found | {"post": post.finish(row["post"], pending)}

    parameters = {"s": post.parameters, "id": post_id, **_parameters(viewer, axis)}
    return reads.read_value(viewer, value, parameters, finish)


def find_user(
    viewer: Viewer, user_id: str, axis: Axis, selection: Selection
) -> Statement[Row | None]:
    """Read what one did oneself, and the likes one got; an admin may read everybody's.

    Row: `{user, posts, comments, likes_given, likes_received, shares, series, from, to, interval,
    as_of}`; the user is None where an admin may not see them.

    Raises:
        InvalidInput: On decoding: the series would have too many buckets.

    Cost: one index range over the hours of the span in which they did anything.
    """
    user = projections.user(selection, "shown", "$s")
    value: LiteralString = f"""\
head(COLLECT {{
  WITH {AS_OF} AS as_of
  MATCH (user:User {{id: $id}}) WHERE user.id = viewer.id OR $everybody
  RETURN {{as_of: as_of, user: head(COLLECT {{
    MATCH (shown:User {{id: $id}}) WHERE {visible_profile("shown")} RETURN {user.text} AS profile
  }}), hours: COLLECT {{
    MATCH (hour:UserHour)
    WHERE hour.user_id = user.id AND hour.at >= $from AND hour.at < $to
    RETURN [hour.at, hour.posts, hour.comments, hour.likes_given, hour.likes_received,
      hour.shares] AS figures ORDER BY hour.at
  }}}} AS row
}})"""

    def finish(row: Row | None, pending: list[Pending]) -> Row | None:
        if row is None:
            return None
        found = {"as_of": row["as_of"], **axis.fold(row["hours"], _OF_USER)}
        return found | {"user": user.finish_optional(row["user"], pending)}

    parameters = {"s": user.parameters, "id": user_id, **_parameters(viewer, axis)}
    return reads.read_value(viewer, value, parameters, finish)


def _parameters(viewer: Viewer, axis: Axis) -> dict[str, Any]:
    return {
        "from": axis.span.start,
        "to": axis.span.end,
        "now": ids.now_ms(),
        "everybody": viewer.role is Role.ADMIN,
    }
