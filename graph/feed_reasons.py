"""Why a post is in somebody's feed: every reason that the graph gives, whichever brought it."""

from typing import LiteralString

from graph import edges, projections
from graph.projection import Pending, Projection, Row, add_all, add_one
from graph.selection import Selection
from graph.visibility import welcome_user

_MOST_SHARERS: LiteralString = "3"

_IS_SHARED_BY_FEWER: LiteralString = (
    "COUNT { (post)<-[:SHARED]-() } <= COUNT { (viewer)-[:FOLLOWS]->() }"
)
_KNOWN_SHARES: LiteralString = f"""\
CALL (viewer, post) {{
  UNWIND CASE WHEN {_IS_SHARED_BY_FEWER} THEN [post] ELSE [] END AS side
  MATCH (sharer)-[shared:SHARED]->() USING INDEX shared:SHARED(post_id, k)
  WHERE shared.post_id = side.id AND shared.k > ''
  WITH viewer, sharer, shared ORDER BY shared.post_id DESC, shared.k DESC
  WITH viewer, sharer, shared WHERE {edges.follows("viewer.id", "shared.user_id")}
  WITH sharer, shared WHERE {welcome_user("sharer")}
  RETURN sharer, shared LIMIT {_MOST_SHARERS}
  UNION ALL
  UNWIND CASE WHEN {_IS_SHARED_BY_FEWER} THEN [] ELSE [viewer] END AS side
  MATCH (side)-[:FOLLOWS]->(sharer)
  CALL (post, sharer) {{
    MATCH ()-[shared:SHARED]->() USING INDEX SEEK shared:SHARED(user_id, post_id)
    WHERE shared.user_id = sharer.id AND shared.post_id = post.id
    RETURN shared
  }}
  WITH viewer, sharer, shared ORDER BY shared.k DESC
  WITH sharer, shared WHERE {welcome_user("sharer")}
  RETURN sharer, shared LIMIT {_MOST_SHARERS}
}}
"""
"""Those whom the viewer follows, among who shared the post; from whichever side has fewer.

NOTE: A side that is not taken is a list without rows; a condition would be asked after its rows.
"""


def reasons(edge: Selection) -> Projection:
    """Project the reasons for `post`, for a selection of `FeedEdge`; `listed` puts them in order.

    Cost: for each post its shares or the viewer's follows, whichever are fewer.
    """
    into = Projection("post", "$s.why")
    selected = edge.child("reasons", "FollowsAuthor")
    author = projections.user(selected.child("author", "User"), "author", "$s.why.author")
    follows: LiteralString = edges.follows("viewer.id", "post.author_id")
    add_one(into, "author", f"MATCH (author:User {{id: post.author_id}}) WHERE {follows}", author)
    selected = edge.child("reasons", "SharedByFollowed")
    sharer = projections.user(selected.child("users", "User"), "sharer", "$s.why.shares")
    value: LiteralString = (
        f"COLLECT {{ {_KNOWN_SHARES} RETURN {{at: shared.at, user: {sharer.text}}} AS row "
        "ORDER BY shared.k DESC }"
    )

    def finish(rows: list[Row], pending: list[Pending]) -> Row | None:
        users = [sharer.finish(row["user"], pending) for row in rows]
        return {"users": users, "shared_at": rows[0]["at"]} if rows else None

    _add_tags(into, edge.child("reasons", "FollowsTag").child("tag", "Tag"))
    into.add_child("shares", value, key="shares", parameters=sharer.parameters, finish=finish)
    return into


def _add_tags(into: Projection, selection: Selection) -> None:
    tag = projections.tag(selection, "tag", f"{into.path}.tags")
    match: LiteralString = (
        "MATCH (post)-[tagged:TAGGED]->(tag) WITH viewer, tag, tagged ORDER BY tagged.position "
        f"WITH tag, tagged WHERE {edges.follows_tag('viewer.id', 'tagged.tag')}"
    )
    add_all(into, "tags", match, tag)


def listed(found: Row) -> list[Row]:
    """Give the reasons as the API does."""
    reasons: list[Row] = []
    if found["author"] is not None:
        reasons.append({"__typename": "FollowsAuthor", "author": found["author"]})
    if found["shares"] is not None:
        reasons.append({"__typename": "SharedByFollowed", **found["shares"]})
    return [*reasons, *({"__typename": "FollowsTag", "tag": tag} for tag in found["tags"])]
