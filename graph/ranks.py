"""HOT: the rank of posts by likes and age, stored with each post as a key that sorts by it.

A like never waits for it: a job recomputes the rank of a liked post from what is there, so that
doing it twice, late or out of order changes nothing.
"""

from typing import Final, LiteralString

from graph.jobs import close_job, job_key
from graph.statement import Statement

RANK: Final = "rank"
"""Name of the job that ranks the post of an event anew."""


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


_RANK: LiteralString = f"""\
MATCH (event:Event {{id: $event_id}})
MATCH (post:Post {{id: event.subject_id}})
SET post.lk = true
WITH post
SET post.hot_k = {hot_key("post")}
"""


def rank(event_id: str, now: int) -> Statement[bool]:
    """Rank the post of an event anew.

    Returns:
        Whether this run did it: False when the job was closed already.

    Cost: two index seeks and a degree.
    """
    return close_job(job_key(event_id, RANK), now, _RANK, {"event_id": event_id})
