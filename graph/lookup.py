"""Things by their ids, of whatever kind: the letters that an id begins with tell which."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, LiteralString

from graph import image_projections, notifications, projections, reports
from graph.errors import InvalidInput
from graph.ids import Prefix
from graph.projection import Pending, Projection, Row
from graph.reads import read_value
from graph.selection import Selection
from graph.statement import Statement
from graph.viewer import Viewer
from graph.visibility import visible_media, visible_post, visible_profile

MOST_IDS: Final = 100


@dataclass(frozen=True, slots=True)
class Kind:
    """How things of one type are found.

    Args:
        type_name: The type.
        match: Clauses that bind the one with the id `id`, if the viewer may see it.
        project: Gives what is read of it, its parameters at `$s`.
    """

    type_name: str
    match: LiteralString
    project: Callable[[Selection], Projection]


KINDS: Final[Mapping[str, Kind]] = {
    Prefix.USER: Kind(
        "User",
        f"MATCH (user:User {{id: id}}) WHERE {visible_profile('user')}",
        lambda selection: projections.user(selection, "user", "$s"),
    ),
    Prefix.POST: Kind(
        "Post",
        f"MATCH (post:Post {{id: id}}) WHERE {visible_post('post')}",
        lambda selection: projections.post(selection, "post", "$s"),
    ),
    Prefix.COMMENT: Kind(
        "Comment",
        projections.match_comment("comment", "id"),
        lambda selection: projections.comment(selection, "comment", "$s"),
    ),
    Prefix.NOTIFICATION: Kind(
        "Notification", notifications.match_own("id"), notifications.projection
    ),
    Prefix.MEDIA: Kind(
        "Media",
        f"MATCH (media:Media {{id: id}}) WHERE {visible_media('media')}",
        lambda _: image_projections.media("media", "$s"),
    ),
    Prefix.REPORT: Kind("Report", reports.match_visible("id"), reports.projection),
}
"""Every kind that a client may ask for by id alone, by the prefix of its ids."""


def group_by_kind(ids: Sequence[str]) -> dict[str, list[str]]:
    """Give the ids of each kind by its prefix; what is no id of any is left out.

    There is one kind at least, and nothing asked for of it if need be: a session that has ended is
    noticed by what it asks.

    Raises:
        InvalidInput: They are more than may be asked for at once.
    """
    if len(ids) > MOST_IDS:
        message = f"`ids` names {len(ids)} things; name at most {MOST_IDS}."
        raise InvalidInput(message, ("ids",))
    groups: dict[str, list[str]] = {}
    for each in dict.fromkeys(ids):
        if each[:2] in KINDS:
            groups.setdefault(each[:2], []).append(each)
    return groups or {Prefix.USER: []}


def find_nodes(
    viewer: Viewer, kind: Kind, ids: Sequence[str], selection: Selection
) -> Statement[dict[str, Row]]:
    """Read things of one kind by their ids; those that the viewer may not see are left out.

    Cost: an index seek for each, and what the selection asks for.
    """
    projection = kind.project(selection)
    value: LiteralString = (
        f"COLLECT {{ UNWIND $ids AS id {kind.match} RETURN {projection.text} AS row }}"
    )

    def finish(rows: list[Row], pending: list[Pending]) -> dict[str, Row]:
        return {row["id"]: projection.finish(row, pending) for row in rows}

    return read_value(viewer, value, {"s": projection.parameters, "ids": [*ids]}, finish)
