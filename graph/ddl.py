"""Constraints and indexes, and how a database is brought to this version.

neomodel can declare labels and single-property uniqueness; composite and relationship indexes
it cannot express, so the statements here are the truth and a test holds them against the
declared model. Only `ORDER BY` over every column of an index, in the same direction, is read
from it without sorting.
"""

import time
from collections.abc import Iterator
from typing import Any, Final, LiteralString, cast

from graph.migrations import MIGRATIONS, change
from graph.nodes import NODES
from graph.runner import Graph
from graph.statement import Access, Statement

_WORDS_WITH_BLANKS: LiteralString = (
    "OPTIONS {indexConfig: "
    "{`fulltext.analyzer`: 'whitespace', `fulltext.eventually_consistent`: true}}"
)

CONSTRAINTS: tuple[LiteralString, ...] = (
    "CREATE CONSTRAINT user_id IF NOT EXISTS FOR (n:User) REQUIRE n.id IS UNIQUE",
    "CREATE CONSTRAINT user_username IF NOT EXISTS FOR (n:User) REQUIRE n.username IS UNIQUE",
    "CREATE CONSTRAINT user_email IF NOT EXISTS FOR (n:User) REQUIRE n.email IS UNIQUE",
    "CREATE CONSTRAINT session_id IF NOT EXISTS FOR (n:Session) REQUIRE n.id IS UNIQUE",
    "CREATE CONSTRAINT post_id IF NOT EXISTS FOR (n:Post) REQUIRE n.id IS UNIQUE",
    "CREATE CONSTRAINT media_id IF NOT EXISTS FOR (n:Media) REQUIRE n.id IS UNIQUE",
    "CREATE CONSTRAINT comment_id IF NOT EXISTS FOR (n:Comment) REQUIRE n.id IS UNIQUE",
    "CREATE CONSTRAINT tag_name IF NOT EXISTS FOR (n:Tag) REQUIRE n.name IS UNIQUE",
    "CREATE CONSTRAINT notification_id IF NOT EXISTS FOR (n:Notification) REQUIRE n.id IS UNIQUE",
    (
        "CREATE CONSTRAINT notification_open_key IF NOT EXISTS "
        "FOR (n:Notification) REQUIRE n.open_key IS UNIQUE"
    ),
    "CREATE CONSTRAINT webhook_id IF NOT EXISTS FOR (n:Webhook) REQUIRE n.id IS UNIQUE",
    "CREATE CONSTRAINT cause_key IF NOT EXISTS FOR (n:Cause) REQUIRE n.key IS UNIQUE",
    "CREATE CONSTRAINT revision_id IF NOT EXISTS FOR (n:Revision) REQUIRE n.id IS UNIQUE",
    "CREATE CONSTRAINT audit_entry_id IF NOT EXISTS FOR (n:AuditEntry) REQUIRE n.id IS UNIQUE",
    "CREATE CONSTRAINT report_id IF NOT EXISTS FOR (n:Report) REQUIRE n.id IS UNIQUE",
    "CREATE CONSTRAINT report_open_key IF NOT EXISTS FOR (n:Report) REQUIRE n.open_key IS UNIQUE",
    (
        "CREATE CONSTRAINT idempotency_key_key IF NOT EXISTS "
        "FOR (n:IdempotencyKey) REQUIRE n.key IS UNIQUE"
    ),
    "CREATE CONSTRAINT event_id IF NOT EXISTS FOR (n:Event) REQUIRE n.id IS UNIQUE",
    (
        "CREATE CONSTRAINT stream_entry_position IF NOT EXISTS "
        "FOR (n:StreamEntry) REQUIRE (n.channel, n.position) IS UNIQUE"
    ),
    "CREATE CONSTRAINT job_key IF NOT EXISTS FOR (n:Job) REQUIRE n.key IS UNIQUE",
    "CREATE CONSTRAINT dead_letter_id IF NOT EXISTS FOR (n:DeadLetter) REQUIRE n.id IS UNIQUE",
    "CREATE CONSTRAINT dead_letter_key IF NOT EXISTS FOR (n:DeadLetter) REQUIRE n.key IS UNIQUE",
    "CREATE CONSTRAINT counter_name IF NOT EXISTS FOR (n:Counter) REQUIRE n.name IS UNIQUE",
    (
        "CREATE CONSTRAINT post_hour_post_at IF NOT EXISTS "
        "FOR (n:PostHour) REQUIRE (n.post_id, n.at) IS UNIQUE"
    ),
    (
        "CREATE CONSTRAINT user_hour_user_at IF NOT EXISTS "
        "FOR (n:UserHour) REQUIRE (n.user_id, n.at) IS UNIQUE"
    ),
    "CREATE CONSTRAINT platform_hour_at IF NOT EXISTS FOR (n:PlatformHour) REQUIRE n.at IS UNIQUE",
    "CREATE CONSTRAINT heartbeat_name IF NOT EXISTS FOR (n:Heartbeat) REQUIRE n.name IS UNIQUE",
    "CREATE CONSTRAINT lease_name IF NOT EXISTS FOR (n:Lease) REQUIRE n.name IS UNIQUE",
    "CREATE CONSTRAINT ranking_name IF NOT EXISTS FOR (n:Ranking) REQUIRE n.name IS UNIQUE",
    (
        "CREATE CONSTRAINT reconciliation_name IF NOT EXISTS "
        "FOR (n:Reconciliation) REQUIRE n.name IS UNIQUE"
    ),
    (
        "CREATE CONSTRAINT schema_version_name IF NOT EXISTS "
        "FOR (n:SchemaVersion) REQUIRE n.name IS UNIQUE"
    ),
    (
        "CREATE CONSTRAINT follows_pair IF NOT EXISTS "
        "FOR ()-[r:FOLLOWS]-() REQUIRE (r.follower_id, r.followee_id) IS UNIQUE"
    ),
    (
        "CREATE CONSTRAINT blocks_pair IF NOT EXISTS "
        "FOR ()-[r:BLOCKS]-() REQUIRE (r.blocker_id, r.blocked_id) IS UNIQUE"
    ),
    (
        "CREATE CONSTRAINT mutes_pair IF NOT EXISTS "
        "FOR ()-[r:MUTES]-() REQUIRE (r.muter_id, r.muted_id) IS UNIQUE"
    ),
    (
        "CREATE CONSTRAINT liked_pair IF NOT EXISTS "
        "FOR ()-[r:LIKED]-() REQUIRE (r.user_id, r.subject_id) IS UNIQUE"
    ),
    (
        "CREATE CONSTRAINT shared_pair IF NOT EXISTS "
        "FOR ()-[r:SHARED]-() REQUIRE (r.user_id, r.post_id) IS UNIQUE"
    ),
    (
        "CREATE CONSTRAINT bookmarked_pair IF NOT EXISTS "
        "FOR ()-[r:BOOKMARKED]-() REQUIRE (r.user_id, r.post_id) IS UNIQUE"
    ),
    (
        "CREATE CONSTRAINT mutes_conversation_pair IF NOT EXISTS "
        "FOR ()-[r:MUTES_CONVERSATION]-() REQUIRE (r.user_id, r.post_id) IS UNIQUE"
    ),
    (
        "CREATE CONSTRAINT follows_tag_pair IF NOT EXISTS "
        "FOR ()-[r:FOLLOWS_TAG]-() REQUIRE (r.user_id, r.tag) IS UNIQUE"
    ),
)

INDEXES: tuple[LiteralString, ...] = (
    "CREATE INDEX idempotency_key_created IF NOT EXISTS FOR (n:IdempotencyKey) ON (n.created_at)",
    "CREATE INDEX session_expires IF NOT EXISTS FOR (n:Session) ON (n.expires_at)",
    "CREATE INDEX user_admin IF NOT EXISTS FOR (n:User) ON (n.admin_since)",
    "CREATE INDEX user_role_username IF NOT EXISTS FOR (n:User) ON (n.role, n.username)",
    "CREATE INDEX user_suspended IF NOT EXISTS FOR (n:User) ON (n.suspended_name)",
    "CREATE INDEX session_user IF NOT EXISTS FOR (n:Session) ON (n.user_id)",
    "CREATE INDEX post_k IF NOT EXISTS FOR (n:Post) ON (n.k)",
    "CREATE INDEX post_hot_k IF NOT EXISTS FOR (n:Post) ON (n.hot_k)",
    "CREATE INDEX post_author_k IF NOT EXISTS FOR (n:Post) ON (n.author_id, n.k)",
    "CREATE INDEX media_loose IF NOT EXISTS FOR (n:Media) ON (n.loose_at)",
    "CREATE INDEX comment_parent_k IF NOT EXISTS FOR (n:Comment) ON (n.parent_id, n.k)",
    "CREATE INDEX comment_post_k IF NOT EXISTS FOR (n:Comment) ON (n.post_id, n.k)",
    "CREATE INDEX comment_author_k IF NOT EXISTS FOR (n:Comment) ON (n.author_id, n.k)",
    "CREATE INDEX revision_subject_k IF NOT EXISTS FOR (n:Revision) ON (n.subject_id, n.k)",
    (
        "CREATE INDEX notification_recipient_k IF NOT EXISTS "
        "FOR (n:Notification) ON (n.recipient_id, n.k)"
    ),
    (
        "CREATE INDEX notification_recipient_unread IF NOT EXISTS "
        "FOR (n:Notification) ON (n.recipient_id, n.unread_k)"
    ),
    (
        "CREATE INDEX notification_recipient_unseen IF NOT EXISTS "
        "FOR (n:Notification) ON (n.recipient_id, n.unseen_k)"
    ),
    "CREATE INDEX notification_subject IF NOT EXISTS FOR (n:Notification) ON (n.subject_id)",
    "CREATE INDEX webhook_user_k IF NOT EXISTS FOR (n:Webhook) ON (n.user_id, n.k)",
    "CREATE INDEX notification_updated IF NOT EXISTS FOR (n:Notification) ON (n.updated_at)",
    "CREATE INDEX cause_notification IF NOT EXISTS FOR (n:Cause) ON (n.notification_id)",
    "CREATE INDEX cause_notification_k IF NOT EXISTS FOR (n:Cause) ON (n.notification_id, n.k)",
    (
        "CREATE INDEX cause_actor_recipient_k IF NOT EXISTS "
        "FOR (n:Cause) ON (n.actor_id, n.recipient_id, n.k)"
    ),
    "CREATE INDEX audit_entry_k IF NOT EXISTS FOR (n:AuditEntry) ON (n.k)",
    "CREATE INDEX report_k IF NOT EXISTS FOR (n:Report) ON (n.k)",
    "CREATE INDEX report_status_k IF NOT EXISTS FOR (n:Report) ON (n.status, n.k)",
    "CREATE INDEX event_pending IF NOT EXISTS FOR (n:Event) ON (n.pending)",
    "CREATE INDEX event_numbered IF NOT EXISTS FOR (n:Event) ON (n.numbered_at)",
    "CREATE INDEX event_position IF NOT EXISTS FOR (n:Event) ON (n.position)",
    "CREATE INDEX post_hour_at IF NOT EXISTS FOR (n:PostHour) ON (n.at)",
    "CREATE INDEX user_hour_at IF NOT EXISTS FOR (n:UserHour) ON (n.at)",
    "CREATE INDEX dead_letter_k IF NOT EXISTS FOR (n:DeadLetter) ON (n.k)",
    "CREATE INDEX dead_letter_job IF NOT EXISTS FOR (n:DeadLetter) ON (n.job)",
    "CREATE INDEX dead_letter_discarded IF NOT EXISTS FOR (n:DeadLetter) ON (n.discarded_at)",
    "CREATE INDEX heartbeat_at IF NOT EXISTS FOR (n:Heartbeat) ON (n.at)",
    "CREATE INDEX job_open IF NOT EXISTS FOR (n:Job) ON (n.open_since)",
    "CREATE INDEX job_due IF NOT EXISTS FOR (n:Job) ON (n.due_at)",
    "CREATE INDEX follows_followee_k IF NOT EXISTS FOR ()-[r:FOLLOWS]-() ON (r.followee_id, r.k)",
    "CREATE INDEX follows_follower_k IF NOT EXISTS FOR ()-[r:FOLLOWS]-() ON (r.follower_id, r.k)",
    "CREATE INDEX blocks_blocker_k IF NOT EXISTS FOR ()-[r:BLOCKS]-() ON (r.blocker_id, r.k)",
    "CREATE INDEX mutes_muter_k IF NOT EXISTS FOR ()-[r:MUTES]-() ON (r.muter_id, r.k)",
    "CREATE INDEX liked_subject_k IF NOT EXISTS FOR ()-[r:LIKED]-() ON (r.subject_id, r.k)",
    "CREATE INDEX liked_user_k IF NOT EXISTS FOR ()-[r:LIKED]-() ON (r.user_id, r.k)",
    "CREATE INDEX liked_author_k IF NOT EXISTS FOR ()-[r:LIKED]-() ON (r.author_id, r.k)",
    "CREATE INDEX liked_at IF NOT EXISTS FOR ()-[r:LIKED]-() ON (r.at)",
    "CREATE INDEX shared_post_k IF NOT EXISTS FOR ()-[r:SHARED]-() ON (r.post_id, r.k)",
    "CREATE INDEX bookmarked_user_k IF NOT EXISTS FOR ()-[r:BOOKMARKED]-() ON (r.user_id, r.k)",
    "CREATE INDEX shared_user_k IF NOT EXISTS FOR ()-[r:SHARED]-() ON (r.user_id, r.k)",
    "CREATE INDEX shared_k IF NOT EXISTS FOR ()-[r:SHARED]-() ON (r.k)",
    "CREATE INDEX shared_at IF NOT EXISTS FOR ()-[r:SHARED]-() ON (r.at)",
    "CREATE INDEX on_post_post_k IF NOT EXISTS FOR ()-[r:ON_POST]-() ON (r.post_id, r.k)",
    "CREATE INDEX tagged_k IF NOT EXISTS FOR ()-[r:TAGGED]-() ON (r.k)",
    "CREATE INDEX tagged_tag_k IF NOT EXISTS FOR ()-[r:TAGGED]-() ON (r.tag, r.k)",
    (
        "CREATE INDEX tagged_author_tag_k IF NOT EXISTS "
        "FOR ()-[r:TAGGED]-() ON (r.author_id, r.tag, r.k)"
    ),
    "CREATE INDEX follows_tag_user_k IF NOT EXISTS FOR ()-[r:FOLLOWS_TAG]-() ON (r.user_id, r.k)",
    "CREATE INDEX on_post_at IF NOT EXISTS FOR ()-[r:ON_POST]-() ON (r.at)",
)

FULL_TEXT_INDEXES: tuple[LiteralString, ...] = (
    (
        "CREATE FULLTEXT INDEX post_texts IF NOT EXISTS FOR (n:Post) "
        "ON EACH [n.words, n.visibility] " + _WORDS_WITH_BLANKS
    ),
    (
        "CREATE FULLTEXT INDEX user_words IF NOT EXISTS FOR (n:User) "
        "ON EACH [n.username, n.words] " + _WORDS_WITH_BLANKS
    ),
    (
        "CREATE FULLTEXT INDEX tag_words IF NOT EXISTS FOR (n:Tag) ON EACH [n.name, n.words] "
        + _WORDS_WITH_BLANKS
    ),
)
"""What `graph.search` looks in; a write does not wait for them."""

SEEDS: tuple[LiteralString, ...] = (
    "MERGE (c:Counter {name: 'roles'}) ON CREATE SET c.value = 0",
    "MERGE (c:Counter {name: 'events'}) ON CREATE SET c.value = 0, c.floor = 0",
    "MERGE (c:Counter {name: 'tally'}) ON CREATE SET c.value = 0",
)

VERSION: Final = len(MIGRATIONS)
_ONLINE_POLL_S: Final = 0.05


def read_version() -> Statement[int]:
    """Read how many migrations this database has seen; 0 for an empty one."""
    return Statement(
        "OPTIONAL MATCH (v:SchemaVersion {name: 'nexus'}) RETURN coalesce(v.version, 0) AS version",
        {},
        lambda records: int(records[0]["version"]),
    )


def _write_version(version: int) -> Statement[None]:
    return Statement(
        "MERGE (v:SchemaVersion {name: 'nexus'}) SET v.version = $version",
        {"version": version},
        lambda _: None,
        Access.WRITE,
    )


def _index_states() -> Statement[dict[str, str]]:
    return Statement(
        "SHOW INDEXES YIELD name, state WHERE state <> 'ONLINE' RETURN name, state",
        {},
        lambda records: {record["name"]: record["state"] for record in records},
    )


def migrations(since: int) -> Iterator[Statement[None]]:
    """Yield the statements that bring a database from version `since` to `VERSION`.

    Constraints and indexes are made every time, so that a new one reaches every database; each
    migration ends by writing its version. Every statement may run twice.
    """
    for text in (*CONSTRAINTS, *INDEXES, *FULL_TEXT_INDEXES, *SEEDS):
        yield change(text)
    for version in range(since, VERSION):
        yield from MIGRATIONS[version]
        yield _write_version(version + 1)


def apply(graph: Graph) -> int:
    """Bring the database to this version and wait until its indexes are online.

    Returns:
        How many migrations ran: 0 when the database was up to date.

    Raises:
        RuntimeError: The database was made by a newer version of Nexus, or an index cannot be
            filled.
    """
    since = graph.run(read_version())
    if since > VERSION:
        raise RuntimeError(
            f"The database is at version {since}, newer than this Nexus knows ({VERSION}). "
            "Upgrade Nexus, or give it another database."
        )
    for statement in migrations(since):
        graph.run(statement)
    while states := graph.run(_index_states()):
        failed = [name for name, state in states.items() if state == "FAILED"]
        if failed:
            raise RuntimeError(
                f"Neo4j could not fill the index {failed[0]}; its log says why. Drop the index "
                "and apply again."
            )
        time.sleep(_ONLINE_POLL_S)
    return VERSION - since


def declared_unique_properties() -> set[tuple[str, str]]:
    """Give (label, property) of every unique index that the declared model names."""
    unique: set[tuple[str, str]] = set()
    for node in NODES:
        declared = cast("dict[str, Any]", node.defined_properties(rels=False, aliases=False))
        for name, declaration in declared.items():
            if declaration.unique_index:
                label = cast("str", node.__label__)
                unique.add((label, declaration.get_db_property_name(name)))
    return unique
