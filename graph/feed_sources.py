"""What may be on a page of the feed: the newest of people and tags that one follows.

Who follows few people has each asked for the newest post and share of theirs, and those with the
newest give what they have. Who follows many has the newest posts and shares of all walked and held
against the follows, which soon meets enough. Tags are few, and are asked. Either way some is
found, and all down to a floor.

All of it reads keys alone, at `$s`: from `k` on downwards, without the posts `shown`, about `size`
of each kind. Who may see what is asked of posts from the newest on, until there are `limit`.
"""

from typing import LiteralString

from graph import edges
from graph.visibility import visible_post, welcome_user


def _newest(match: LiteralString, each: LiteralString, owner: LiteralString) -> LiteralString:
    return (
        f"head(COLLECT {{ {match} RETURN {each}.k "
        f"ORDER BY {each}.{owner} DESC, {each}.k DESC LIMIT 1 }})"
    )


_NEXT_POST: LiteralString = _newest(
    "MATCH (next:Post) WHERE next.author_id = person.id AND next.k <= $s.k", "next", "author_id"
)
_NEXT_SHARE: LiteralString = _newest(
    "MATCH ()-[next:SHARED]->() WHERE next.user_id = person.id AND next.k <= $s.k "
    "AND NOT next.post_id IN $s.shown",
    "next",
    "user_id",
)

_LAST_POST: LiteralString = (
    "head(COLLECT { MATCH (last:Post) WHERE last.k <= $s.k "
    "RETURN last.k ORDER BY last.k DESC SKIP $s.walk - 1 LIMIT 1 })"
)
_LAST_SHARE: LiteralString = (
    "head(COLLECT { MATCH ()-[last:SHARED]->() WHERE last.k <= $s.k "
    "RETURN last.k ORDER BY last.k DESC SKIP $s.walk - 1 LIMIT 1 })"
)

_WALK: LiteralString = f"""\
CALL (viewer) {{
  MATCH (post:Post) WHERE post.k <= $s.k
  WITH viewer, post ORDER BY post.k DESC LIMIT $s.walk
  WITH post
  WHERE {edges.follows("viewer.id", "post.author_id")} AND NOT post.id IN $s.shown
  WITH post LIMIT $s.size
  RETURN collect({{k: post.k, id: post.id}}) AS posts
}}
CALL (viewer) {{
  MATCH (person)-[shared:SHARED]->() WHERE shared.k <= $s.k
  WITH viewer, person, shared ORDER BY shared.k DESC LIMIT $s.walk
  WITH viewer, person, shared
  WHERE {edges.follows("viewer.id", "shared.user_id")} AND NOT shared.post_id IN $s.shown
  WITH viewer, person, shared ORDER BY shared.k DESC
  WITH shared WHERE {welcome_user("person")}
  WITH shared LIMIT $s.size
  RETURN collect({{k: shared.k, id: shared.post_id}}) AS shares
}}
WITH posts + shares AS found,
  CASE size(posts) WHEN $s.size THEN last(posts).k ELSE coalesce({_LAST_POST}, '') END AS one,
  CASE size(shares) WHEN $s.size THEN last(shares).k ELSE coalesce({_LAST_SHARE}, '') END AS two
RETURN found, CASE WHEN one > two THEN one ELSE two END AS floor
"""

_ASK: LiteralString = f"""\
CALL (viewer) {{
  MATCH (viewer)-[:FOLLOWS]->(person) WHERE person.last_post_k IS NOT NULL
  RETURN person, false AS shares, CASE
    WHEN person.last_post_k <= $s.k THEN person.last_post_k ELSE {_NEXT_POST}
  END AS newest
  UNION ALL
  MATCH (viewer)-[:FOLLOWS]->(person)
  RETURN person, true AS shares, {_NEXT_SHARE} AS newest
}}
WITH viewer, person, shares, newest WHERE newest IS NOT NULL
WITH viewer, person, shares, newest ORDER BY newest DESC
WITH person, shares, newest WHERE {welcome_user("person")}
WITH person, shares, newest ORDER BY newest DESC LIMIT $s.size
WITH collect({{id: person.id, shares: shares, newest: newest}}) AS heads
WITH heads, CASE size(heads) WHEN $s.size THEN last(heads).newest ELSE '' END AS floor
UNWIND heads AS head
CALL (head, floor) {{
  UNWIND CASE WHEN head.shares THEN [] ELSE [head] END AS each
  MATCH (post:Post)
  WHERE post.author_id = each.id AND post.k >= floor AND post.k <= $s.k
    AND NOT post.id IN $s.shown
  WITH post ORDER BY post.author_id DESC, post.k DESC LIMIT $s.size
  RETURN collect({{k: post.k, id: post.id}}) AS some
  UNION ALL
  UNWIND CASE WHEN head.shares THEN [head] ELSE [] END AS each
  MATCH ()-[shared:SHARED]->()
  WHERE shared.user_id = each.id AND shared.k >= floor AND shared.k <= $s.k
    AND NOT shared.post_id IN $s.shown
  WITH shared ORDER BY shared.user_id DESC, shared.k DESC LIMIT $s.size
  RETURN collect({{k: shared.k, id: shared.post_id}}) AS some
}}
WITH collect(some) AS lists,
  max(CASE size(some) WHEN $s.size THEN last(some).k ELSE floor END) AS floor
RETURN reduce(all = [], some IN lists | all + some) AS found, coalesce(floor, '') AS floor
"""

_TAGS: LiteralString = """\
MATCH ()-[follows:FOLLOWS_TAG]->() WHERE follows.user_id = viewer.id AND follows.k > ''
WITH follows.tag AS tag
WITH tag, head(COLLECT {
  MATCH ()-[next:TAGGED]->() WHERE next.tag = tag AND next.k <= $s.k
  RETURN next.k ORDER BY next.tag DESC, next.k DESC LIMIT 1
}) AS newest
WITH tag, newest WHERE newest IS NOT NULL
WITH tag, newest ORDER BY newest DESC LIMIT $s.size
WITH collect({tag: tag, newest: newest}) AS heads
WITH heads, CASE size(heads) WHEN $s.size THEN last(heads).newest ELSE '' END AS floor
UNWIND heads AS head
CALL (head, floor) {
  MATCH (post:Post)-[tagged:TAGGED]->() USING INDEX tagged:TAGGED(tag, k)
  WHERE tagged.tag = head.tag AND tagged.k >= floor AND tagged.k <= $s.k
    AND NOT post.id IN $s.shown
  WITH post, tagged ORDER BY tagged.tag DESC, tagged.k DESC LIMIT $s.size
  RETURN collect({k: tagged.k, id: post.id}) AS some
}
WITH collect(some) AS lists,
  max(CASE size(some) WHEN $s.size THEN last(some).k ELSE floor END) AS floor
RETURN reduce(all = [], some IN lists | all + some) AS tagged, coalesce(floor, '') AS tags_floor
"""

NEAR: LiteralString = f"""\
COLLECT {{
UNWIND [COUNT {{ (viewer)-[:FOLLOWS]->() }}] AS degree
CALL (viewer, degree) {{
  WITH * WHERE degree > $s.few
  {_WALK}
  UNION ALL
  WITH * WHERE degree <= $s.few
  CALL (viewer) {{
  {_ASK}
  }}
  RETURN found, floor
}}
CALL (viewer) {{
  {_TAGS}
}}
WITH viewer, found + tagged AS found,
  CASE WHEN floor > tags_floor THEN floor ELSE tags_floor END AS floor
CALL (viewer, found, floor) {{
  UNWIND found AS each
  WITH viewer, floor, each.id AS id, max(each.k) AS k
  WITH viewer, id, k WHERE k >= floor
  WITH viewer, id, k ORDER BY k DESC, id DESC
  MATCH (post:Post {{id: id}})
  WHERE post.author_id <> viewer.id AND {visible_post("post")}
    AND NOT {edges.mutes("viewer.id", "post.author_id")}
  WITH post, k ORDER BY k DESC, id DESC LIMIT $s.limit
  RETURN collect({{id: post.id, k: k, post_k: post.k}}) AS rows
}}
RETURN {{rows: rows, floor: floor}} AS near
}}"""
"""An expression: `[{rows: [{id, k, post_k}], floor}]`, the newest first; everything that belongs
above the floor is among the rows unless they are `limit`, and below '' there is nothing."""
