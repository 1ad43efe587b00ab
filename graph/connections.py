"""Lists below an object: how each order finds its page, and the page as the API gives it.

An order's clauses bind the listed node and `<node>_at`, its position in the order, a list; they
read `limit` and the position to go on from at their parameters' path.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, LiteralString

from graph.ids import KEY_LAST
from graph.pages import PageRequest, encode_cursor
from graph.projection import Finish, Pending, Projection, Row, response_key
from graph.selection import Field, Selection


@dataclass(frozen=True, slots=True)
class Order:
    """An order in which a list is read.

    Args:
        name: Stands in the cursors, so that one of another list is refused.
        start: Names and values of the position before the first item.
        clauses: Given the parent's variable, the listed node's and the parameters' path, the
            Cypher that binds one page.
    """

    name: str
    start: Mapping[str, Any]
    clauses: Callable[[LiteralString, LiteralString, LiteralString], LiteralString]

    def parameters(self, page: PageRequest) -> dict[str, Any]:
        """Give what the clauses read at their path.

        Raises:
            InvalidInput: The cursor is not one of this order.
        """
        position = page.position(self.name, list(self.start.values()))
        return {**dict(zip(self.start, position, strict=True)), "limit": page.limit}


def newest_first(name: str, clauses: Callable[..., LiteralString]) -> Order:
    """Make an order by descending key; its clauses read `k`."""
    return Order(name, {"k": KEY_LAST}, clauses)


def connection(order: Order, page: PageRequest, rows: Sequence[Row]) -> Row:
    """Make a Relay connection of rows `{at, node, …}`, one more than asked for at most.

    What a row holds beside `at` and `node` goes to its edge.
    """
    edges: list[Row] = [
        {**row, "cursor": encode_cursor(order.name, row["at"])} for row in rows[: page.first]
    ]
    return {
        "edges": edges,
        "page_info": {
            "has_next_page": len(rows) > page.first,
            "has_previous_page": page.after is not None,
            "start_cursor": edges[0]["cursor"] if edges else None,
            "end_cursor": edges[-1]["cursor"] if edges else page.after,
        },
    }


def node_selection(selection: Selection, name: str) -> Selection:
    """Give what is selected of the nodes of connection type `<name>Connection`."""
    edge = selection.child("edges", name + "Edge")
    return edge.child("node", name)


def connection_selection(used: Field, name: str) -> Selection:
    """Give what is selected of the nodes of a field that is a `<name>Connection`."""
    return node_selection(used.children[name + "Connection"], name)


def page_of(used: Field) -> PageRequest:
    """Read `first` and `after` of a field's arguments.

    Raises:
        InvalidInput: `first` is out of range.
    """
    return PageRequest(used.arguments["first"], used.arguments.get("after"))


def page_value(
    order: Order, parent: LiteralString, child: Projection, path: LiteralString
) -> LiteralString:
    """Give the Cypher expression of a page's rows."""
    clauses = order.clauses(parent, child.node, path)
    return f"COLLECT {{ {clauses} RETURN {{at: {child.node}_at, node: {child.text}}} AS row }}"


def page_finish(order: Order, page: PageRequest, child: Projection) -> Finish:
    """Give what makes a connection of the rows of `page_value`."""

    def finish(rows: list[Row], pending: list[Pending]) -> Row:
        for row in rows:
            child.finish(row["node"], pending)
        return connection(order, page, rows)

    return finish


def add_page(
    into: Projection, name: LiteralString, used: Field, order: Order, child: Projection
) -> None:
    """Add a connection as entry `name` of a projection, its nodes projected by `child`.

    Raises:
        InvalidInput: `first` is out of range, or `after` is no cursor of this order.
    """
    page = page_of(used)
    into.add_child(
        name,
        page_value(order, into.node, child, f"{into.path}.{name}"),
        key=response_key(used),
        parameters={**child.parameters, **order.parameters(page)},
        finish=page_finish(order, page, child),
    )
