"""Whether an edge between two known nodes is there: one seek in the index of its pair.

A pattern between two bound ends walks the edges of one of them, which is dear where both are
busy: 356 db hits for a liker of 350 things and a post with 350 likes, and 5 by the index. The
hint is for plans that are made while there are few edges, when a scan would look as good.
"""

from typing import LiteralString


def likes(user_id: LiteralString, subject_id: LiteralString) -> LiteralString:
    """Give whether a user likes a post or comment, both given by expressions for their ids."""
    return (
        "EXISTS { MATCH ()-[pair:LIKED]->() USING INDEX SEEK pair:LIKED(user_id, subject_id) "
        f"WHERE pair.user_id = {user_id} AND pair.subject_id = {subject_id} }}"
    )


def shares(user_id: LiteralString, post_id: LiteralString) -> LiteralString:
    """Give whether a user shares a post, both given by expressions for their ids."""
    return (
        "EXISTS { MATCH ()-[pair:SHARED]->() USING INDEX SEEK pair:SHARED(user_id, post_id) "
        f"WHERE pair.user_id = {user_id} AND pair.post_id = {post_id} }}"
    )


def bookmarks(user_id: LiteralString, post_id: LiteralString) -> LiteralString:
    """Give whether a user bookmarks a post, both given by expressions for their ids."""
    return (
        "EXISTS { MATCH ()-[pair:BOOKMARKED]->() "
        "USING INDEX SEEK pair:BOOKMARKED(user_id, post_id) "
        f"WHERE pair.user_id = {user_id} AND pair.post_id = {post_id} }}"
    )


def mutes_conversation(user_id: LiteralString, post_id: LiteralString) -> LiteralString:
    """Give whether a user mutes a post's conversation, both given by expressions for their ids."""
    return (
        "EXISTS { MATCH ()-[pair:MUTES_CONVERSATION]->() "
        "USING INDEX SEEK pair:MUTES_CONVERSATION(user_id, post_id) "
        f"WHERE pair.user_id = {user_id} AND pair.post_id = {post_id} }}"
    )


def follows(follower_id: LiteralString, followee_id: LiteralString) -> LiteralString:
    """Give whether a user follows another, both given by expressions for their ids."""
    return (
        "EXISTS { MATCH ()-[pair:FOLLOWS]->() "
        "USING INDEX SEEK pair:FOLLOWS(follower_id, followee_id) "
        f"WHERE pair.follower_id = {follower_id} AND pair.followee_id = {followee_id} }}"
    )


def follows_tag(user_id: LiteralString, tag: LiteralString) -> LiteralString:
    """Give whether a user follows a tag, given by expressions for their id and its name."""
    return (
        "EXISTS { MATCH ()-[pair:FOLLOWS_TAG]->() "
        "USING INDEX SEEK pair:FOLLOWS_TAG(user_id, tag) "
        f"WHERE pair.user_id = {user_id} AND pair.tag = {tag} }}"
    )


def blocks(blocker_id: LiteralString, blocked_id: LiteralString) -> LiteralString:
    """Give whether a user blocks another, both given by expressions for their ids."""
    return (
        "EXISTS { MATCH ()-[pair:BLOCKS]->() "
        "USING INDEX SEEK pair:BLOCKS(blocker_id, blocked_id) "
        f"WHERE pair.blocker_id = {blocker_id} AND pair.blocked_id = {blocked_id} }}"
    )


def mutes(muter_id: LiteralString, muted_id: LiteralString) -> LiteralString:
    """Give whether a user mutes another, both given by expressions for their ids."""
    return (
        "EXISTS { MATCH ()-[pair:MUTES]->() USING INDEX SEEK pair:MUTES(muter_id, muted_id) "
        f"WHERE pair.muter_id = {muter_id} AND pair.muted_id = {muted_id} }}"
    )
