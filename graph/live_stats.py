"""Counts of posts as they are now, for all who watch them."""

from collections.abc import Collection
from dataclasses import dataclass

from graph.audience import Audience, post_audience, standing_posts
from graph.projection import Row
from graph.projections import post_stats
from graph.statement import Statement


@dataclass(frozen=True, slots=True)
class LiveStats:
    """A post's counts.

    Args:
        stats: The fields of `PostStats`.
        audience: Who may be told.
    """

    stats: Row
    audience: Audience


def read_live_stats(
    post_ids: Collection[str], present: Collection[str]
) -> Statement[dict[str, LiveStats]]:
    """Read the counts of posts that people watch; a post that is gone is left out.

    Args:
        post_ids: Which posts.
        present: Ids of everybody who watches one of them.

    Cost: four degrees and its author's blocks for each post, whatever they come to.
    """
    posts = standing_posts(more=", stats: " + post_stats("post"))
    return Statement(
        f"RETURN {posts} AS posts",
        {"posts": [*post_ids], "viewers": [*present], "is_home": False},
        lambda records: {
            row["id"]: LiveStats(row["stats"], post_audience(row)) for row in records[0]["posts"]
        },
    )
