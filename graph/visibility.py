"""Who may see what: the one rule, as Cypher that every read is made of."""

from typing import LiteralString

from graph import edges


def visible_post(post: LiteralString, viewer: LiteralString = "viewer") -> LiteralString:
    """Give the condition under which a user, the viewer unless another is named, may see a post."""
    is_follower = edges.follows(f"{viewer}.id", f"{post}.author_id")
    return (
        f"{post}.deleted_at IS NULL AND ({post}.visibility = 'PUBLIC' "
        f"OR {post}.author_id = {viewer}.id OR {is_follower})"
    )


def visible_comment(comment: LiteralString) -> LiteralString:
    """Give the condition under which the viewer may see a comment's text and author.

    A comment that fails it is a tombstone: it keeps its place and what is below it.
    """
    return f"{comment}.deleted_at IS NULL"


def tombstone(comment: LiteralString) -> LiteralString:
    """Give why a comment is a tombstone; null for one that may be seen."""
    return f"CASE WHEN {comment}.deleted_at IS NOT NULL THEN 'DELETED' END"
