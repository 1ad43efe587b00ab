"""Give what is there already what a newer version of Nexus reads of it.

Words are for what was written before there was a search; what was changed between reading a text
and giving it its words has newer words, and keeps them.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final, LiteralString

from graph.statement import Access, Record, Statement
from graph.visibility import standing
from graph.words import searchable

_BATCH: Final = 1_000

_POSTS: LiteralString = f"""\
CALL () {{
  UNWIND $rows AS row
  MATCH (post:Post {{id: row.id}}) WHERE post.text = row.texts[0]
  SET post.words = CASE WHEN {standing("post")} THEN row.words END
  SET post.once_words = CASE WHEN NOT {standing("post")} THEN row.words END
  RETURN count(*) AS filled
}}
MATCH (post:Post) WHERE post.k > $after
RETURN post.id AS id, post.k AS at, [post.text] AS texts ORDER BY post.k LIMIT $limit"""

_USERS: LiteralString = """\
CALL () {
  UNWIND $rows AS row
  MATCH (user:User {id: row.id}) WHERE [user.username, user.display_name] = row.texts
  SET user.words = row.words
  RETURN count(*) AS filled
}
MATCH (user:User) WHERE user.id > $after
RETURN user.id AS id, user.id AS at, [user.username, user.display_name] AS texts
ORDER BY user.id LIMIT $limit"""

_TAGS: LiteralString = """\
CALL () {
  UNWIND $rows AS row
  MATCH (tag:Tag {name: row.id})
  SET tag.words = row.words
  RETURN count(*) AS filled
}
MATCH (tag:Tag) WHERE tag.name > $after
RETURN tag.name AS id, tag.name AS at, [tag.name] AS texts ORDER BY tag.name LIMIT $limit"""


def fill_words() -> list[Statement[None]]:
    """Make the statements that store the words of all posts, people and tags.

    Cost: linear in what there is, in batches; each statement goes on where it stopped.
    """
    return [_batch(text, "", ()) for text in (_POSTS, _USERS, _TAGS)]


def _batch(text: LiteralString, after: str, rows: Sequence[dict[str, Any]]) -> Statement[None]:
    def decode(records: Sequence[Record]) -> Statement[None] | None:
        if not records:
            return None
        found = [{**each, "words": searchable(*filter(None, each["texts"]))} for each in records]
        return _batch(text, records[-1]["at"], found)

    parameters = {"after": after, "rows": rows, "limit": _BATCH}
    further: Callable[[Sequence[Record]], Any] = decode
    return Statement(text, parameters, further, Access.WRITE)


_CAUSE: LiteralString = """\
MATCH (old:Notification) WHERE old['deed_key'] IS NOT NULL
CALL (old) {
  WITH old, CASE
    WHEN old.kind IN ['LIKE', 'SHARE', 'FOLLOW']
    THEN old.kind + ':' + old['actor_id'] + ':' + coalesce(old.subject_id, '') + ':'
      + old.recipient_id
    WHEN old.kind = 'MODERATION' THEN old.kind + ':' + old.id
    ELSE 'SAID:' + old.subject_id + ':' + old.recipient_id
  END AS cause_key
  MERGE (cause:Cause {key: cause_key})
  SET cause += {
    notification_id: old.id, recipient_id: old.recipient_id, actor_id: old['actor_id'],
    k: left(old.k, 15) + coalesce(old['actor_id'], '')}
  MERGE (cause)-[:CAUSES]->(old)
  SET old.unseen_k = CASE WHEN old.seen_at IS NULL THEN old.k END
  SET old['deed_key'] = null, old['actor_id'] = null
  WITH old
  MATCH (old)-[waits]->(:User)
  DELETE waits
} IN TRANSACTIONS OF 1000 ROWS"""


def cause_notifications() -> Statement[None]:
    """Make the statement that gives each notification of one deed its cause.

    Cost: linear in the notifications there are.
    """
    return Statement(_CAUSE, {}, lambda _: None, Access.WRITE)
