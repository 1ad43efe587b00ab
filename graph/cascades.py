"""How a post was passed on: who shared it, from whom they had it, and whom each share reached.

From whom somebody had it counts as long as that share stands, and stood first. A share reaches
those who follow its sharer; newly reached are those of them who follow neither the post's author
nor anybody who shared it before. Who is hidden from the viewer keeps their place without a name.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, LiteralString

from graph import edges, ids, projections, reads
from graph.projection import Pending, Row
from graph.selection import Selection
from graph.statement import Statement
from graph.viewer import Viewer
from graph.visibility import visible_post, visible_user

MOST_SHARES: Final = 1_000
MOST_FOLLOWERS: Final = 50_000
"""Of more followers altogether it is not asked who is newly reached."""


def find_cascade(viewer: Viewer, post_id: str, selection: Selection) -> Statement[Row | None]:
    """Read how a post that the viewer may see was passed on: its first thousand shares.

    Row: `{post, share_count, author_followers, reached, depth, shares, as_of}`; of each share, the
    oldest first, `{place, from, depth, user, shared_at, followers, newly_reached, below}`.
    Cost: one index range and a degree for each share; a seek for each follower of the sharers, of
    whom there are 50,000 at most.
    """
    post = projections.post(selection.child("post", "Post"), "post", "$s.post")
    user = projections.user(
        selection.child("shares", "CascadeShare").child("user", "User"), "shown", "$s.user"
    )
    value: LiteralString = f"""\
COLLECT {{
  MATCH (post:Post {{id: $id}}) WHERE {visible_post("post")}
  CALL (post) {{
    MATCH (sharer:User)-[shared:SHARED]->() USING INDEX SEEK shared:SHARED(post_id, k)
    WHERE shared.post_id = post.id AND shared.k > ''
    WITH sharer, shared ORDER BY shared.post_id, shared.k LIMIT $most_shares
    RETURN collect(sharer) AS sharers, collect(shared {{.at, .via_user_id}}) AS shares,
      sum(COUNT {{ (sharer)<-[:FOLLOWS]-() }}) AS followers
  }}
  CALL (post, sharers, followers) {{
    UNWIND CASE WHEN followers <= $most_followers THEN range(0, size(sharers) - 1) ELSE [] END
      AS place
    WITH post, place, sharers[place] AS sharer
    MATCH (sharer)<-[:FOLLOWS]-(follower:User)
    WHERE follower.id <> post.author_id AND NOT {edges.follows("follower.id", "post.author_id")}
    WITH follower, min(place) AS place
    WITH place, count(*) AS reached
    RETURN collect([place, reached]) AS newly
  }}
  RETURN {{post: {post.text}, share_count: COUNT {{ (post)<-[:SHARED]-() }},
    author_followers: COUNT {{ (:User {{id: post.author_id}})<-[:FOLLOWS]-() }},
    newly: CASE WHEN followers <= $most_followers THEN newly END, shares: shares,
    sharers: COLLECT {{
      UNWIND sharers AS sharer
      RETURN {{id: sharer.id, followers: COUNT {{ (sharer)<-[:FOLLOWS]-() }}, user: head(COLLECT {{
        MATCH (shown:User {{id: sharer.id}}) WHERE {visible_user("shown")}
        RETURN {user.text} AS profile
      }})}} AS each
    }}}} AS row
}}"""
    now = ids.now_ms()

    def finish(rows: list[Row], pending: list[Pending]) -> Row | None:
        if not rows:
            return None
        [row] = rows
        for each in row["sharers"]:
            user.finish_optional(each["user"], pending)
        newly: list[tuple[int, int]] | None = row["newly"]
        total = None if newly is None else sum(count for _, count in newly)
        return _arrange(row["sharers"], row["shares"], newly) | {
            "post": post.finish(row["post"], pending),
            "share_count": row["share_count"],
            "author_followers": row["author_followers"],
            "reached": None if total is None else row["author_followers"] + total,
            "as_of": now,
        }

    parameters = {
        "s": {"post": post.parameters, "user": user.parameters},
        "id": post_id,
        "most_shares": MOST_SHARES,
        "most_followers": MOST_FOLLOWERS,
    }
    return reads.read_value(viewer, value, parameters, finish)


def _arrange(
    sharers: Sequence[Mapping[str, Any]],
    shares: Sequence[Mapping[str, Any]],
    newly: Sequence[tuple[int, int]] | None,
) -> Row:
    """Make the tree of shares: places are counted from 1, in the order of their instants."""
    places: dict[str, int] = {}
    reached: dict[int, int] | None = None if newly is None else dict(newly)
    found: list[Row] = []
    for sharer, share in zip(sharers, shares, strict=True):
        above = places.get(share["via_user_id"])
        is_shown = sharer["user"] is not None
        found.append(
            {
                "place": len(found) + 1,
                "from": above,
                "depth": found[above - 1]["depth"] + 1 if above else 1,
                "user": sharer["user"],
                "shared_at": share["at"],
                "followers": sharer["followers"] if is_shown else None,
                "newly_reached": None
                if reached is None or not is_shown
                else reached.get(len(found), 0),
                "below": 0,
            }
        )
        places[sharer["id"]] = len(found)
    for each in reversed(found):
        if each["from"]:
            found[each["from"] - 1]["below"] += each["below"] + 1
    return {"shares": found, "depth": max((each["depth"] for each in found), default=0)}
