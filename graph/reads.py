"""Statements that read for a viewer: one object, or a page of a list."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, LiteralString, TypeVar

from graph.connections import Order, page_finish, page_value
from graph.pages import PageRequest
from graph.projection import Pending, Projection, Row
from graph.projections import comment, match_comment
from graph.selection import SLOTS, Selection
from graph.statement import Record, Statement
from graph.viewer import Viewer, viewer_read

T = TypeVar("T")
_VIEWER: Final = re.compile(r"\bviewer\b")


def find_one(
    viewer: Viewer, match: LiteralString, projection: Projection, parameters: Mapping[str, Any]
) -> Statement[Row | None]:
    """Make the statement that reads the one node that `match` binds as `projection.node`.

    Args:
        viewer: Who reads; bound as `viewer`.
        match: Clauses that bind the node, or no row.
        projection: What is read of it, its parameters at `$s`.
        parameters: What `match` refers to with `$`.
    """
    value: LiteralString = f"head(COLLECT {{ {match} RETURN {projection.text} AS row }})"
    return read_value(
        viewer,
        value,
        {"s": projection.parameters, **parameters},
        projection.finish_optional,
    )


def find_shared(
    match: LiteralString,
    selection: Selection,
    projection: Projection,
    parameters: Mapping[str, Any],
) -> Statement[Row | None] | None:
    """Make the statement that reads the one node for many viewers at once, in nobody's eyes.

    Returns:
        None where what is selected depends on who reads it: the projection's text shows that, as
        only a text that names no viewer can be run without one.

    Args:
        match: Clauses that bind the node, or no row.
        selection: What the projection was made of.
        projection: What is read of it, its parameters at `$s`.
        parameters: What `match` refers to with `$`.
    """
    if selection.mentions("thread") or _VIEWER.search(projection.text):
        return None

    def decode(records: Sequence[Record]) -> Row | None:
        return projection.finish_optional(records[0]["value"], []) if records else None

    text: LiteralString = f"{match} RETURN {projection.text} AS value"
    return Statement(text, {"s": projection.parameters, **parameters}, decode)


def read_page(
    viewer: Viewer,
    order: Order,
    page: PageRequest,
    projection: Projection,
    parent: LiteralString = "viewer",
    parameters: Mapping[str, Any] | None = None,
) -> Statement[Row]:
    """Make the statement that reads a page of a list at the root, as a Relay connection.

    Args:
        viewer: Who reads; bound as `viewer`.
        order: Finds the page.
        page: Which page.
        projection: What is read of each node, its parameters at `$s`.
        parent: Whose list it is: a variable, or a parameter with an `id`.
        parameters: What `parent` refers to with `$`.
    """
    return read_value(
        viewer,
        page_value(order, parent, projection, "$s"),
        {"s": {**projection.parameters, **order.parameters(page)}, **(parameters or {})},
        page_finish(order, page, projection),
    )


def read_value(
    viewer: Viewer,
    value: LiteralString,
    parameters: Mapping[str, Any],
    finish: Callable[[Any, list[Pending]], T],
) -> Statement[T]:
    """Make the statement that reads an expression, and the comments that its threads ask for."""

    def decode(value: Any) -> T | Statement[T]:
        pending: list[Pending] = []
        answer = finish(value, pending)
        return _hydrate(viewer, pending, answer) if pending else answer

    return viewer_read(viewer, value, parameters, decode)


def _hydrate(viewer: Viewer, pending: list[Pending], answer: T) -> Statement[T]:
    """Make the statement that reads all comments that finishing a first one asked for."""
    groups: dict[int, tuple[Selection, list[str]]] = {}
    for each in pending:
        groups.setdefault(id(each.selection), (each.selection, []))[1].extend(each.ids)
    values: list[LiteralString] = []
    parameters: dict[str, Any] = {}
    projections: list[Projection] = []
    for slot, (selection, ids) in zip(SLOTS, groups.values(), strict=False):
        projection = comment(selection, f"comment{slot}", f"$s.comment{slot}")
        projections.append(projection)
        parameters[f"comment{slot}"] = {**projection.parameters, "ids": ids}
        node = projection.node
        values.append(
            f"COLLECT {{ UNWIND $s.comment{slot}.ids AS id {match_comment(node, 'id')} "
            f"RETURN {projection.text} AS row }}"
        )

    def finish(lists: list[list[Row]], further: list[Pending]) -> T:
        found: dict[int, dict[str, Row]] = {}
        for key, projection, rows in zip(groups, projections, lists, strict=True):
            found[key] = {row["id"]: projection.finish(row, further) for row in rows}
        for each in pending:
            each.deliver(found[id(each.selection)])
        return answer

    return read_value(viewer, "[" + ", ".join(values) + "]", {"s": parameters}, finish)
