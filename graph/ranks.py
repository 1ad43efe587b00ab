"""HOT: the rank of posts by likes and age, stored with each post as a key that sorts by it.

A like never waits for it: the tally recomputes the rank of a liked post from what is there, so that
doing it twice, late or out of order changes nothing.
"""

from collections.abc import Collection
from typing import Final, LiteralString, TypeVar

from graph.events import EventKind
from graph.statement import Access, Statement

T = TypeVar("T")

RANKING: Final = frozenset({EventKind.POST_LIKED, EventKind.POST_UNLIKED})
"""Kinds of events that change the rank of their post."""


def hot_key(post: LiteralString) -> LiteralString:
    """Give the expression of a post's `hot_k`: its rank, then its `k`: ties go to the newer.

    Ten times the likes are worth 12.5 hours. The rank is kept in steps of 1e-7, raised by 100,000,
    so that it has the same number of digits for every instant since 1970 and long after us.

    Source: the hot rank that Reddit published, on likes alone:
    log10(max(likes, 1)) + (created at, in s - 1134028003) / 45000.
    """
    likes: LiteralString = f"COUNT {{ ({post})<-[:LIKED]-() }}"
    return (
        f"right('00000000000000' + toString(toInteger(round(1e7 * (100000 "
        f"+ log10(CASE WHEN {likes} > 1 THEN {likes} ELSE 1 END) "
        f"+ ({post}.created_at / 1000.0 - 1134028003) / 45000)))), 15) + {post}.k"
    )


RANK_POST: LiteralString = f"""\
  SET post.lk = true
  WITH post, post.hot_k AS stored, {hot_key("post")} AS counted
  WHERE stored IS NULL OR stored <> counted
  SET post.hot_k = counted
"""
"""Locks a `post` and ranks it anew, where that changes anything: as `counted`, not as `stored`.

Whoever follows events locks first: what is stored may be about to be something else.
"""

_RANK: LiteralString = f"""\
MATCH (post:Post) WHERE post.id IN $posts
WITH post ORDER BY post.k
CALL (post) {{
{RANK_POST}}}
RETURN count(*) AS posts"""


def rank(post_ids: Collection[str], then: Statement[T]) -> Statement[T]:
    """Rank posts anew, and go on.

    Args:
        post_ids: The posts; unknown ones are passed by.
        then: What is to be run once it is done.

    Cost: an index seek and a degree for each; they are locked oldest first, until all are done.
    """
    return Statement(_RANK, {"posts": [*post_ids]}, lambda _: then, Access.WRITE)
