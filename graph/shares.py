"""Shares: passing a post on to one's followers."""

from typing import LiteralString

from graph import edges, ids
from graph.errors import NotFound
from graph.events import CREATE_EVENT, EventKind, new_event
from graph.statement import Statement
from graph.viewer import Viewer, viewer_write
from graph.visibility import visible_post

_SHARE: LiteralString = (
    f"""\
SET viewer.lk = true
WITH viewer
OPTIONAL MATCH (post:Post {{id: $post_id}})
WHERE {visible_post("post")} AND post.visibility = 'PUBLIC'
CALL (viewer, post) {{
  WITH * WHERE post IS NOT NULL AND NOT {edges.shares("viewer.id", "post.id")}
  CREATE (viewer)-[shared:SHARED]->(post)
  SET shared = $shared
  """
    + CREATE_EVENT
    + """\
  RETURN count(*) AS created
}
RETURN post IS NOT NULL AS value
"""
)

_UNSHARE: LiteralString = """\
SET viewer.lk = true
WITH viewer
CALL (viewer) {
  MATCH ()-[shared:SHARED]->() USING INDEX SEEK shared:SHARED(user_id, post_id)
  WHERE shared.user_id = viewer.id AND shared.post_id = $post_id
  DELETE shared
  RETURN count(*) AS deleted
}
RETURN deleted AS value
"""


def share(viewer: Viewer, post_id: str) -> Statement[str]:
    """Share a public post; sharing it again changes nothing.

    Raises:
        NotFound: On decoding: no such public post for this viewer.
    """
    at = ids.now_ms()
    shared = {
        "user_id": viewer.user_id,
        "post_id": post_id,
        "at": at,
        "k": ids.key(at, f"s:{viewer.user_id}"),
    }
    event = new_event(EventKind.POST_SHARED, at, viewer.user_id, post_id, post_id)

    def decode(found: bool) -> str:
        if not found:
            message = f"There is no post {post_id!r} that you may share."
            raise NotFound(message, ("postId",))
        return post_id

    parameters = {"post_id": post_id, "shared": shared, "event": event.properties()}
    return viewer_write(viewer, _SHARE, parameters, decode)


def unshare(viewer: Viewer, post_id: str) -> Statement[str]:
    """Take a share back; without one nothing changes."""
    return viewer_write(viewer, _UNSHARE, {"post_id": post_id}, lambda _: post_id)
