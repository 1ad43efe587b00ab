"""The declared model: relationships that carry properties.

An edge that is paged stores the ids of both ends and a keyset key `k`, indexed together, so
that the newest of any number is read without sorting; the pair of ids is unique.
"""

from neomodel import AsyncStructuredRel, IntegerProperty, StringProperty


class Followed(AsyncStructuredRel):
    """`FOLLOWS`: whose posts a user wants to read."""

    follower_id = StringProperty(required=True)
    followee_id = StringProperty(required=True)
    at = IntegerProperty(required=True)
    k = StringProperty(required=True)


class Blocked(AsyncStructuredRel):
    """`BLOCKS`: from a user to one with whom they want nothing to do; hides each from the other."""

    blocker_id = StringProperty(required=True)
    blocked_id = StringProperty(required=True)
    at = IntegerProperty(required=True)
    k = StringProperty(required=True)


class Muted(AsyncStructuredRel):
    """`MUTES`: from a user to one whom their feed and notifications leave out, untold."""

    muter_id = StringProperty(required=True)
    muted_id = StringProperty(required=True)
    at = IntegerProperty(required=True)
    k = StringProperty(required=True)


class Liked(AsyncStructuredRel):
    """`LIKED`: from a user to a post or comment, of which `author_id` is the author's."""

    user_id = StringProperty(required=True)
    subject_id = StringProperty(required=True)
    author_id = StringProperty(required=True)
    at = IntegerProperty(required=True)
    k = StringProperty(required=True)


class Shared(AsyncStructuredRel):
    """`SHARED`: from a user to a post they pass on to their followers.

    `via_user_id` is who shared it before and from whom the user had it.
    """

    user_id = StringProperty(required=True)
    post_id = StringProperty(required=True)
    via_user_id = StringProperty()
    at = IntegerProperty(required=True)
    k = StringProperty(required=True)


class Bookmarked(AsyncStructuredRel):
    """`BOOKMARKED`: from a user to a post that they keep for themselves, untold."""

    user_id = StringProperty(required=True)
    post_id = StringProperty(required=True)
    at = IntegerProperty(required=True)
    k = StringProperty(required=True)


class MutedConversation(AsyncStructuredRel):
    """`MUTES_CONVERSATION`: from a user to a post of whose conversation they want no news."""

    user_id = StringProperty(required=True)
    post_id = StringProperty(required=True)
    at = IntegerProperty(required=True)


class OnPost(AsyncStructuredRel):
    """`ON_POST`: from every visible comment, at any depth, to the post at its root."""

    post_id = StringProperty(required=True)
    at = IntegerProperty(required=True)
    k = StringProperty(required=True)


class Tagged(AsyncStructuredRel):
    """`TAGGED`: from a post that is there to a tag in its text, so that a degree counts them.

    `k` and `author_id` are the post's; `position` is the tag's among those of the post.
    """

    author_id = StringProperty(required=True)
    tag = StringProperty(required=True)
    k = StringProperty(required=True)
    position = IntegerProperty(required=True)


class OnceTagged(AsyncStructuredRel):
    """`ONCE_TAGGED`: what `TAGGED` is for a post that is deleted or removed."""

    position = IntegerProperty(required=True)


class TagFollowed(AsyncStructuredRel):
    """`FOLLOWS_TAG`: from a user to a tag whose posts they want to read."""

    user_id = StringProperty(required=True)
    tag = StringProperty(required=True)
    at = IntegerProperty(required=True)
    k = StringProperty(required=True)


class Mentioned(AsyncStructuredRel):
    """`MENTIONS`: from a post or comment to a person in its text; gives no right to see it.

    `at` is of the edit that named them, and absent where the text did from the beginning.
    """

    position = IntegerProperty(required=True)
    at = IntegerProperty()
