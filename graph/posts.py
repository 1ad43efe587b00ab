"""Posts: reading one, and their author's commands."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, LiteralString

from graph import attachments, edges, ids, projections, reads
from graph.errors import Forbidden, NotFound
from graph.events import CREATE_EVENT, EventKind, new_event
from graph.idempotency import FIND_KNOWN, REMEMBER, Idempotency
from graph.ids import Prefix
from graph.naming import FORGET_TAGS, TAG_POST, mention_anew, mention_people, name_parameters
from graph.ownership import check_deletable, check_own
from graph.projection import Row
from graph.ranks import hot_key
from graph.revisions import keep_revision, revision_parameters
from graph.selection import Selection
from graph.statement import Statement
from graph.streams import StreamEvent
from graph.text import check_text
from graph.viewer import Viewer, viewer_write
from graph.visibility import standing, visible_post
from graph.withdrawal import withdraw_post
from graph.words import searchable


def find_post(viewer: Viewer, post_id: str, selection: Selection) -> Statement[Row | None]:
    """Read a post that the viewer may see.

    Cost: one index seek, and what the selection asks for.
    """
    match: LiteralString = f"MATCH (post:Post {{id: $id}}) WHERE {visible_post('post')}"
    projection = projections.post(selection, "post", "$s")
    return reads.find_one(viewer, match, projection, {"id": post_id})


def find_shared_post(event: StreamEvent, selection: Selection) -> Statement[Row | None] | None:
    """Read the post that an event tells of, for all who may see it; None as in `find_shared`."""
    projection = projections.post(selection, "post", "$s")
    match: LiteralString = f"MATCH (post:Post {{id: $id}}) WHERE {standing('post')}"
    return reads.find_shared(match, selection, projection, {"id": event.subject_id})


def find_followed_post(
    viewer: Viewer, event: StreamEvent, selection: Selection
) -> Statement[Row | None]:
    """Read the post that an event tells of, if the viewer followed its author by then.

    Cost: two index seeks, and what the selection asks for.
    """
    match: LiteralString = f"""\
MATCH (post:Post {{id: $id}}) WHERE {visible_post("post")}
  AND NOT {edges.mutes("viewer.id", "$author_id")} AND EXISTS {{
  MATCH ()-[follows:FOLLOWS]->() USING INDEX SEEK follows:FOLLOWS(follower_id, followee_id)
  WHERE follows.follower_id = viewer.id AND follows.followee_id = $author_id AND follows.at <= $at
}}"""
    projection = projections.post(selection, "post", "$s")
    parameters = {"id": event.subject_id, "author_id": event.actor_id, "at": event.occurred_at}
    return reads.find_one(viewer, match, projection, parameters)


@dataclass(frozen=True, slots=True)
class NewPost:
    """A post to be created; its id and instant are made here, before any transaction."""

    id: str
    author_id: str
    text: str
    created_at: int
    visibility: str = "PUBLIC"
    quote_of_id: str | None = None
    media_ids: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        viewer: Viewer,
        text: str,
        visibility: str = "PUBLIC",
        quote_of_id: str | None = None,
        media_ids: Sequence[str] = (),
    ) -> "NewPost":
        """Make a post of what a user wrote, and of the images to show with it.

        Raises:
            InvalidInput: The text breaks a rule, or there are too many images.
        """
        return cls(
            ids.new_id(Prefix.POST),
            viewer.user_id,
            check_text(text),
            ids.now_ms(),
            visibility,
            quote_of_id,
            attachments.check_media_ids(media_ids),
        )

    def properties(self) -> dict[str, Any]:
        """Give the properties of the post's node; what it quotes is an edge."""
        return {
            "id": self.id,
            "k": ids.key(self.created_at, self.id),
            "author_id": self.author_id,
            "text": self.text,
            "words": searchable(self.text),
            "visibility": self.visibility,
            "media_ids": self.media_ids or None,
            "created_at": self.created_at,
        }


_CREATE: LiteralString = (
    "SET viewer.lk = true\nWITH viewer\n"
    + FIND_KNOWN
    + f"""\
OPTIONAL MATCH (existing:Post {{id: $post.id}})
OPTIONAL MATCH (quoted:Post {{id: $quote_of_id}}) WHERE {visible_post("quoted")}
{attachments.FIND_MEDIA}\
WITH viewer, known, quoted, attachments, CASE
  WHEN known IS NOT NULL OR existing IS NOT NULL THEN 'KNOWN'
  WHEN $quote_of_id IS NOT NULL AND quoted IS NULL THEN 'NO_QUOTED'
  WHEN quoted.visibility <> 'PUBLIC' THEN 'FORBIDDEN'
  WHEN NOT {attachments.ALL_FOUND} THEN 'NO_MEDIA'
  ELSE 'OK'
END AS outcome
"""
    + """\
CALL (viewer, quoted, attachments, outcome) {
  WITH * WHERE outcome = 'OK'
  CREATE (viewer)-[:POSTED]->(post:Post)
  SET post = $post
  """
    + f"SET post.hot_k = {hot_key('post')}\n"
    + """\
  SET viewer.last_post_k = CASE
    WHEN viewer.last_post_k > post.k THEN viewer.last_post_k ELSE post.k
  END
  """
    + attachments.ATTACH
    + CREATE_EVENT
    + REMEMBER
    + TAG_POST
    + """\
  FOREACH (each IN CASE WHEN quoted IS NULL THEN [] ELSE [quoted] END |
    CREATE (post)-[:QUOTES]->(each))
  WITH post
  """
    + mention_people("post")
    + """\
  RETURN count(*) AS created
}
RETURN {outcome: outcome, known: known {.object_id, .input_hash},
        faults: CASE outcome WHEN 'NO_MEDIA' THEN """
    + attachments.FAULTS
    + """ ELSE [] END} AS value
"""
)


def create_post(
    viewer: Viewer, post: NewPost, idempotency_key: str | None = None
) -> Statement[str]:
    """Create a post; answers with its id, or with that of the first one under the same key.

    Raises:
        InvalidInput: The key breaks a rule.
        NotFound: On decoding: what it quotes is no post that this viewer may see, or an image is
            not there or somebody else's.
        Forbidden: On decoding: what it quotes is for its author's followers only.
        Conflict: On decoding: the key was used with another input, or an image is shown already.
    """
    content = {
        "text": post.text,
        "visibility": post.visibility,
        "quote_of_id": post.quote_of_id,
        "media_ids": post.media_ids,
    }
    key = Idempotency.of(viewer.user_id, "createPost", idempotency_key, content)
    event = new_event(EventKind.POST_CREATED, post.created_at, viewer.user_id, post.id, post.id)
    parameters = {
        **name_parameters(post.text),
        "post": post.properties(),
        "quote_of_id": post.quote_of_id,
        "media_ids": post.media_ids,
        "event": event.properties(),
        "idempotency": key.properties(post.id, post.created_at),
    }

    def decode(value: Row) -> str:
        if value["outcome"] == "NO_QUOTED":
            message = f"There is no post {post.quote_of_id!r}, or you may not see it."
            raise NotFound(message, ("quoteOfId",))
        if value["outcome"] == "FORBIDDEN":
            message = f"Post {post.quote_of_id!r} is for its author's followers; quote public ones."
            raise Forbidden(message, ("quoteOfId",))
        attachments.check_faults(value["faults"])
        return key.settle(value["known"], post.id)

    return viewer_write(viewer, _CREATE, parameters, decode)


_OWN_POST: LiteralString = f"""\
SET viewer.lk = true
WITH viewer
OPTIONAL MATCH (post:Post {{id: $id}})
CALL (post) {{ WITH * WHERE post IS NOT NULL SET post.lk = true RETURN count(*) AS locked }}
WITH viewer, post, CASE
  WHEN post IS NULL THEN 'NOT_FOUND'
  WHEN post.author_id = viewer.id AND post.deleted_at IS NOT NULL THEN 'GONE'
  WHEN post.author_id = viewer.id AND post.removed_at IS NOT NULL THEN 'REMOVED'
  WHEN NOT ({visible_post("post")}) THEN 'NOT_FOUND'
  WHEN post.author_id <> viewer.id THEN 'FORBIDDEN'
  ELSE 'OK'
END AS outcome
"""
"""Binds `post`, locked, and the `outcome` of changing it as this viewer."""

_UPDATE: LiteralString = (
    _OWN_POST
    + """\
CALL (post, outcome) {
  WITH post WHERE outcome = 'OK' AND post.text <> $text
  """
    + keep_revision("post")
    + """\
  SET post.text = $text, post.words = $words, post.edited_at = $revision.replaced_at
  """
    + CREATE_EVENT
    + "WITH post\n"
    + FORGET_TAGS
    + TAG_POST
    + "WITH post\n"
    + mention_anew("post")
    + """\
  RETURN count(*) AS changed
}
RETURN outcome AS value
"""
)


_DELETE: LiteralString = (
    _OWN_POST
    + """\
CALL (viewer, post, outcome) {
  WITH * WHERE outcome IN ['OK', 'REMOVED']
  SET post.deleted_at = $at
  """
    + CREATE_EVENT
    + """\
  SET event.deed_at = post.created_at
  WITH viewer, post
  """
    + attachments.RELEASE
    + """\
  """
    + withdraw_post("viewer", "post")
    + """\
  RETURN count(*) AS deleted
}
RETURN outcome AS value
"""
)


def update_post(viewer: Viewer, post_id: str, text: str) -> Statement[str]:
    """Change the text of one's own post; an equal text changes nothing.

    Raises:
        InvalidInput: The text breaks a rule.
        NotFound: On decoding: no such post for this viewer.
        Forbidden: On decoding: the post is somebody else's.
    """

    def decode(outcome: str) -> str:
        check_own(outcome, "post", post_id, "change")
        return post_id

    checked = check_text(text)
    event = new_event(EventKind.POST_EDITED, ids.now_ms(), viewer.user_id, post_id, post_id)
    parameters = {
        **name_parameters(checked),
        "id": post_id,
        "text": checked,
        "words": searchable(checked),
        "revision": revision_parameters(event.occurred_at),
        "event": event.properties(),
    }
    return viewer_write(viewer, _UPDATE, parameters, decode)


def delete_post(viewer: Viewer, post_id: str) -> Statement[str]:
    """Delete one's own post, and with it the way to its conversation; twice is once.

    Raises:
        NotFound: On decoding: no such post for this viewer.
        Forbidden: On decoding: the post is somebody else's.
    """

    def decode(outcome: str) -> str:
        check_deletable(outcome, "post", post_id)
        return post_id

    event = new_event(EventKind.POST_DELETED, ids.now_ms(), viewer.user_id, post_id, post_id)
    parameters = {"id": post_id, "at": event.occurred_at, "event": event.properties()}
    return viewer_write(viewer, _DELETE, parameters, decode)
