"""Things by their ids, of whatever kind: the letters that an id begins with tell which."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, LiteralString

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
        name: Where the parameters of what is read of it are, below `$s`.
        match: Clauses that bind the one with the id `id`, if the viewer may see it.
        project: Gives what is read of it, its parameters at a path.
    """

    type_name: str
    name: LiteralString
    match: LiteralString
    project: Callable[[Selection, LiteralString], Projection]


KINDS: Final[Mapping[str, Kind]] = {
    Prefix.USER: Kind(
        "User",
        "user",
        f"MATCH (user:User {{id: id}}) WHERE {visible_profile('user')}",
        lambda selection, path: projections.user(selection, "user", path),
    ),
    Prefix.POST: Kind(
        "Post",
        "post",
        f"MATCH (post:Post {{id: id}}) WHERE {visible_post('post')}",
        lambda selection, path: projections.post(selection, "post", path),
    ),
    Prefix.COMMENT: Kind(
        "Comment",
        "comment",
        projections.match_comment("comment", "id"),
        lambda selection, path: projections.comment(selection, "comment", path),
    ),
    Prefix.NOTIFICATION: Kind(
        "Notification",
        "notification",
        notifications.match_own("id"),
        notifications.projection,
    ),
    Prefix.MEDIA: Kind(
        "Media",
        "media",
        f"MATCH (media:Media {{id: id}}) WHERE {visible_media('media')}",
        lambda _, path: image_projections.media("media", path),
    ),
    Prefix.REPORT: Kind("Report", "report", reports.match_visible("id"), reports.projection),
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
    viewer: Viewer, groups: Mapping[str, Sequence[str]], selections: Mapping[str, Selection]
) -> Statement[dict[str, Row]]:
    """Read things of several kinds by their ids; those that the viewer may not see are left out.

    Args:
        viewer: Who reads.
        groups: Ids by the prefix of their kind.
        selections: What is wanted of each kind, by the same.

    Cost: an index seek for each, and what the selections ask for.
    """
    kinds = {prefix: kind for prefix, kind in KINDS.items() if prefix in groups}
    values: list[LiteralString] = []
    parameters: dict[str, Any] = {}
    asked: list[Projection] = []
    for prefix, kind in kinds.items():
        path: LiteralString = f"$s.{kind.name}"
        projection = kind.project(selections[prefix], path)
        asked.append(projection)
        parameters[kind.name] = {**projection.parameters, "ids": [*groups[prefix]]}
        values.append(
            f"COLLECT {{ UNWIND {path}.ids AS id {kind.match} RETURN {projection.text} AS row }}"
        )

    def finish(lists: list[list[Row]], pending: list[Pending]) -> dict[str, Row]:
        return {
            row["id"]: projection.finish(row, pending)
            for projection, rows in zip(asked, lists, strict=True)
            for row in rows
        }

    return read_value(viewer, "[" + ", ".join(values) + "]", {"s": parameters}, finish)
