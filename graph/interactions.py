"""What people did with a post: one deed, as a subscriber is told of it."""

from typing import Final, LiteralString

from graph import projections, reads
from graph.events import EventKind
from graph.interaction_order import InteractionKind
from graph.projection import Row
from graph.selection import Selection
from graph.statement import Statement
from graph.streams import StreamEvent
from graph.viewer import Viewer
from graph.visibility import visible_comment, visible_post, visible_user

_KINDS: Final = {
    EventKind.POST_LIKED: InteractionKind.LIKE,
    EventKind.POST_SHARED: InteractionKind.SHARE,
    EventKind.COMMENT_CREATED: InteractionKind.COMMENT,
}

_STILL_SO: Final[dict[InteractionKind, LiteralString]] = {
    InteractionKind.LIKE: """\
MATCH ()-[deed:LIKED]->() USING INDEX SEEK deed:LIKED(user_id, subject_id)
WHERE deed.user_id = $actor_id AND deed.subject_id = $subject_id AND deed.at = $at""",
    InteractionKind.SHARE: """\
MATCH ()-[deed:SHARED]->() USING INDEX SEEK deed:SHARED(user_id, post_id)
WHERE deed.user_id = $actor_id AND deed.post_id = $subject_id AND deed.at = $at""",
    InteractionKind.COMMENT: f"""\
MATCH (comment:Comment {{id: $subject_id}})-[deed:ON_POST]->()
WHERE {visible_comment("comment")}""",
}


def find_interaction(
    viewer: Viewer, event: StreamEvent, post_id: str, selection: Selection
) -> Statement[Row | None]:
    """Read the interaction that an event tells of; None once it was undone.

    Cost: two index seeks, and what the selection asks for.
    """
    kind = _KINDS[EventKind(event.kind)]
    match: LiteralString = (
        f"MATCH (post:Post {{id: $post_id}}) WHERE {visible_post('post')} "
        f"{_STILL_SO[kind]} MATCH (actor:User {{id: $actor_id}}) WHERE {visible_user('actor')} "
        f"WITH {{id: 'i_' + $kind + '_' + $actor_id + '_' + $subject_id, "
        "kind: $kind, actor_id: $actor_id, subject_id: $subject_id, created_at: deed.at} "
        "AS interaction"
    )
    parameters = {
        "post_id": post_id,
        "kind": kind.value,
        "actor_id": event.actor_id,
        "subject_id": event.subject_id,
        "at": event.occurred_at,
    }
    projection = projections.interaction(selection, "interaction", "$s")
    return reads.find_one(viewer, match, projection, parameters)
