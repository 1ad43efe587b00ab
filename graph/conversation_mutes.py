"""Mutes of conversations: posts of which a user wants no more news; nobody is told."""

from typing import LiteralString

from graph import edges, ids
from graph.errors import NotFound
from graph.statement import Statement
from graph.viewer import Viewer, viewer_write
from graph.visibility import visible_post

_MUTE: LiteralString = f"""\
SET viewer.lk = true
WITH viewer
OPTIONAL MATCH (post:Post {{id: $post_id}}) WHERE {visible_post("post")}
CALL (viewer, post) {{
  WITH * WHERE post IS NOT NULL AND NOT {edges.mutes_conversation("viewer.id", "post.id")}
  CREATE (viewer)-[muted:MUTES_CONVERSATION]->(post)
  SET muted = $muted
  RETURN count(*) AS created
}}
RETURN post IS NOT NULL AS value
"""

_UNMUTE: LiteralString = """\
SET viewer.lk = true
WITH viewer
CALL (viewer) {
  MATCH ()-[muted:MUTES_CONVERSATION]->()
  USING INDEX SEEK muted:MUTES_CONVERSATION(user_id, post_id)
  WHERE muted.user_id = viewer.id AND muted.post_id = $post_id
  DELETE muted
  RETURN count(*) AS deleted
}
RETURN deleted AS value
"""


def mute_conversation(viewer: Viewer, post_id: str) -> Statement[str]:
    """Get no more notifications of a post and of what is said below it; twice is once.

    What somebody was told before stays.

    Raises:
        NotFound: On decoding: no such post for this viewer.
    """

    def decode(found: bool) -> str:
        if not found:
            raise NotFound(f"There is no post {post_id!r}, or you may not see it.", ("postId",))
        return post_id

    muted = {"user_id": viewer.user_id, "post_id": post_id, "at": ids.now_ms()}
    return viewer_write(viewer, _MUTE, {"post_id": post_id, "muted": muted}, decode)


def unmute_conversation(viewer: Viewer, post_id: str) -> Statement[str]:
    """Take the mute of a conversation back, also of a hidden post's; without one nothing changes.

    What happened meanwhile is not told.
    """
    return viewer_write(viewer, _UNMUTE, {"post_id": post_id}, lambda _: post_id)
