"""Tags: reading one, and following it."""

from typing import LiteralString

from graph import edges, ids, projections, reads
from graph.entities import TagName, check_tag
from graph.orders import FOLLOWED_TAGS
from graph.pages import PageRequest
from graph.projection import Row
from graph.selection import Selection
from graph.statement import Statement
from graph.viewer import Viewer, viewer_write
from graph.visibility import visible_tag


def find_tag(viewer: Viewer, name: str, selection: Selection) -> Statement[Row | None]:
    """Read a tag by its name, with or without its sign, in whatever case.

    It is there for who may see a post that names it, and for who follows it.

    Cost: two index seeks, and what the selection asks for.
    """
    match: LiteralString = (
        "MATCH (tag:Tag {name: $name}) "
        f"WHERE {edges.follows_tag('viewer.id', 'tag.name')} OR {visible_tag('tag')}"
    )
    projection = projections.tag(selection, "tag", "$s", is_followed=True)
    return reads.find_one(viewer, match, projection, {"name": TagName.given(name).name})


def read_followed(viewer: Viewer, page: PageRequest, selection: Selection) -> Statement[Row]:
    """Read the tags that the viewer follows, newest follow first.

    Cost: one index range, however many they are.
    """
    projection = projections.tag(selection, "tag", "$s", is_followed=True)
    return reads.read_page(viewer, FOLLOWED_TAGS, page, projection)


_FOLLOW: LiteralString = f"""\
SET viewer.lk = true
MERGE (tag:Tag {{name: $tag.name}})
ON CREATE SET tag.display_name = $tag.display_name, tag.words = $tag.words
WITH viewer, tag
CALL (viewer, tag) {{
  WITH * WHERE NOT {edges.follows_tag("viewer.id", "tag.name")}
  CREATE (viewer)-[follows:FOLLOWS_TAG]->(tag)
  SET follows = $follows
  RETURN count(*) AS created
}}
RETURN created AS value
"""

_UNFOLLOW: LiteralString = """\
SET viewer.lk = true
WITH viewer
CALL (viewer) {
  MATCH ()-[follows:FOLLOWS_TAG]->() USING INDEX SEEK follows:FOLLOWS_TAG(user_id, tag)
  WHERE follows.user_id = viewer.id AND follows.tag = $name
  DELETE follows
  RETURN count(*) AS deleted
}
RETURN deleted AS value
"""


def follow_tag(viewer: Viewer, name: str) -> Statement[str]:
    """Follow a tag, also one that no post names yet; following it again changes nothing.

    Raises:
        InvalidInput: The name is empty or too long.
    """
    tag, at = check_tag(name), ids.now_ms()
    follows = {
        "user_id": viewer.user_id,
        "tag": tag.name,
        "at": at,
        "k": ids.key(at, tag.name),
    }
    parameters = {"tag": tag.properties(), "follows": follows}
    return viewer_write(viewer, _FOLLOW, parameters, lambda _: tag.name)


def unfollow_tag(viewer: Viewer, name: str) -> Statement[str]:
    """Stop following a tag; who does not follow it, or names none at all, changes nothing.

    Raises:
        InvalidInput: The name is empty or too long.
    """
    tag = check_tag(name)
    return viewer_write(viewer, _UNFOLLOW, {"name": tag.name}, lambda _: tag.name)
