"""The shapes of conversations and cascades, in plain Python over the rows of the file."""

from collections import defaultdict
from statistics import median
from typing import Any

from tests.app.snb.sql import Snb

_COMMENTS = "SELECT id, author, parent, at FROM comments WHERE post = ?"
_SHARES = "SELECT user, at, via FROM shares WHERE post = ? ORDER BY at, user"
_FOLLOWERS = "SELECT follower FROM follows WHERE followee = ?"


def conversation(snb: Snb, post_id: str) -> dict[str, Any]:
    """Measure what is said below a post, walking from the post downwards."""
    replies: dict[str, list[Any]] = defaultdict(list)
    rows = snb.ask(_COMMENTS, (post_id,))
    for row in rows:
        replies[row[2]].append(row)
    (written_at,) = snb.ask("SELECT at FROM posts WHERE id = ?", (post_id,))
    levels: list[int] = []
    delays: list[int] = []
    level = [(post_id, written_at)]
    while level := [
        (id_, at, at - above_at) for above, above_at in level for id_, _, _, at in replies[above]
    ]:  # fmt: skip
        levels.append(len(level))
        delays += [delay for *_, delay in level]
        level = [(id_, at) for id_, at, _ in level]
    counted = {id_: _count_below(replies, id_) for id_, *_ in rows}
    most = max(counted.values(), default=0)
    oldest = min((at, id_) for id_, _, _, at in rows if counted[id_] == most)[1] if most else None
    return {
        "comments": len(rows),
        "depth": len(levels),
        "breadth": max(levels, default=0),
        "branchingFactor": len(rows) / len({parent for _, _, parent, _ in rows}) if rows else 0.0,
        "participants": len({author for _, author, *_ in rows}),
        "medianReplyTime": median(delays) / 1_000 if delays else None,
        "mostReplied": {"replies": most, "comment": {"id": oldest}} if most else None,
    }


def _count_below(replies: dict[str, list[Any]], id_: str) -> int:
    return sum(1 + _count_below(replies, row[0]) for row in replies[id_])


def cascade(snb: Snb, post_id: str) -> dict[str, Any]:
    """Follow a post from one to the next."""
    (author,) = snb.ask("SELECT author FROM posts WHERE id = ?", (post_id,))
    of_author = {*snb.ask(_FOLLOWERS, (author,))}
    reached = of_author | {author}
    shares: list[dict[str, Any]] = []
    places: dict[str, int] = {}
    for place, (user, _, via) in enumerate(snb.ask(_SHARES, (post_id,)), 1):
        followers = {*snb.ask(_FOLLOWERS, (user,))}
        above = places.get(via)
        shares.append(
            {
                "place": place,
                "from": above,
                "depth": shares[above - 1]["depth"] + 1 if above else 1,
                "user": {"id": user},
                "followers": len(followers),
                "newlyReached": len(followers - reached),
            }
        )
        places[user] = place
        reached |= followers
    for share in shares:
        share["below"] = sum(_is_below(each, share["place"], shares) for each in shares)
    return {
        "shareCount": len(shares),
        "authorFollowers": len(of_author),
        "reached": len(reached - {author}),
        "depth": max((share["depth"] for share in shares), default=0),
        "shares": shares,
    }


def _is_below(share: dict[str, Any], place: int, shares: list[dict[str, Any]]) -> bool:
    above = share["from"]
    return bool(above) and (above == place or _is_below(shares[above - 1], place, shares))
