"""Likes of posts and comments.

A like locks its user and never what is liked: any number of people like one post at once, and
one person's double tap is still one like. A like that lands just after a deletion is harmless,
because whoever reads or notifies looks again.
"""

from typing import LiteralString

from graph import edges, ids
from graph.errors import NotFound
from graph.events import CREATE_EVENT, EventKind, new_event
from graph.ids import Prefix
from graph.statement import Statement
from graph.viewer import Viewer, viewer_write
from graph.visibility import visible_comment, visible_post

_LIKEABLE_POST: LiteralString = (
    f"OPTIONAL MATCH (subject:Post {{id: $subject_id}}) WHERE {visible_post('subject')}\n"
)
_LIKEABLE_COMMENT: LiteralString = f"""\
OPTIONAL MATCH (subject:Comment {{id: $subject_id}})
WHERE {visible_comment("subject")}
  AND EXISTS {{ MATCH (root:Post {{id: subject.post_id}}) WHERE {visible_post("root")} }}
"""
_LOCK: LiteralString = "SET viewer.lk = true\nWITH viewer\n"
_CREATE: LiteralString = (
    f"""\
CALL (viewer, subject) {{
  WITH * WHERE subject IS NOT NULL AND NOT {edges.likes("viewer.id", "subject.id")}
  CREATE (viewer)-[liked:LIKED]->(subject)
  SET liked = $liked, liked.author_id = subject.author_id
  """
    + CREATE_EVENT
    + """\
  SET event.post_id = coalesce(subject.post_id, subject.id)
  RETURN count(*) AS created
}
RETURN subject IS NOT NULL AS value
"""
)
_LIKE_POST: LiteralString = _LOCK + _LIKEABLE_POST + _CREATE
_LIKE_COMMENT: LiteralString = _LOCK + _LIKEABLE_COMMENT + _CREATE
_TAKE_BACK: LiteralString = (
    _LOCK
    + """\
CALL (viewer) {
  MATCH ()-[liked:LIKED]->() USING INDEX SEEK liked:LIKED(user_id, subject_id)
  WHERE liked.user_id = viewer.id AND liked.subject_id = $subject_id
  WITH liked, liked.at AS liked_at
  DELETE liked
  """
    + CREATE_EVENT
    + "  SET event.deed_at = liked_at\n"
)
_TAKEN_BACK: LiteralString = """\
  RETURN count(*) AS deleted
}
RETURN deleted AS value
"""
_UNLIKE_POST: LiteralString = _TAKE_BACK + _TAKEN_BACK
_UNLIKE_COMMENT: LiteralString = (
    _TAKE_BACK
    + """\
  WITH event
  MATCH (comment:Comment {id: $subject_id})
  SET event.post_id = comment.post_id
"""
    + _TAKEN_BACK
)


def like(viewer: Viewer, subject_id: str) -> Statement[str]:
    """Like a post or a comment; liking it again changes nothing.

    Raises:
        NotFound: On decoding: no such post or comment for this viewer.
    """
    is_comment = subject_id.startswith(Prefix.COMMENT)
    at = ids.now_ms()
    liked = {
        "user_id": viewer.user_id,
        "subject_id": subject_id,
        "at": at,
        "k": ids.key(at, f"l:{viewer.user_id}"),
    }
    kind = EventKind.COMMENT_LIKED if is_comment else EventKind.POST_LIKED
    event = new_event(kind, at, viewer.user_id, subject_id)

    def decode(found: bool) -> str:
        if not found:
            message = f"There is no post or comment {subject_id!r}, or you may not see it."
            raise NotFound(message, ("subjectId",))
        return subject_id

    parameters = {"subject_id": subject_id, "liked": liked, "event": event.properties()}
    text = _LIKE_COMMENT if is_comment else _LIKE_POST
    return viewer_write(viewer, text, parameters, decode)


def unlike(viewer: Viewer, subject_id: str) -> Statement[str]:
    """Take a like back; without one nothing changes."""
    is_comment = subject_id.startswith(Prefix.COMMENT)
    kind = EventKind.COMMENT_UNLIKED if is_comment else EventKind.POST_UNLIKED
    post_id = None if is_comment else subject_id
    event = new_event(kind, ids.now_ms(), viewer.user_id, subject_id, post_id)
    parameters = {"subject_id": subject_id, "event": event.properties()}
    text = _UNLIKE_COMMENT if is_comment else _UNLIKE_POST
    return viewer_write(viewer, text, parameters, lambda _: subject_id)
