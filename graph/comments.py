"""Comments: reading one, and their author's commands.

A comment and a deletion lock the post at the root first, so that nothing is ever said below
what is gone by then.
"""

from dataclasses import dataclass
from typing import Any, LiteralString

from graph import ids, projections, reads
from graph.errors import NotFound
from graph.events import CREATE_EVENT, EventKind, new_event
from graph.idempotency import FIND_KNOWN, REMEMBER, Idempotency
from graph.ids import Prefix
from graph.naming import mention_anew, mention_people, name_parameters
from graph.ownership import check_deletable, check_own
from graph.projection import Row
from graph.revisions import keep_revision, revision_parameters
from graph.selection import Selection
from graph.statement import Statement
from graph.streams import StreamEvent
from graph.text import check_text
from graph.viewer import Viewer, viewer_write
from graph.visibility import visible_comment, visible_post
from graph.withdrawal import withdraw_comment


def find_comment(viewer: Viewer, comment_id: str, selection: Selection) -> Statement[Row | None]:
    """Read a comment of a post that the viewer may see; a deleted one as its tombstone.

    Cost: two index seeks, and what the selection asks for.
    """
    projection = projections.comment(selection, "comment", "$s")
    match = projections.match_comment("comment", "$id")
    return reads.find_one(viewer, match, projection, {"id": comment_id})


def find_shared_comment(event: StreamEvent, selection: Selection) -> Statement[Row | None] | None:
    """Read the comment that an event tells of, for all whom it shows itself alike.

    Returns:
        None as in `reads.find_shared`.
    """
    projection = projections.comment(selection, "comment", "$s", is_shared=True)
    match: LiteralString = "MATCH (comment:Comment {id: $id})"
    return reads.find_shared(match, selection, projection, {"id": event.subject_id})


@dataclass(frozen=True, slots=True)
class NewComment:
    """A comment to be created; its id and instant are made here, before any transaction.

    Args:
        parent_id: Id of the comment that is replied to; None for a reply to the post.
    """

    id: str
    author_id: str
    post_id: str
    parent_id: str | None
    text: str
    created_at: int

    @classmethod
    def of(cls, viewer: Viewer, post_id: str, parent_id: str | None, text: str) -> "NewComment":
        """Make a comment of what a user wrote.

        Raises:
            InvalidInput: The text breaks a rule.
        """
        return cls(
            ids.new_id(Prefix.COMMENT),
            viewer.user_id,
            post_id,
            None if parent_id == post_id else parent_id,
            check_text(text),
            ids.now_ms(),
        )

    def properties(self) -> dict[str, Any]:
        """Give the properties of the comment's node, but for its depth."""
        return {
            "id": self.id,
            "k": ids.key(self.created_at, self.id),
            "author_id": self.author_id,
            "post_id": self.post_id,
            "parent_id": self.parent_id or self.post_id,
            "text": self.text,
            "created_at": self.created_at,
        }


_CREATE: LiteralString = (
    "SET viewer.lk = true\nWITH viewer\n"
    + FIND_KNOWN
    + f"""\
OPTIONAL MATCH (existing:Comment {{id: $comment.id}})
OPTIONAL MATCH (post:Post {{id: $comment.post_id}})
CALL (post) {{ WITH * WHERE post IS NOT NULL SET post.lk = true RETURN count(*) AS locked }}
OPTIONAL MATCH (reply_to:Comment {{id: $parent_id}})
WITH viewer, known, existing, post, reply_to, CASE
  WHEN known IS NOT NULL OR existing IS NOT NULL THEN 'KNOWN'
  WHEN post IS NULL OR NOT ({visible_post("post")}) THEN 'NO_POST'
  WHEN $parent_id IS NULL THEN 'OK'
  WHEN reply_to IS NULL OR reply_to.post_id <> post.id THEN 'NO_PARENT'
  WHEN NOT ({visible_comment("reply_to")}) THEN 'NO_PARENT'
  ELSE 'OK'
END AS outcome
CALL (viewer, post, reply_to, outcome) {{
  WITH viewer, post, coalesce(reply_to, post) AS parent, coalesce(reply_to.depth, 0) AS depth
  WHERE outcome = 'OK'
  CREATE (viewer)-[:COMMENTED]->(comment:Comment)-[:REPLY_TO]->(parent)
  SET comment = $comment, comment.depth = depth + 1
  CREATE (comment)-[:ON_POST {{post_id: post.id, at: comment.created_at, k: comment.k}}]->(post)
  """
    + CREATE_EVENT
    + REMEMBER
    + "WITH comment\n"
    + mention_people("comment")
    + """\
  RETURN count(*) AS created
}
RETURN {outcome: outcome, known: known {.object_id, .input_hash}} AS value
"""
)


def create_comment(
    viewer: Viewer, comment: NewComment, idempotency_key: str | None = None
) -> Statement[str]:
    """Reply to a post or to a comment; answers with the id, or the first under the same key.

    Raises:
        InvalidInput: The key breaks a rule.
        NotFound: On decoding: no such post or parent for this viewer.
        Conflict: On decoding: the key was used with another input.
    """
    properties = comment.properties()
    content = {name: properties[name] for name in ("post_id", "parent_id", "text")}
    key = Idempotency.of(viewer.user_id, "createComment", idempotency_key, content)
    event = new_event(
        EventKind.COMMENT_CREATED,
        comment.created_at,
        viewer.user_id,
        comment.id,
        comment.post_id,
    )

    def decode(value: Any) -> str:
        if value["outcome"] == "NO_POST":
            message = f"There is no post {comment.post_id!r}, or you may not see it."
            raise NotFound(message, ("postId",))
        if value["outcome"] == "NO_PARENT":
            message = f"Post {comment.post_id!r} has no comment {comment.parent_id!r} to reply to."
            raise NotFound(message, ("parentId",))
        return key.settle(value["known"], comment.id)

    parameters = {
        "mentions": name_parameters(comment.text)["mentions"],
        "comment": properties,
        "parent_id": comment.parent_id,
        "event": event.properties(),
        "idempotency": key.properties(comment.id, comment.created_at),
    }
    return viewer_write(viewer, _CREATE, parameters, decode)


_OWN_COMMENT: LiteralString = f"""\
SET viewer.lk = true
WITH viewer
OPTIONAL MATCH (comment:Comment {{id: $id}})
OPTIONAL MATCH (post:Post {{id: comment.post_id}})
CALL (post) {{ WITH * WHERE post IS NOT NULL SET post.lk = true RETURN count(*) AS locked }}
WITH viewer, comment, post, CASE
  WHEN post IS NULL THEN 'NOT_FOUND'
  WHEN comment.author_id = viewer.id AND comment.deleted_at IS NOT NULL THEN 'GONE'
  WHEN comment.author_id = viewer.id AND comment.removed_at IS NOT NULL THEN 'REMOVED'
  WHEN NOT ({visible_post("post")}) THEN
    CASE WHEN comment.author_id = viewer.id THEN 'HIDDEN' ELSE 'NOT_FOUND' END
  WHEN comment.author_id <> viewer.id THEN 'FORBIDDEN'
  ELSE 'OK'
END AS outcome
"""
"""Binds `comment` and its `post`, locked, and the `outcome` of changing it as this viewer.

That of one's own comment below a post that one may no longer see is `HIDDEN`: one can take back
what one said, wherever that stands.
"""

_UPDATE: LiteralString = (
    _OWN_COMMENT
    + """\
CALL (comment, outcome) {
  WITH comment WHERE outcome = 'OK' AND comment.text <> $text
  """
    + keep_revision("comment")
    + """\
  SET comment.text = $text, comment.edited_at = $revision.replaced_at
  """
    + CREATE_EVENT
    + """\
  SET event.post_id = comment.post_id
  WITH comment
  """
    + mention_anew("comment")
    + """\
  RETURN count(*) AS changed
}
RETURN outcome AS value
"""
)

_DELETE: LiteralString = (
    _OWN_COMMENT
    + """\
CALL (viewer, comment, post, outcome) {
  WITH * WHERE outcome IN ['OK', 'REMOVED', 'HIDDEN']
  SET comment.deleted_at = $at
  """
    + CREATE_EVENT
    + """\
  SET event.post_id = post.id, event.deed_at = comment.created_at
  WITH viewer, comment, post
  """
    + withdraw_comment("viewer", "comment", "post")
    + """\
  RETURN count(*) AS deleted
}
RETURN outcome AS value
"""
)


def update_comment(viewer: Viewer, comment_id: str, text: str) -> Statement[str]:
    """Change the text of one's own comment; an equal text changes nothing.

    Raises:
        InvalidInput: The text breaks a rule.
        NotFound: On decoding: no such comment for this viewer.
        Forbidden: On decoding: the comment is somebody else's.
    """

    def decode(outcome: str) -> str:
        check_own(outcome, "comment", comment_id, "change")
        return comment_id

    checked = check_text(text)
    event = new_event(EventKind.COMMENT_EDITED, ids.now_ms(), viewer.user_id, comment_id)
    parameters = {
        "mentions": name_parameters(checked)["mentions"],
        "id": comment_id,
        "text": checked,
        "revision": revision_parameters(event.occurred_at),
        "event": event.properties(),
    }
    return viewer_write(viewer, _UPDATE, parameters, decode)


def delete_comment(viewer: Viewer, comment_id: str) -> Statement[str]:
    """Turn one's own comment into a tombstone; what is below stays; twice is once.

    It can be done below a post that one may no longer see, too.

    Raises:
        NotFound: On decoding: no such comment, or none that this viewer may see.
        Forbidden: On decoding: the comment is somebody else's.
    """

    def decode(outcome: str) -> str:
        check_deletable(outcome, "comment", comment_id)
        return comment_id

    event = new_event(EventKind.COMMENT_DELETED, ids.now_ms(), viewer.user_id, comment_id)
    parameters = {"id": comment_id, "at": event.occurred_at, "event": event.properties()}
    return viewer_write(viewer, _DELETE, parameters, decode)
