"""The declared model of what Nexus keeps for itself: nodes that no client ever sees as such.

As in `graph.nodes`, neomodel declares and the driver runs.
"""

from neomodel import (
    ArrayProperty,
    AsyncStructuredNode,
    BooleanProperty,
    IntegerProperty,
    StringProperty,
)


class IdempotencyKey(AsyncStructuredNode):
    """A client's name for one creation, so that repeating it gives the first object."""

    key = StringProperty(unique_index=True, required=True)
    input_hash = StringProperty(required=True)
    object_id = StringProperty(required=True)
    created_at = IntegerProperty(required=True)


class Event(AsyncStructuredNode):
    """A fact that a command committed together with its change (transactional outbox).

    `pending` (equal to the id) is there until the relay has given the event its position and
    its channels; from then on `numbered_at` is there, which its retention is counted from.
    `deed_at` is when the deed was done that it undoes or brings back. `request_id` is of the
    request that made it, or the event that this one follows from; absent without one.
    """

    uid = StringProperty(db_property="id", unique_index=True, required=True)
    pending = StringProperty()
    position = IntegerProperty()
    numbered_at = IntegerProperty()
    channels = ArrayProperty(StringProperty())
    kind = StringProperty(required=True)
    occurred_at = IntegerProperty(required=True)
    actor_id = StringProperty(required=True)
    subject_id = StringProperty(required=True)
    post_id = StringProperty()
    deed_at = IntegerProperty()
    request_id = StringProperty()
    lk = BooleanProperty()


class StreamEntry(AsyncStructuredNode):
    """An event's place in one channel."""

    channel = StringProperty(required=True)
    position = IntegerProperty(required=True)
    event_id = StringProperty(required=True)


class Job(AsyncStructuredNode):
    """Work that an event or a schedule asks for; done only when its effect is in the graph.

    `due_at` is there while the job is open: when to hand it to the workers (again), and so is
    `open_since`. It has an
    `event_id` or a `slot`, the instant for which a schedule asks for it. `attempt` is the one that
    is under way, `held_until` when the next may begin; `attempt_count` leaves out those that met
    an outage, which `outage_count` counts. `dead_at` is there when attempts are used up.
    `request_id` is its event's.
    """

    key = StringProperty(unique_index=True, required=True)
    name = StringProperty(required=True)
    event_id = StringProperty()
    request_id = StringProperty()
    slot = IntegerProperty()
    due_at = IntegerProperty()
    open_since = IntegerProperty()
    enqueued_count = IntegerProperty(required=True)
    attempt = StringProperty()
    attempt_count = IntegerProperty()
    outage_count = IntegerProperty()
    held_until = IntegerProperty()
    first_at = IntegerProperty()
    last_at = IntegerProperty()
    error_type = StringProperty()
    error_message = StringProperty()
    dead_at = IntegerProperty()
    done_at = IntegerProperty()
    lk = BooleanProperty()


class DeadLetter(AsyncStructuredNode):
    """What the workers gave up: a job whose attempts are used up, or a message nobody understands.

    `key` is the job's; `arguments` is JSON, or the beginning of what could not be read.
    """

    uid = StringProperty(db_property="id", unique_index=True, required=True)
    key = StringProperty(unique_index=True, required=True)
    k = StringProperty(required=True)
    job = StringProperty()
    event_id = StringProperty()
    request_id = StringProperty()
    event_kind = StringProperty()
    arguments = StringProperty(required=True)
    error_type = StringProperty(required=True)
    error_message = StringProperty(required=True)
    attempt_count = IntegerProperty(required=True)
    first_at = IntegerProperty()
    last_at = IntegerProperty()
    died_at = IntegerProperty(required=True)
    replayed_at = IntegerProperty()
    discarded_at = IntegerProperty()
    lk = BooleanProperty()


class Counter(AsyncStructuredNode):
    """A number that only one transaction at a time may raise."""

    name = StringProperty(unique_index=True, required=True)
    value = IntegerProperty(required=True)
    floor = IntegerProperty()
    lk = BooleanProperty()


class PostHour(AsyncStructuredNode):
    """What people did with a post in one UTC hour, which begins at `at`; see `graph.tally`."""

    post_id = StringProperty(required=True)
    at = IntegerProperty(required=True)
    likes = IntegerProperty(required=True)
    comments = IntegerProperty(required=True)
    shares = IntegerProperty(required=True)


class UserHour(AsyncStructuredNode):
    """What one person did in one UTC hour, and the likes that they got."""

    user_id = StringProperty(required=True)
    at = IntegerProperty(required=True)
    posts = IntegerProperty(required=True)
    comments = IntegerProperty(required=True)
    likes_given = IntegerProperty(required=True)
    likes_received = IntegerProperty(required=True)
    shares = IntegerProperty(required=True)


class PlatformHour(AsyncStructuredNode):
    """What everybody did in one UTC hour."""

    at = IntegerProperty(unique_index=True, required=True)
    posts = IntegerProperty(required=True)
    comments = IntegerProperty(required=True)
    likes = IntegerProperty(required=True)
    shares = IntegerProperty(required=True)


class Heartbeat(AsyncStructuredNode):
    """When a worker showed last that it works."""

    name = StringProperty(unique_index=True, required=True)
    at = IntegerProperty(required=True)


class Lease(AsyncStructuredNode):
    """Who alone does something, and until when; `until` is of Neo4j's clock."""

    name = StringProperty(unique_index=True, required=True)
    holder = StringProperty()
    since = IntegerProperty()
    until = IntegerProperty()
    lk = BooleanProperty()


class Ranking(AsyncStructuredNode):
    """What a task prepared for many to read: the tags of a window, most people first, or its posts.

    `posts` and `people` are those of each tag; `likes`, `comments` and `shares` those of each of
    `post_ids`. What was done counts from `start_at` until before `end_at`, and all of it that was
    done before `as_of`; of posts `made_at` is when they were ranked.
    """

    name = StringProperty(unique_index=True, required=True)
    tags = ArrayProperty(StringProperty())
    posts = ArrayProperty(IntegerProperty())
    people = ArrayProperty(IntegerProperty())
    post_ids = ArrayProperty(StringProperty())
    likes = ArrayProperty(IntegerProperty())
    comments = ArrayProperty(IntegerProperty())
    shares = ArrayProperty(IntegerProperty())
    start_at = IntegerProperty(required=True)
    end_at = IntegerProperty(required=True)
    as_of = IntegerProperty(required=True)
    made_at = IntegerProperty()


class Reconciliation(AsyncStructuredNode):
    """The nightly round that recounts everything: how far it is, and how much it repaired.

    `night` names the round, `step` and `after` where it goes on; `ended_at` is there when it is
    through.
    """

    name = StringProperty(unique_index=True, required=True)
    night = IntegerProperty(required=True)
    started_at = IntegerProperty(required=True)
    ended_at = IntegerProperty()
    step = IntegerProperty(required=True)
    after = StringProperty()
    drift_count = IntegerProperty(required=True)
    lk = BooleanProperty()


class SchemaVersion(AsyncStructuredNode):
    """Which migrations this database has seen."""

    name = StringProperty(unique_index=True, required=True)
    version = IntegerProperty(required=True)
