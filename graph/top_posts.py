"""Top posts: those with which people did most in a span, summed from the hours of posts.

What everybody opens, the windows that end now, is prepared by a task (`rank_posts`) and read from
there (`read_top_posts`): the first three hundred of each order, whoever may see them, so that the
pages of those from whom some are hidden are full, too. Where that is not enough they are summed.
"""

from collections.abc import Sequence
from typing import Any, Final, LiteralString

from graph import ids, projections, reads
from graph.engagement import TimeWindow, TopBy, Weights
from graph.errors import InvalidInput
from graph.pages import LONGEST_PAGE
from graph.projection import Pending, Row
from graph.selection import Selection
from graph.series import Span
from graph.statement import Access, Record, Statement
from graph.tally import AS_OF
from graph.viewer import Viewer
from graph.visibility import standing, visible_post

KEPT: Final = 3 * LONGEST_PAGE
_STALE_MS: Final = 600_000
"""A ranking that was made longer ago is not read: no worker makes rankings."""

_SUMMED: LiteralString = """\
CALL () {
  MATCH (hour:PostHour) WHERE hour.at >= $from AND hour.at < $to
  RETURN hour.post_id AS id, sum(hour.likes) AS likes, sum(hour.comments) AS comments,
    sum(hour.shares) AS shares
}
"""


def _score(weights: LiteralString) -> LiteralString:
    return f"likes * {weights}.likes + comments * {weights}.comments + shares * {weights}.shares"


_SUM: LiteralString = f"""\
WITH {AS_OF} AS as_of
CALL (as_of) {{
  {_SUMMED}  WITH id, likes, comments, shares, {_score("$weights")} AS score WHERE score > 0
  MATCH (post:Post {{id: id}}) WHERE {standing("post")}
  WITH id, likes, comments, shares, score, post.k AS k ORDER BY score DESC, k DESC LIMIT $kept
  RETURN collect(id) AS post_ids, collect(likes) AS likes, collect(comments) AS comments,
    collect(shares) AS shares
}}
RETURN {{post_ids: post_ids, likes: likes, comments: comments, shares: shares,
  as_of: as_of}} AS top"""
_KEEP: LiteralString = """\
MERGE (ranking:Ranking {name: $name})
SET ranking += $top, ranking.made_at = $now, ranking.start_at = $from, ranking.end_at = $to"""


def rank_posts(window: TimeWindow, by: TopBy, weights: Weights, now: int) -> Statement[int]:
    """Prepare the top posts of a window that ends now.

    Returns:
        How many there are, at most 300.

    Cost: one index range over the hours of posts to which anything happened in the window, and a
        seek for each of these posts; then a write that locks the ranking alone.
    """
    span = _span(Span.of(window, None, None, now), now)

    def keep(records: Sequence[Record]) -> Statement[int]:
        top = records[0]["top"]
        parameters = {"name": _name(window, by), "top": top, **span}
        return Statement(_KEEP, parameters, lambda _: len(top["post_ids"]), Access.WRITE)

    return Statement(_SUM, {"weights": weights.scores(by), "kept": KEPT, **span}, keep)


_PREPARED: LiteralString = f"""\
OPTIONAL MATCH (ranking:Ranking {{name: $name}}) WHERE ranking.made_at >= $oldest
CALL (viewer, ranking) {{
  WITH * WHERE ranking IS NOT NULL
  UNWIND range(0, size(ranking.post_ids) - 1) AS place
  MATCH (post:Post {{id: ranking.post_ids[place]}}) USING INDEX SEEK post:Post(id)
  WHERE {visible_post("post")}
  WITH post, place LIMIT $first
  RETURN collect({{post: post, likes: ranking.likes[place], comments: ranking.comments[place],
    shares: ranking.shares[place]}}) AS prepared
}}
WITH ranking, prepared,
  coalesce(size(prepared) = $first OR size(ranking.post_ids) < $kept, false) AS is_enough
"""
_COUNTED: LiteralString = f"""\
CALL (viewer, is_enough) {{
  WITH * WHERE NOT is_enough
  WITH {AS_OF} AS as_of
  CALL (viewer) {{
    {_SUMMED}  WITH id, likes, comments, shares, {_score("$weights")} AS score WHERE score > 0
    MATCH (post:Post {{id: id}})
    WITH post, likes, comments, shares ORDER BY score DESC, post.k DESC
    WITH post, likes, comments, shares WHERE {visible_post("post")}
    WITH post, likes, comments, shares LIMIT $first
    RETURN collect({{post: post, likes: likes, comments: comments, shares: shares}}) AS found
  }}
  RETURN collect({{as_of: as_of, from: $from, to: $to, posts: found}}) AS counted
}}
"""
_TOP_POSTS: LiteralString = f"""\
COLLECT {{
{_PREPARED}{_COUNTED}WITH CASE WHEN is_enough
    THEN {{as_of: ranking.as_of, from: ranking.start_at, to: ranking.end_at, posts: prepared}}
    ELSE counted[0] END AS top
RETURN {{as_of: top.as_of, from: top.from, to: top.to, posts: COLLECT {{
  UNWIND top.posts AS each
  WITH each, each.post AS post
"""


def read_top_posts(
    viewer: Viewer,
    span: Span,
    by: TopBy,
    first: int,
    weights: Weights,
    selection: Selection,
    window: TimeWindow | None = None,
) -> Statement[Row]:
    """Read the posts with the most engagement in a span, ties by the newer post.

    Row: `{posts, from, to, as_of}`; of each post `{post, engagement, likes, comments, shares}`,
    best first, at most `first`.

    Args:
        viewer: Who reads.
        span: Which hours count.
        by: What counts.
        first: How many, 1 to 100.
        weights: What counts how much.
        selection: What is read of each post.
        window: Which window's the span is, so that what was prepared of it will do; None for a
            span of which nothing is prepared.

    Raises:
        InvalidInput: `first` is out of range.

    Cost: a seek for each post of the page and each that is hidden; where nothing is prepared, or
        more is hidden than is kept beyond a page, one index range over the hours of posts to which
        anything happened in the span.
    """
    if not 1 <= first <= LONGEST_PAGE:
        raise InvalidInput(f"`first` is {first}; give 1 to {LONGEST_PAGE}.", ("first",))
    post = projections.post(selection, "post", "$s")
    value: LiteralString = (
        _TOP_POSTS + f"  RETURN {{post: {post.text}, likes: each.likes, comments: each.comments, "
        "shares: each.shares} AS row }} AS row }"
    )

    def finish(rows: list[Row], pending: list[Pending]) -> Row:
        [row] = rows
        for top in row["posts"]:
            post.finish(top["post"], pending)
            top["engagement"] = weights.engagement(top["likes"], top["comments"], top["shares"])
        return row

    now = ids.now_ms()
    parameters = {
        "s": post.parameters,
        "name": window and _name(window, by),
        "oldest": now - _STALE_MS,
        "first": first,
        "kept": KEPT,
        "weights": weights.scores(by),
        **_span(span, now),
    }
    return reads.read_value(viewer, value, parameters, finish)


def _name(window: TimeWindow, by: TopBy) -> str:
    return f"posts:{window.value}:{by.value}"


def _span(span: Span, now: int) -> dict[str, Any]:
    return {"from": span.start, "to": span.end, "now": now}
