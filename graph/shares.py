"""Shares: passing a post on to one's followers."""

from typing import LiteralString

from graph import edges, ids
from graph.errors import Forbidden, NotFound
from graph.events import CREATE_EVENT, EventKind, new_event
from graph.statement import Statement
from graph.viewer import Viewer, viewer_write
from graph.visibility import visible_post, visible_profile

_SHARE: LiteralString = (
    f"""\
SET viewer.lk = true
WITH viewer
OPTIONAL MATCH (post:Post {{id: $post_id}}) WHERE {visible_post("post")}
OPTIONAL MATCH (via:User {{id: $via_user_id}}) WHERE {visible_profile("via")}
WITH viewer, post, via, CASE
  WHEN post IS NULL THEN 'NO_POST'
  WHEN post.visibility <> 'PUBLIC' THEN 'FORBIDDEN'
  WHEN $via_user_id IS NOT NULL AND via IS NULL THEN 'NO_VIA'
  ELSE 'OK'
END AS outcome
CALL (viewer, post, via, outcome) {{
  WITH * WHERE outcome = 'OK' AND NOT {edges.shares("viewer.id", "post.id")}
  CREATE (viewer)-[shared:SHARED]->(post)
  SET shared = $shared, shared.via_user_id =
    CASE WHEN via <> viewer AND {edges.shares("via.id", "post.id")} THEN via.id END
  """
    + CREATE_EVENT
    + """\
  RETURN count(*) AS created
}
RETURN outcome AS value
"""
)

_UNSHARE: LiteralString = (
    """\
SET viewer.lk = true
WITH viewer
CALL (viewer) {
  MATCH ()-[shared:SHARED]->() USING INDEX SEEK shared:SHARED(user_id, post_id)
  WHERE shared.user_id = viewer.id AND shared.post_id = $post_id
  WITH shared, shared.at AS shared_at
  DELETE shared
  """
    + CREATE_EVENT
    + """\
  SET event.deed_at = shared_at
  RETURN count(*) AS deleted
}
RETURN deleted AS value
"""
)


def share(viewer: Viewer, post_id: str, via_user_id: str | None = None) -> Statement[str]:
    """Share a public post; sharing it again changes nothing.

    Args:
        viewer: Who shares it.
        post_id: Which post.
        via_user_id: From whose share the viewer had it; who does not share it is not noted, so
            that nobody is given a reach that is not theirs.

    Raises:
        NotFound: On decoding: no such post for this viewer, or no such person.
        Forbidden: On decoding: the post is for its author's followers only.
    """
    at = ids.now_ms()
    shared = {
        "user_id": viewer.user_id,
        "post_id": post_id,
        "at": at,
        "k": ids.key(at, f"s:{viewer.user_id}"),
    }
    event = new_event(EventKind.POST_SHARED, at, viewer.user_id, post_id, post_id)

    def decode(outcome: str) -> str:
        if outcome == "NO_VIA":
            raise NotFound(f"There is no user {via_user_id!r}.", ("viaUserId",))
        if outcome == "NO_POST":
            message = f"There is no post {post_id!r}, or you may not see it."
            raise NotFound(message, ("postId",))
        if outcome == "FORBIDDEN":
            message = f"Post {post_id!r} is for its author's followers only; share public ones."
            raise Forbidden(message, ("postId",))
        return post_id

    parameters = {
        "post_id": post_id,
        "via_user_id": via_user_id,
        "shared": shared,
        "event": event.properties(),
    }
    return viewer_write(viewer, _SHARE, parameters, decode)


def unshare(viewer: Viewer, post_id: str) -> Statement[str]:
    """Take a share back; without one nothing changes."""
    event = new_event(EventKind.POST_UNSHARED, ids.now_ms(), viewer.user_id, post_id, post_id)
    parameters = {"post_id": post_id, "event": event.properties()}
    return viewer_write(viewer, _UNSHARE, parameters, lambda _: post_id)
