"""What happened to posts, counted from the edges."""

from dataclasses import dataclass
from typing import LiteralString

from graph import ids, projections, reads
from graph.engagement import HOUR_MS, LENGTH_MS, TimeWindow, TopBy, Weights, engagement
from graph.errors import InvalidInput
from graph.pages import LONGEST_PAGE
from graph.projection import Pending, Row
from graph.selection import Selection
from graph.statement import Statement
from graph.viewer import Role, Viewer
from graph.visibility import standing, visible_post


@dataclass(frozen=True, slots=True)
class Span:
    """The hours that a figure counts: from the first instant to before the last, ms since 1970."""

    start: int
    end: int

    @classmethod
    def of(cls, window: TimeWindow, start: int | None, end: int | None, now: int) -> "Span":
        """Make the whole UTC hours of a window, the current one included, or of two instants.

        Raises:
            InvalidInput: `from` is not before `to`.
        """
        last = now + 1 if end is None else end
        until = -(-last // HOUR_MS) * HOUR_MS
        if start is None:
            length = LENGTH_MS.get(window, until)
            start = until - HOUR_MS - length
        first = max(0, start // HOUR_MS * HOUR_MS)
        if first >= until:
            raise InvalidInput("`from` is not before `to`; give an earlier `from`.", ("from",))
        return cls(first, until)


_TOP_POSTS: LiteralString = f"""\
COLLECT {{
{engagement("$from", "$to")}  WITH id, likes, comments, shares,
    likes * $score.likes + comments * $score.comments + shares * $score.shares AS score
  WHERE score > 0
  MATCH (post:Post {{id: id}})
  WITH post, likes, comments, shares ORDER BY score DESC, post.k DESC
  WITH post, likes, comments, shares WHERE {visible_post("post")}
  WITH post, likes, comments, shares LIMIT $first
"""


def top_posts(
    viewer: Viewer,
    span: Span,
    by: TopBy,
    first: int,
    weights: Weights,
    selection: Selection,
) -> Statement[list[Row]]:
    """Read the posts with the most engagement in a span, ties by the newer post.

    Rows: `{post, engagement, likes, comments, shares}`, best first, at most `first`.

    Raises:
        InvalidInput: `first` is out of range.

    Cost: one index range over everything that happened in the span.
    """
    if not 1 <= first <= LONGEST_PAGE:
        raise InvalidInput(f"`first` is {first}; give 1 to {LONGEST_PAGE}.", ("first",))
    post = projections.post(selection, "post", "$s")
    value: LiteralString = (
        _TOP_POSTS + f"RETURN {{post: {post.text}, likes: likes, comments: comments, "
        "shares: shares, engagement: likes * $weights.likes + comments * $weights.comments "
        "+ shares * $weights.shares} AS row }"
    )

    def finish(rows: list[Row], pending: list[Pending]) -> list[Row]:
        for row in rows:
            post.finish(row["post"], pending)
        return rows

    parameters = {
        "s": post.parameters,
        "from": span.start,
        "to": span.end,
        "first": first,
        "score": weights.scores(by),
        "weights": weights.scores(TopBy.ENGAGEMENT),
    }
    return reads.read_value(viewer, value, parameters, finish)


def find_post_totals(
    viewer: Viewer, post_id: str, weights: Weights, selection: Selection
) -> Statement[Row | None]:
    """Read the totals of one's own post; an admin may read everybody's.

    Row: `{post, likes, comments, shares, engagement, as_of}`.
    Cost: one index seek and three degrees.
    """
    post = projections.post(selection, "post", "$s")
    value: LiteralString = f"""\
head(COLLECT {{
  MATCH (post:Post {{id: $id}})
  WHERE {standing("post")} AND (post.author_id = viewer.id OR $everybody)
  WITH post, COUNT {{ (post)<-[:LIKED]-() }} AS likes,
    COUNT {{ (post)<-[:ON_POST]-() }} AS comments,
    COUNT {{ (post)<-[:SHARED]-() }} AS shares
  RETURN {{post: {post.text}, likes: likes, comments: comments, shares: shares, as_of: $now,
    engagement: likes * $weights.likes + comments * $weights.comments
      + shares * $weights.shares}} AS row
}})"""

    def finish(row: Row | None, pending: list[Pending]) -> Row | None:
        if row is not None:
            post.finish(row["post"], pending)
        return row

    parameters = {
        "s": post.parameters,
        "id": post_id,
        "everybody": viewer.role is Role.ADMIN,
        "now": ids.now_ms(),
        "weights": weights.scores(TopBy.ENGAGEMENT),
    }
    return reads.read_value(viewer, value, parameters, finish)
