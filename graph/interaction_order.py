"""What people did with a post: likes, shares and comments as one list, newest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, LiteralString

from graph.connections import Order
from graph.ids import KEY_LAST
from graph.pages import PageRequest
from graph.visibility import visible_comment, visible_user


class InteractionKind(StrEnum):
    """What one can do with a post."""

    LIKE = "LIKE"
    SHARE = "SHARE"
    COMMENT = "COMMENT"


def _row(kind: LiteralString, actor: LiteralString, subject: LiteralString) -> LiteralString:
    return (
        f"{{id: 'i_{kind}_' + {actor} + '_' + {subject}, kind: '{kind}', actor_id: {actor}, "
        f"subject_id: {subject}, created_at: r.at, k: r.k}}"
    )


def _clauses(post: LiteralString, node: LiteralString, path: LiteralString) -> LiteralString:
    return (
        f"CALL (viewer, {post}) {{ "
        f"MATCH (by)-[r:LIKED]->() WHERE r.subject_id = {post}.id AND r.k < {path}.k "
        f"AND {visible_user('by')} "
        f"RETURN {_row('LIKE', 'r.user_id', 'r.subject_id')} AS {node} "
        f"ORDER BY r.subject_id DESC, r.k DESC LIMIT {path}.likes "
        f"UNION ALL "
        f"MATCH (by)-[r:SHARED]->() WHERE r.post_id = {post}.id AND r.k < {path}.k "
        f"AND {visible_user('by')} "
        f"RETURN {_row('SHARE', 'r.user_id', 'r.post_id')} AS {node} "
        f"ORDER BY r.post_id DESC, r.k DESC LIMIT {path}.shares "
        f"UNION ALL "
        f"MATCH (c)-[r:ON_POST]->() WHERE r.post_id = {post}.id AND r.k < {path}.k "
        f"AND {visible_comment('c')} "
        f"RETURN {_row('COMMENT', 'c.author_id', 'c.id')} AS {node} "
        f"ORDER BY r.post_id DESC, r.k DESC LIMIT {path}.comments "
        f"}} WITH {node}, [{node}.k] AS {node}_at ORDER BY {node}.k DESC LIMIT {path}.limit"
    )


@dataclass(frozen=True, slots=True)
class _OfKinds(Order):
    kinds: frozenset[InteractionKind]

    def parameters(self, page: PageRequest) -> dict[str, Any]:
        def most(kind: InteractionKind) -> int:
            return page.limit if kind in self.kinds else 0

        return {
            **Order.parameters(self, page),
            "likes": most(InteractionKind.LIKE),
            "shares": most(InteractionKind.SHARE),
            "comments": most(InteractionKind.COMMENT),
        }


def of_kinds(kinds: Sequence[str] | None) -> Order:
    """Make the order of the newest interactions of some kinds; of all kinds when None."""
    named = InteractionKind if kinds is None else kinds
    wanted = frozenset(InteractionKind(kind) for kind in named)
    return _OfKinds("interactions", {"k": KEY_LAST}, _clauses, wanted)
