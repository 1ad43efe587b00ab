"""What happened to posts, counted from the edges."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, LiteralString

from graph import ids, projections, reads
from graph.errors import InvalidInput
from graph.pages import LONGEST_PAGE
from graph.projection import Pending, Row
from graph.selection import Selection
from graph.statement import Statement
from graph.viewer import Role, Viewer
from graph.visibility import standing, visible_post

_HOUR_MS: Final = 3_600_000
_DAY_MS: Final = 24 * _HOUR_MS


class TimeWindow(StrEnum):
    """How far back a figure looks."""

    HOUR = "HOUR"
    DAY = "DAY"
    WEEK = "WEEK"
    MONTH = "MONTH"
    YEAR = "YEAR"
    ALL = "ALL"


class TopBy(StrEnum):
    """What top posts are ordered by."""

    ENGAGEMENT = "ENGAGEMENT"
    LIKES = "LIKES"
    COMMENTS = "COMMENTS"
    SHARES = "SHARES"


_LENGTH_MS: Final = {
    TimeWindow.HOUR: _HOUR_MS,
    TimeWindow.DAY: _DAY_MS,
    TimeWindow.WEEK: 7 * _DAY_MS,
    TimeWindow.MONTH: 30 * _DAY_MS,
    TimeWindow.YEAR: 365 * _DAY_MS,
}


@dataclass(frozen=True, slots=True)
class Weights:
    """What a like, a comment and a share add to a post's engagement."""

    likes: int = 1
    comments: int = 2
    shares: int = 3

    def scores(self, by: TopBy) -> dict[str, int]:
        """Give the weights that order posts by one of the figures."""
        own = {"likes": self.likes, "comments": self.comments, "shares": self.shares}
        if by is TopBy.ENGAGEMENT:
            return own
        return {name: int(name == by.value.lower()) for name in own}


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
        until = -(-last // _HOUR_MS) * _HOUR_MS
        if start is None:
            length = _LENGTH_MS.get(window, until)
            start = until - _HOUR_MS - length
        first = max(0, start // _HOUR_MS * _HOUR_MS)
        if first >= until:
            raise InvalidInput("`from` is not before `to`; give an earlier `from`.", ("from",))
        return cls(first, until)


_TOP_POSTS: LiteralString = f"""\
COLLECT {{
  CALL () {{
    MATCH ()-[r:LIKED]->() WHERE r.at >= $from AND r.at < $to AND r.subject_id STARTS WITH 'p_'
    RETURN r.subject_id AS id, count(*) AS likes, 0 AS comments, 0 AS shares
    UNION ALL
    MATCH ()-[r:ON_POST]->() WHERE r.at >= $from AND r.at < $to
    RETURN r.post_id AS id, 0 AS likes, count(*) AS comments, 0 AS shares
    UNION ALL
    MATCH ()-[r:SHARED]->() WHERE r.at >= $from AND r.at < $to
    RETURN r.post_id AS id, 0 AS likes, 0 AS comments, count(*) AS shares
  }}
  WITH id, sum(likes) AS likes, sum(comments) AS comments, sum(shares) AS shares
  WITH id, likes, comments, shares,
    likes * $score.likes + comments * $score.comments + shares * $score.shares AS score
  WHERE score > 0
  MATCH (post:Post {{id: id}}) WHERE {visible_post("post")}
  WITH post, likes, comments, shares ORDER BY score DESC, post.k DESC LIMIT $first
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
