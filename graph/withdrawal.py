"""Taking posts and comments out of what is counted, and back: by deletion, removal, restoration.

Counts are degrees, and a degree knows no conditions: what nobody may see has other relationships
than what stands, and no `words`, so that a search does not find it in the place of another.
Whoever uses these clauses has locked the author, then the post at the root.
"""

from typing import LiteralString

from graph.naming import retag_post, untag_post
from graph.visibility import standing


def newest_post(author: LiteralString) -> LiteralString:
    """Give the clause that sets an author's `last_post_k` after one of their posts went or came."""
    return f"SET {author}.last_post_k = {newest_key(author)}\n"


def newest_key(author: LiteralString) -> LiteralString:
    """Give the expression of the key of an author's newest post that is there; null without one."""
    return f"""\
head(COLLECT {{
  MATCH (newest:Post)
  WHERE newest.author_id = {author}.id AND newest.k > '' AND {standing("newest")}
  RETURN newest.k ORDER BY newest.author_id DESC, newest.k DESC LIMIT 1
}})"""


def withdraw_post(author: LiteralString, post: LiteralString) -> LiteralString:
    """Give the clauses that take a post out; of one that is out already they bind no row."""
    return f"""\
MATCH ({author})-[posted:POSTED]->({post})
DELETE posted
CREATE ({author})-[:ONCE_POSTED]->({post})
SET {post}.once_words = {post}.words
REMOVE {post}.words
WITH {author}, {post}
{untag_post(post)}WITH {author}
""" + newest_post(author)


def readmit_post(author: LiteralString, post: LiteralString) -> LiteralString:
    """Give the clauses that undo `withdraw_post`."""
    return f"""\
MATCH ({author})-[posted:ONCE_POSTED]->({post})
DELETE posted
CREATE ({author})-[:POSTED]->({post})
SET {post}.words = {post}.once_words
REMOVE {post}.once_words
WITH {author}, {post}
{retag_post(post)}WITH {author}
""" + newest_post(author)


def withdraw_comment(
    author: LiteralString, comment: LiteralString, post: LiteralString
) -> LiteralString:
    """Give the clauses that take a comment out; of one that is out already they bind no row."""
    return f"""\
MATCH ({author})-[commented:COMMENTED]->({comment})-[reply_to:REPLY_TO]->(parent)
MATCH ({comment})-[on_post:ON_POST]->({post})
DELETE commented, reply_to, on_post
CREATE ({author})-[:ONCE_COMMENTED]->({comment})-[:ONCE_REPLY_TO]->(parent)
"""


def readmit_comment(
    author: LiteralString, comment: LiteralString, post: LiteralString
) -> LiteralString:
    """Give the clauses that undo `withdraw_comment`."""
    return f"""\
MATCH ({author})-[commented:ONCE_COMMENTED]->({comment})-[reply_to:ONCE_REPLY_TO]->(parent)
DELETE commented, reply_to
CREATE ({author})-[:COMMENTED]->({comment})-[:REPLY_TO]->(parent)
CREATE ({comment})-[on_post:ON_POST]->({post})
SET on_post = {{post_id: {post}.id, at: {comment}.created_at, k: {comment}.k}}
"""
