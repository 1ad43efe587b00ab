"""What people did with a post: one deed, as a subscriber is told of it."""

from typing import Any, Final, LiteralString

from graph import projections, reads
from graph.events import EventKind
from graph.interaction_order import InteractionKind
from graph.projection import Row
from graph.selection import Selection
from graph.statement import Statement
from graph.streams import StreamEvent
from graph.viewer import Viewer
from graph.visibility import standing, visible_comment, visible_post, visible_user

_KINDS: Final = {
    EventKind.POST_LIKED: InteractionKind.LIKE,
    EventKind.POST_SHARED: InteractionKind.SHARE,
    EventKind.COMMENT_CREATED: InteractionKind.COMMENT,
}

_DEEDS: Final[dict[InteractionKind, LiteralString]] = {
    InteractionKind.LIKE: """\
MATCH ()-[deed:LIKED]->() USING INDEX SEEK deed:LIKED(user_id, subject_id)
WHERE deed.user_id = $actor_id AND deed.subject_id = $subject_id AND deed.at = $at""",
    InteractionKind.SHARE: """\
MATCH ()-[deed:SHARED]->() USING INDEX SEEK deed:SHARED(user_id, post_id)
WHERE deed.user_id = $actor_id AND deed.post_id = $subject_id AND deed.at = $at""",
    InteractionKind.COMMENT: "MATCH (comment:Comment {id: $subject_id})-[deed:ON_POST]->() WHERE ",
}


def find_interaction(
    viewer: Viewer, event: StreamEvent, post_id: str, selection: Selection
) -> Statement[Row | None]:
    """Read the interaction that an event tells of; None once it was undone.

    Cost: two index seeks, and what the selection asks for.
    """
    match = _match(event, visible_post("post"), visible_comment("comment"), visible_user("actor"))
    projection = projections.interaction(selection, "interaction", "$s")
    return reads.find_one(viewer, match, projection, _parameters(event, post_id))


def find_shared_interaction(
    event: StreamEvent, post_id: str, selection: Selection
) -> Statement[Row | None] | None:
    """Read the same for all who may see it; no statement as in `reads.find_shared`."""
    match = _match(event, standing("post"), standing("comment"), "true")
    projection = projections.interaction(selection, "interaction", "$s", is_shared=True)
    return reads.find_shared(match, selection, projection, _parameters(event, post_id))


def _match(
    event: StreamEvent, post: LiteralString, comment: LiteralString, actor: LiteralString
) -> LiteralString:
    """Bind the interaction under a condition for its post, for its comment, and for its actor."""
    kind = _kind(event)
    deed = _DEEDS[kind]
    if kind is InteractionKind.COMMENT:
        deed += comment
    return (
        f"MATCH (post:Post {{id: $post_id}}) WHERE {post} "
        f"{deed} MATCH (actor:User {{id: $actor_id}}) WHERE {actor} "
        f"WITH {{id: 'i_' + $kind + '_' + $actor_id + '_' + $subject_id, "
        "kind: $kind, actor_id: $actor_id, subject_id: $subject_id, created_at: deed.at} "
        "AS interaction"
    )


def _kind(event: StreamEvent) -> InteractionKind:
    return _KINDS[EventKind(event.kind)]


def _parameters(event: StreamEvent, post_id: str) -> dict[str, Any]:
    return {
        "post_id": post_id,
        "kind": _kind(event).value,
        "actor_id": event.actor_id,
        "subject_id": event.subject_id,
        "at": event.occurred_at,
    }
