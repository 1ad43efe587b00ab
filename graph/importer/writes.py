"""Write rows of an import. Every row is new; should one not be, it is left as it is there."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, LiteralString

from graph.ranks import hot_key
from graph.statement import Access, Statement

_USERS: LiteralString = """\
UNWIND $rows AS row
MERGE (user:User {id: row.id}) ON CREATE SET user = row"""

_POSTS: LiteralString = (
    """\
UNWIND $rows AS row
MATCH (author:User {id: row.post.author_id})
MERGE (post:Post {id: row.post.id}) ON CREATE SET post = row.post
MERGE (author)-[:POSTED]->(post)
FOREACH (named IN row.tags |
  MERGE (tag:Tag {name: named.name})
  ON CREATE SET tag.display_name = named.display_name, tag.words = named.words
  MERGE (post)-[tagged:TAGGED]->(tag)
  ON CREATE SET tagged = {
    author_id: author.id, tag: named.name, k: post.k, position: named.position})
"""
    f"SET post.hot_k = {hot_key('post')}\n"
    """\
WITH author, max(post.k) AS newest
SET author.lk = true
WITH author, newest WHERE coalesce(author.last_post_k, '') < newest
SET author.last_post_k = newest"""
)

_COMMENTS: LiteralString = """\
UNWIND $rows AS row
MATCH (author:User {id: row.author_id})
MERGE (comment:Comment {id: row.id}) ON CREATE SET comment = row
MERGE (author)-[:COMMENTED]->(comment)
WITH collect(comment) AS comments
UNWIND comments AS comment
MATCH (post:Post {id: comment.post_id})
OPTIONAL MATCH (reply_to:Comment {id: comment.parent_id})
WITH comment, post, coalesce(reply_to, post) AS parent
MERGE (comment)-[:REPLY_TO]->(parent)
MERGE (comment)-[on_post:ON_POST]->(post)
ON CREATE SET on_post = {post_id: post.id, at: comment.created_at, k: comment.k}"""
"""Collected in the middle, so that a comment finds a parent of the same rows."""

_FOLLOWS: LiteralString = """\
UNWIND $rows AS row
MATCH (follower:User {id: row.follower_id})
MATCH (followee:User {id: row.followee_id})
MERGE (follower)-[follows:FOLLOWS]->(followee) ON CREATE SET follows = row"""

_LIKES: LiteralString = (
    """\
UNWIND $rows AS row
MATCH (user:User {id: row.user_id})
OPTIONAL MATCH (post:Post {id: row.subject_id})
OPTIONAL MATCH (comment:Comment {id: row.subject_id})
WITH row, user, post, coalesce(post, comment) AS subject
MERGE (user)-[liked:LIKED]->(subject)
ON CREATE SET liked = row, liked.author_id = subject.author_id
WITH collect(DISTINCT post) AS posts
UNWIND posts AS post
"""
    f"SET post.hot_k = {hot_key('post')}"
)
"""Collected, so that a post is ranked when all its likes of the rows are there."""

_SHARES: LiteralString = """\
UNWIND $rows AS row
MATCH (user:User {id: row.user_id})
MATCH (post:Post {id: row.post_id})
MERGE (user)-[shared:SHARED]->(post) ON CREATE SET shared = row"""

WRITES: Final[Mapping[str, LiteralString]] = {
    "user": _USERS,
    "follow": _FOLLOWS,
    "post": _POSTS,
    "comment": _COMMENTS,
    "like": _LIKES,
    "share": _SHARES,
}
"""Kinds of line with what writes them, in an order in which nothing refers to a later one."""


def write_rows(kind: str, rows: Sequence[Mapping[str, Any]]) -> Statement[None]:
    """Write the rows of one kind."""
    return Statement(WRITES[kind], {"rows": rows}, lambda _: None, Access.WRITE)
