"""Bookmarks: posts that a user keeps for themselves; nobody is told, and no event tells of them."""

from typing import Final, LiteralString

from graph import edges, ids, projections, reads
from graph.connections import newest_first
from graph.errors import NotFound
from graph.pages import PageRequest
from graph.projection import Row
from graph.selection import Selection
from graph.statement import Statement
from graph.viewer import Viewer, viewer_write
from graph.visibility import visible_post

_BOOKMARK: LiteralString = f"""\
SET viewer.lk = true
WITH viewer
OPTIONAL MATCH (post:Post {{id: $post_id}}) WHERE {visible_post("post")}
CALL (viewer, post) {{
  WITH * WHERE post IS NOT NULL AND NOT {edges.bookmarks("viewer.id", "post.id")}
  CREATE (viewer)-[bookmarked:BOOKMARKED]->(post)
  SET bookmarked = $bookmarked
  RETURN count(*) AS created
}}
RETURN post IS NOT NULL AS value
"""

_UNBOOKMARK: LiteralString = """\
SET viewer.lk = true
WITH viewer
CALL (viewer) {
  MATCH ()-[bookmarked:BOOKMARKED]->() USING INDEX SEEK bookmarked:BOOKMARKED(user_id, post_id)
  WHERE bookmarked.user_id = viewer.id AND bookmarked.post_id = $post_id
  DELETE bookmarked
  RETURN count(*) AS deleted
}
RETURN deleted AS value
"""


def bookmark(viewer: Viewer, post_id: str) -> Statement[str]:
    """Bookmark a post; bookmarking it again changes nothing.

    Raises:
        NotFound: On decoding: no such post for this viewer.
    """
    at = ids.now_ms()
    bookmarked = {
        "user_id": viewer.user_id,
        "post_id": post_id,
        "at": at,
        "k": ids.key(at, post_id),
    }

    def decode(found: bool) -> str:
        if not found:
            raise NotFound(f"There is no post {post_id!r}, or you may not see it.", ("postId",))
        return post_id

    parameters = {"post_id": post_id, "bookmarked": bookmarked}
    return viewer_write(viewer, _BOOKMARK, parameters, decode)


def unbookmark(viewer: Viewer, post_id: str) -> Statement[str]:
    """Take a bookmark back, also of a post that is hidden by now; without one nothing changes."""
    return viewer_write(viewer, _UNBOOKMARK, {"post_id": post_id}, lambda _: post_id)


def _newest(user: LiteralString, post: LiteralString, path: LiteralString) -> LiteralString:
    return (
        f"MATCH ()-[{post}_r:BOOKMARKED]->({post}) "
        f"WHERE {post}_r.user_id = {user}.id AND {post}_r.k < {path}.k "
        f"AND {visible_post(post)} "
        f"WITH {post}, [{post}_r.k] AS {post}_at, {post}_r "
        f"ORDER BY {post}_r.user_id DESC, {post}_r.k DESC LIMIT {path}.limit"
    )


BOOKMARKED: Final = newest_first("bookmarks", _newest)


def read_page(viewer: Viewer, page: PageRequest, selection: Selection) -> Statement[Row]:
    """Read the posts that the viewer bookmarked, newest bookmark first.

    Cost: one index range.
    """
    return reads.read_page(viewer, BOOKMARKED, page, projections.post(selection, "post", "$s"))
