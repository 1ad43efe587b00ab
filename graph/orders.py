"""The orders in which lists below an object are read, each with the index that serves it."""

from enum import StrEnum
from typing import Final, LiteralString

from graph import edges
from graph.connections import Order, newest_first
from graph.ids import KEY_FIRST, KEY_LAST
from graph.visibility import visible_comment, visible_post, visible_user

_HIGHEST_RANK: Final = 1e300


class CommentSort(StrEnum):
    """Orders of siblings in a conversation."""

    BEST = "BEST"
    TOP = "TOP"
    NEW = "NEW"
    OLD = "OLD"


def _author_posts(author: LiteralString, post: LiteralString, path: LiteralString) -> LiteralString:
    return (
        f"MATCH ({post}:Post) WHERE {post}.author_id = {author}.id AND {post}.k < {path}.k "
        f"AND {visible_post(post)} WITH {post}, [{post}.k] AS {post}_at "
        f"ORDER BY {post}.author_id DESC, {post}.k DESC LIMIT {path}.limit"
    )


def _followers(followee: LiteralString, user: LiteralString, path: LiteralString) -> LiteralString:
    return (
        f"MATCH ({user})-[{user}_r:FOLLOWS]->() "
        f"WHERE {user}_r.followee_id = {followee}.id AND {user}_r.k < {path}.k "
        f"AND {visible_user(user)} "
        f"WITH {user}, [{user}_r.k] AS {user}_at, {user}_r "
        f"ORDER BY {user}_r.followee_id DESC, {user}_r.k DESC LIMIT {path}.limit"
    )


def _following(follower: LiteralString, user: LiteralString, path: LiteralString) -> LiteralString:
    return (
        f"MATCH ()-[{user}_r:FOLLOWS]->({user}) "
        f"WHERE {user}_r.follower_id = {follower}.id AND {user}_r.k < {path}.k "
        f"AND {visible_user(user)} "
        f"WITH {user}, [{user}_r.k] AS {user}_at, {user}_r "
        f"ORDER BY {user}_r.follower_id DESC, {user}_r.k DESC LIMIT {path}.limit"
    )


def _tag_posts(tag: LiteralString, post: LiteralString, path: LiteralString) -> LiteralString:
    return (
        f"MATCH ({post}:Post)-[{post}_r:TAGGED]->() "
        f"WHERE {post}_r.tag = {tag}.name AND {post}_r.k < {path}.k AND {visible_post(post)} "
        f"WITH {post}, [{post}_r.k] AS {post}_at, {post}_r "
        f"ORDER BY {post}_r.tag DESC, {post}_r.k DESC LIMIT {path}.limit"
    )


def _followed_tags(user: LiteralString, tag: LiteralString, path: LiteralString) -> LiteralString:
    return (
        f"MATCH ()-[{tag}_r:FOLLOWS_TAG]->({tag}) "
        f"WHERE {tag}_r.user_id = {user}.id AND {tag}_r.k < {path}.k "
        f"WITH {tag}, [{tag}_r.k] AS {tag}_at, {tag}_r "
        f"ORDER BY {tag}_r.user_id DESC, {tag}_r.k DESC LIMIT {path}.limit"
    )


def _revisions(
    subject: LiteralString, revision: LiteralString, path: LiteralString
) -> LiteralString:
    return (
        f"MATCH ({revision}:Revision) "
        f"WHERE {revision}.subject_id = {subject}.id AND {revision}.k < {path}.k "
        f"WITH {revision}, [{revision}.k] AS {revision}_at "
        f"ORDER BY {revision}.subject_id DESC, {revision}.k DESC LIMIT {path}.limit"
    )


def _revisions_of_shown(
    comment: LiteralString, revision: LiteralString, path: LiteralString
) -> LiteralString:
    shown: LiteralString = f"{revision}_of"
    return (
        f"MATCH ({shown}:Comment {{id: {comment}.id}}) WHERE {visible_comment(shown)} "
        + _revisions(shown, revision, path)
    )


def _newest_comments(
    parent: LiteralString, comment: LiteralString, path: LiteralString
) -> LiteralString:
    return (
        f"MATCH ({comment}:Comment) "
        f"WHERE {comment}.parent_id = {parent}.id AND {comment}.k < {path}.k "
        f"WITH {comment}, [{comment}.k] AS {comment}_at "
        f"ORDER BY {comment}.parent_id DESC, {comment}.k DESC LIMIT {path}.limit"
    )


def _oldest_comments(
    parent: LiteralString, comment: LiteralString, path: LiteralString
) -> LiteralString:
    return (
        f"MATCH ({comment}:Comment) "
        f"WHERE {comment}.parent_id = {parent}.id AND {comment}.k > {path}.k "
        f"WITH {comment}, [{comment}.k] AS {comment}_at "
        f"ORDER BY {comment}.parent_id, {comment}.k LIMIT {path}.limit"
    )


def match_post_author(comment: LiteralString) -> LiteralString:
    """Give the clause that binds `<comment>_op` to the author of the comment's post."""
    return (
        f"OPTIONAL MATCH ({comment}_of:Post {{id: {comment}.post_id}}) "
        f"OPTIONAL MATCH ({comment}_op:User {{id: {comment}_of.author_id}}) "
    )


def _ranked(
    rank: LiteralString, parent: LiteralString, comment: LiteralString, path: LiteralString
) -> LiteralString:
    return (
        f"MATCH ({comment}:Comment) WHERE {comment}.parent_id = {parent}.id AND {comment}.k > '' "
        f"{match_post_author(comment)}"
        f"WITH {comment}, {rank} AS {comment}_rank "
        f"WHERE {comment}_rank < {path}.rank "
        f"OR ({comment}_rank = {path}.rank AND {comment}.k > {path}.k) "
        f"WITH {comment}, [{comment}_rank, {comment}.k] AS {comment}_at "
        f"ORDER BY {comment}_at[0] DESC, {comment}_at[1] LIMIT {path}.limit"
    )


def _best_comments(
    parent: LiteralString, comment: LiteralString, path: LiteralString
) -> LiteralString:
    rank: LiteralString = (
        f"log(3 + COUNT {{ ({comment})<-[:LIKED]-() }}) "
        f"* CASE WHEN {edges.likes(f'{comment}_op.id', comment + '.id')} THEN 1.45 ELSE 1.0 END"
    )
    return _ranked(rank, parent, comment, path)


def _top_comments(
    parent: LiteralString, comment: LiteralString, path: LiteralString
) -> LiteralString:
    return _ranked(f"COUNT {{ ({comment})<-[:LIKED]-() }}", parent, comment, path)


AUTHOR_POSTS: Final = newest_first("author-posts", _author_posts)
FOLLOWERS: Final = newest_first("followers", _followers)
FOLLOWING: Final = newest_first("following", _following)
TAG_POSTS: Final = newest_first("tag-posts", _tag_posts)
POST_REVISIONS: Final = newest_first("post-revisions", _revisions)
COMMENT_REVISIONS: Final = newest_first("comment-revisions", _revisions_of_shown)
"""Of a tombstone, none."""
FOLLOWED_TAGS: Final = newest_first("followed-tags", _followed_tags)
COMMENTS: Final = {
    CommentSort.BEST: Order(
        "comments-best", {"rank": _HIGHEST_RANK, "k": KEY_FIRST}, _best_comments
    ),
    CommentSort.TOP: Order("comments-top", {"rank": _HIGHEST_RANK, "k": KEY_FIRST}, _top_comments),
    CommentSort.NEW: Order("comments-new", {"k": KEY_LAST}, _newest_comments),
    CommentSort.OLD: Order("comments-old", {"k": KEY_FIRST}, _oldest_comments),
}
"""Direct replies to a post or to a comment, tombstones too."""
