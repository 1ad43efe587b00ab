"""What a text names, in the graph: `TAGGED` from a post to tags, `MENTIONS` to people."""

from collections.abc import Iterable
from typing import Any, LiteralString

from graph.entities import TagName, read_entities


def name_parameters(text: str) -> dict[str, Any]:
    """Give the `$tags` and `$mentions` of a text."""
    entities = read_entities(text)
    mentions = [{"username": each, "position": at} for at, each in enumerate(entities.mentions)]
    return {
        "tags": tag_rows(entities.tags),
        "mentions": sorted(mentions, key=lambda mention: str(mention["username"])),
    }


def tag_rows(tags: Iterable[TagName]) -> list[dict[str, Any]]:
    """Give the rows that tag a post, each tag once.

    They are in the order of their names, so that two posts that make the same new tags never wait
    for each other.
    """
    positions = {tag.name: (at, tag) for at, tag in reversed([*enumerate(tags)])}
    return [{**tag.properties(), "position": at} for _, (at, tag) in sorted(positions.items())]


TAG_POST: LiteralString = """\
FOREACH (named IN $tags |
  MERGE (tag:Tag {name: named.name})
  ON CREATE SET tag.display_name = named.display_name, tag.words = named.words
  CREATE (post)-[:TAGGED {
    author_id: post.author_id, tag: named.name, k: post.k, position: named.position}]->(tag))
"""
"""Ties `post` to `$tags`."""


def untag_post(post: LiteralString) -> LiteralString:
    """Give the clause that takes a post out of its tags' posts and counts."""
    return f"""\
CALL ({post}) {{
  MATCH ({post})-[tagged:TAGGED]->(tag:Tag)
  CREATE ({post})-[:ONCE_TAGGED {{position: tagged.position}}]->(tag)
  DELETE tagged
  RETURN count(*) AS untagged
}}
"""


def retag_post(post: LiteralString) -> LiteralString:
    """Give the clause that undoes `untag_post`."""
    return f"""\
CALL ({post}) {{
  MATCH ({post})-[once:ONCE_TAGGED]->(tag:Tag)
  CREATE ({post})-[:TAGGED {{
    author_id: {post}.author_id, tag: tag.name, k: {post}.k, position: once.position}}]->(tag)
  DELETE once
  RETURN count(*) AS retagged
}}
"""


def mention_people(subject: LiteralString) -> LiteralString:
    """Give the clause that ties a post or comment to the people of `$mentions`."""
    return f"""\
CALL ({subject}) {{
  UNWIND $mentions AS mention
  MATCH (mentioned:User {{username: mention.username}})
  CREATE ({subject})-[:MENTIONS {{position: mention.position}}]->(mentioned)
  RETURN count(*) AS mentioned_count
}}
"""


def mention_anew(subject: LiteralString) -> LiteralString:
    """Give the clauses that tie it to the people of `$mentions` once its text was edited.

    Whom the former text named, too, stays tied as before; of the others it is known that this
    `$revision` named them.
    """
    return f"""\
CALL ({subject}) {{
  MATCH ({subject})-[named:MENTIONS]->(former:User)
  WHERE NOT former.username IN [mention IN $mentions | mention.username]
  DELETE named
  RETURN count(*) AS unmentioned_count
}}
CALL ({subject}) {{
  UNWIND $mentions AS mention
  MATCH (mentioned:User {{username: mention.username}})
  MERGE ({subject})-[named:MENTIONS]->(mentioned)
    ON CREATE SET named.at = $revision.replaced_at
  SET named.position = mention.position
  RETURN count(*) AS mentioned_count
}}
"""


FORGET_TAGS: LiteralString = """\
CALL (post) {
  MATCH (post)-[tagged:TAGGED]->()
  DELETE tagged
  RETURN count(*) AS forgotten
}
"""
"""Cuts `post` from the tags of its former text."""
