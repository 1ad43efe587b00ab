"""What changes the data of a database that an older version made."""

from collections.abc import Sequence
from typing import LiteralString

from graph.backfill import cause_notifications, fill_words
from graph.ranks import hot_key
from graph.recount import fill_hours
from graph.statement import Access, Statement


def change(text: LiteralString) -> Statement[None]:
    """Make a statement that changes something and answers nothing; it may run twice."""
    return Statement(text, {}, lambda _: None, Access.WRITE)


MIGRATIONS: tuple[Sequence[Statement[None]], ...] = (
    [],
    [
        change(
            "MATCH (post:Post) WHERE post.hot_k IS NULL "
            f"CALL (post) {{ SET post.hot_k = {hot_key('post')} }} IN TRANSACTIONS OF 1000 ROWS"
        )
    ],
    [
        change(
            "MATCH (user:User) WHERE user.suspended_at > 0 SET user.suspended_name = user.username"
        )
    ],
    fill_words(),
    [
        change(
            "MATCH ()-[liked:LIKED]->(subject) WHERE liked.author_id IS NULL CALL (liked, subject) "
            "{ SET liked.author_id = subject.author_id } IN TRANSACTIONS OF 1000 ROWS"
        ),
        *fill_hours(),
    ],
    [change("DROP INDEX post_words IF EXISTS")],
    [change("DROP CONSTRAINT notification_deed_key IF EXISTS"), cause_notifications()],
    [
        change(
            "MATCH (job:Job) WHERE job.due_at >= 0 AND job.open_since IS NULL "
            "SET job.open_since = job.due_at"
        )
    ],
    [
        change(
            "MATCH (job:Job) WHERE job.done_at IS NULL AND job.name = 'rank' "
            "MATCH (event:Event {id: job.event_id}) MATCH (post:Post {id: event.subject_id}) "
            f"CALL (post) {{ SET post.hot_k = {hot_key('post')} }} IN TRANSACTIONS OF 1000 ROWS"
        ),
        change("MATCH (letter:DeadLetter) WHERE letter.job = 'rank' DELETE letter"),
        change(
            "MATCH (job:Job) WHERE job.name = 'rank' "
            "CALL (job) { DELETE job } IN TRANSACTIONS OF 1000 ROWS"
        ),
    ],
)
"""Each entry brings a database from the version of its index to the next. The first version had
nothing to change."""
