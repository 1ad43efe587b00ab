"""Engagement: what people did with posts in a span of time, as one figure."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, LiteralString

HOUR_MS: Final = 3_600_000
DAY_MS: Final = 24 * HOUR_MS


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


LENGTH_MS: Final = {
    TimeWindow.HOUR: HOUR_MS,
    TimeWindow.DAY: DAY_MS,
    TimeWindow.WEEK: 7 * DAY_MS,
    TimeWindow.MONTH: 30 * DAY_MS,
    TimeWindow.YEAR: 365 * DAY_MS,
}
"""How long each window is, in ms; `ALL` has no length."""


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

    def engagement(self, likes: int, comments: int, shares: int) -> int:
        """Join what happened to a post to one figure."""
        return likes * self.likes + comments * self.comments + shares * self.shares


def engagement(start: LiteralString, end: LiteralString) -> LiteralString:
    """Give the clauses that count what happened to each post in a span.

    They bind `id` of a post to which anything happened, and its `likes`, `comments` and `shares`.

    Args:
        start: An expression for the first instant that counts, ms since 1970.
        end: An expression for the first one that does not.
    """
    return f"""\
CALL () {{
  MATCH ()-[r:LIKED]->() WHERE r.at >= {start} AND r.at < {end} AND r.subject_id STARTS WITH 'p_'
  RETURN r.subject_id AS id, count(*) AS likes, 0 AS comments, 0 AS shares
  UNION ALL
  MATCH ()-[r:ON_POST]->() WHERE r.at >= {start} AND r.at < {end}
  RETURN r.post_id AS id, 0 AS likes, count(*) AS comments, 0 AS shares
  UNION ALL
  MATCH ()-[r:SHARED]->() WHERE r.at >= {start} AND r.at < {end}
  RETURN r.post_id AS id, 0 AS likes, 0 AS comments, count(*) AS shares
}}
WITH id, sum(likes) AS likes, sum(comments) AS comments, sum(shares) AS shares
"""
