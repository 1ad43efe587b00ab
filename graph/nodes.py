"""The declared model: labels, their properties and unique indexes.

neomodel declares, the driver runs: the tests hold every statement against these classes, and
`graph.ddl` makes the constraints and indexes. Instants are milliseconds since 1970 UTC; `k` is
a keyset key (see `graph.ids.key`); `lk` is what a statement sets first to lock a node. The
property `id` is declared as `uid`, because neomodel keeps the name `id` to itself.
"""

from neomodel import (
    ArrayProperty,
    AsyncRelationshipFrom,
    AsyncRelationshipTo,
    AsyncStructuredNode,
    BooleanProperty,
    IntegerProperty,
    StringProperty,
)

from graph.bookkeeping import (
    Counter,
    DeadLetter,
    Event,
    Heartbeat,
    IdempotencyKey,
    Job,
    Lease,
    PlatformHour,
    PostHour,
    Ranking,
    Reconciliation,
    SchemaVersion,
    StreamEntry,
    UserHour,
)
from graph.relationships import (
    Blocked,
    Bookmarked,
    Followed,
    Liked,
    Mentioned,
    Muted,
    MutedConversation,
    OnceTagged,
    OnPost,
    Shared,
    TagFollowed,
    Tagged,
)


class User(AsyncStructuredNode):
    """A person with an account.

    `words` are those of both names, as they are searched. `suspended_name` (equal to the username)
    is there as long as `suspended_at`, so that an index holds the suspended alone. `unwanted_kinds`
    are those of notifications that they turned off.
    """

    uid = StringProperty(db_property="id", unique_index=True, required=True)
    username = StringProperty(unique_index=True, required=True)
    email = StringProperty(unique_index=True)
    display_name = StringProperty(required=True)
    bio = StringProperty()
    role = StringProperty(required=True)
    admin_since = IntegerProperty()
    created_at = IntegerProperty(required=True)
    password_hash = StringProperty()
    suspended_at = IntegerProperty()
    suspended_name = StringProperty()
    unwanted_kinds = ArrayProperty(StringProperty())
    last_post_k = StringProperty()
    words = StringProperty()
    avatar_id = StringProperty()
    lk = BooleanProperty()

    follows = AsyncRelationshipTo("User", "FOLLOWS", model=Followed)
    blocks = AsyncRelationshipTo("User", "BLOCKS", model=Blocked)
    mutes = AsyncRelationshipTo("User", "MUTES", model=Muted)
    follows_tags = AsyncRelationshipTo("Tag", "FOLLOWS_TAG", model=TagFollowed)
    posted = AsyncRelationshipTo("Post", "POSTED")
    once_posted = AsyncRelationshipTo("Post", "ONCE_POSTED")
    commented = AsyncRelationshipTo("Comment", "COMMENTED")
    once_commented = AsyncRelationshipTo("Comment", "ONCE_COMMENTED")
    liked_posts = AsyncRelationshipTo("Post", "LIKED", model=Liked)
    liked_comments = AsyncRelationshipTo("Comment", "LIKED", model=Liked)
    shared = AsyncRelationshipTo("Post", "SHARED", model=Shared)
    bookmarked = AsyncRelationshipTo("Post", "BOOKMARKED", model=Bookmarked)
    avatar = AsyncRelationshipTo("Media", "HAS_AVATAR")
    mutes_conversations = AsyncRelationshipTo("Post", "MUTES_CONVERSATION", model=MutedConversation)


class Session(AsyncStructuredNode):
    """One log-in: lives from `logIn` until it is revoked or expires."""

    uid = StringProperty(db_property="id", unique_index=True, required=True)
    user_id = StringProperty(required=True)
    created_at = IntegerProperty(required=True)
    expires_at = IntegerProperty(required=True)
    revoked_at = IntegerProperty()
    refresh_id = StringProperty(required=True)
    previous_refresh_id = StringProperty()
    refreshed_at = IntegerProperty()
    lk = BooleanProperty()

    user = AsyncRelationshipTo("User", "SESSION_OF")


class Post(AsyncStructuredNode):
    """What a user says to their followers or to everybody.

    `words` are those of the text, as they are searched; of a post that is deleted or removed they
    are `once_words`, which no index holds.
    """

    uid = StringProperty(db_property="id", unique_index=True, required=True)
    k = StringProperty(required=True)
    author_id = StringProperty(required=True)
    text = StringProperty(required=True)
    visibility = StringProperty(required=True)
    media_ids = ArrayProperty(StringProperty())
    hot_k = StringProperty(required=True)
    words = StringProperty()
    once_words = StringProperty()
    created_at = IntegerProperty(required=True)
    edited_at = IntegerProperty()
    deleted_at = IntegerProperty()
    removed_at = IntegerProperty()
    lk = BooleanProperty()

    tags = AsyncRelationshipTo("Tag", "TAGGED", model=Tagged)
    once_tags = AsyncRelationshipTo("Tag", "ONCE_TAGGED", model=OnceTagged)
    mentions = AsyncRelationshipTo("User", "MENTIONS", model=Mentioned)
    quotes = AsyncRelationshipTo("Post", "QUOTES")
    revisions = AsyncRelationshipTo("Revision", "HAS_REVISION")
    media = AsyncRelationshipTo("Media", "HAS_MEDIA")


class Media(AsyncStructuredNode):
    """An image that somebody uploaded; its bytes lie in the storage under its key.

    `stored_at` is there once they do, and `previewed_at` once the job `thumbnail` is done.
    `loose_at` is there while nothing shows the image: what it is removed by, some time later.
    From `doomed_at` on it is not there for anybody, and its bytes are being removed.
    """

    uid = StringProperty(db_property="id", unique_index=True, required=True)
    author_id = StringProperty(required=True)
    key = StringProperty(required=True)
    content_type = StringProperty(required=True)
    width = IntegerProperty(required=True)
    height = IntegerProperty(required=True)
    byte_count = IntegerProperty(required=True)
    alt_text = StringProperty()
    created_at = IntegerProperty(required=True)
    stored_at = IntegerProperty()
    previewed_at = IntegerProperty()
    thumbnail_key = StringProperty()
    blurhash = StringProperty()
    loose_at = IntegerProperty()
    doomed_at = IntegerProperty()
    lk = BooleanProperty()


class Comment(AsyncStructuredNode):
    """A reply to a post or to another comment of the same post."""

    uid = StringProperty(db_property="id", unique_index=True, required=True)
    k = StringProperty(required=True)
    author_id = StringProperty(required=True)
    post_id = StringProperty(required=True)
    parent_id = StringProperty(required=True)
    depth = IntegerProperty(required=True)
    text = StringProperty(required=True)
    created_at = IntegerProperty(required=True)
    edited_at = IntegerProperty()
    deleted_at = IntegerProperty()
    removed_at = IntegerProperty()
    lk = BooleanProperty()

    reply_to_post = AsyncRelationshipTo("Post", "REPLY_TO")
    reply_to_comment = AsyncRelationshipTo("Comment", "REPLY_TO")
    once_reply_to_post = AsyncRelationshipTo("Post", "ONCE_REPLY_TO")
    once_reply_to_comment = AsyncRelationshipTo("Comment", "ONCE_REPLY_TO")
    on_post = AsyncRelationshipTo("Post", "ON_POST", model=OnPost)
    mentions = AsyncRelationshipTo("User", "MENTIONS", model=Mentioned)
    revisions = AsyncRelationshipTo("Revision", "HAS_REVISION")


class Revision(AsyncStructuredNode):
    """A text that a post or comment had before its author changed it; `k` is of that change."""

    uid = StringProperty(db_property="id", unique_index=True, required=True)
    subject_id = StringProperty(required=True)
    k = StringProperty(required=True)
    text = StringProperty(required=True)
    created_at = IntegerProperty(required=True)
    replaced_at = IntegerProperty(required=True)


class Tag(AsyncStructuredNode):
    """A topic that posts name.

    `name` is the same however the tag is written; `display_name` is how it was written first;
    `words` are those of its name, as they are searched.
    """

    name = StringProperty(unique_index=True, required=True)
    display_name = StringProperty(required=True)
    words = StringProperty()

    tagged = AsyncRelationshipFrom("Post", "TAGGED", model=Tagged)


class Notification(AsyncStructuredNode):
    """News for one person, held up by its causes: gone from every list when the last is gone.

    `k` is of the newest cause, and absent without any. `unread_k` and `unseen_k` (equal to `k`) are
    there until the recipient has read and seen it, so that an index holds those alone that wait.
    `open_key` (kind, subject and recipient) is there until they have seen it, too: what is done by
    then joins it. `event_id` is of the event that told of it last. `ended_at` is of
    the deletion of what it is about, which ended it, whatever holds it up.

    One of moderation has a cause without an actor, but says what was done (`act`) and why
    (`reason`).
    """

    uid = StringProperty(db_property="id", unique_index=True, required=True)
    open_key = StringProperty(unique_index=True)
    k = StringProperty()
    unread_k = StringProperty()
    unseen_k = StringProperty()
    recipient_id = StringProperty(required=True)
    kind = StringProperty(required=True)
    subject_id = StringProperty()
    act = StringProperty()
    reason = StringProperty()
    created_at = IntegerProperty(required=True)
    updated_at = IntegerProperty(required=True)
    seen_at = IntegerProperty()
    read_at = IntegerProperty()
    ended_at = IntegerProperty()
    event_id = StringProperty()
    lk = BooleanProperty()


class Cause(AsyncStructuredNode):
    """A deed of which somebody is told: why a notification is there.

    `key` says what was done, by whom, to what, and who is told: once, however often it is undone
    and done again. `k` and `CAUSES` are there while it holds; of a deed that was undone `once_k` is
    left, so that it comes back to where it was when it is done again.
    """

    key = StringProperty(unique_index=True, required=True)
    notification_id = StringProperty(required=True)
    recipient_id = StringProperty(required=True)
    actor_id = StringProperty()
    k = StringProperty()
    once_k = StringProperty()

    causes = AsyncRelationshipTo("Notification", "CAUSES")


class Webhook(AsyncStructuredNode):
    """An address that a user wants to be told of their notifications of some kinds.

    `secret` signs what is sent, and is sealed by a key that is not in the graph; `delivered_at` is
    of the last success.
    """

    uid = StringProperty(db_property="id", unique_index=True, required=True)
    k = StringProperty(required=True)
    user_id = StringProperty(required=True)
    url = StringProperty(required=True)
    kinds = ArrayProperty(StringProperty())
    secret = StringProperty(required=True)
    created_at = IntegerProperty(required=True)
    delivered_at = IntegerProperty()


class AuditEntry(AsyncStructuredNode):
    """What somebody with a role did to others; written with the deed, never changed or deleted.

    An actor of null is who runs `python -m graph`. An entry and the event of the same deed have
    the same id, but for the prefix.
    """

    uid = StringProperty(db_property="id", unique_index=True, required=True)
    k = StringProperty(required=True)
    at = IntegerProperty(required=True)
    actor_id = StringProperty()
    action = StringProperty(required=True)
    subject_id = StringProperty(required=True)
    reason = StringProperty()


class Report(AsyncStructuredNode):
    """What somebody told the moderators about a post, a comment or a person.

    `reported_id` is the person reported, or who wrote what was. `open_key` (reporter and subject)
    and `ABOUT` are there until a moderator has decided, so that nobody reports a thing twice at a
    time and that how many wait is a degree; then `ONCE_ABOUT` takes its place.
    """

    uid = StringProperty(db_property="id", unique_index=True, required=True)
    k = StringProperty(required=True)
    reporter_id = StringProperty(required=True)
    subject_id = StringProperty(required=True)
    reported_id = StringProperty(required=True)
    reason = StringProperty(required=True)
    details = StringProperty()
    status = StringProperty(required=True)
    open_key = StringProperty(unique_index=True)
    created_at = IntegerProperty(required=True)
    resolved_at = IntegerProperty()
    resolver_id = StringProperty()
    note = StringProperty()

    about_post = AsyncRelationshipTo("Post", "ABOUT")
    about_comment = AsyncRelationshipTo("Comment", "ABOUT")
    about_person = AsyncRelationshipTo("User", "ABOUT")
    once_about_post = AsyncRelationshipTo("Post", "ONCE_ABOUT")
    once_about_comment = AsyncRelationshipTo("Comment", "ONCE_ABOUT")
    once_about_person = AsyncRelationshipTo("User", "ONCE_ABOUT")


NODES: tuple[type[AsyncStructuredNode], ...] = (
    User,
    Session,
    Post,
    Revision,
    Media,
    Comment,
    Tag,
    Notification,
    Cause,
    Webhook,
    AuditEntry,
    Report,
    IdempotencyKey,
    Event,
    StreamEntry,
    Job,
    DeadLetter,
    Counter,
    Heartbeat,
    Lease,
    PostHour,
    UserHour,
    PlatformHour,
    Ranking,
    Reconciliation,
    SchemaVersion,
)
"""Every label of the graph."""
