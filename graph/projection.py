"""From a selection to a Cypher map projection: one statement reads all that a client asked for.

A projection is text for one node, its parameters, and what remains to be done to its rows. Text
is joined from literals in a fixed order, so that equal shapes of queries share one plan; scalars
always come whole. Parameters are nested as the text is: a page of comments below a post reads
`$s.comments_0.limit`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, LiteralString

from graph.selection import Field, Selection

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Pending:
    """A page of comments whose order had to be known before they could be read.

    Args:
        ids: Ids of the comments.
        selection: What is wanted of each.
        deliver: Takes the comments that are still there, by id.
    """

    ids: list[str]
    selection: Selection
    deliver: Callable[[Mapping[str, Row]], None]


Finish = Callable[[Any, list[Pending]], Any]
"""Turns what a statement gave into what a resolver returns; may ask for more comments."""


@dataclass(slots=True)
class Projection:
    """A map projection under construction.

    Args:
        node: The variable whose node is projected.
        path: Where its parameters are, `$s` for instance.
        conceal: Takes out of a finished row what its viewer may not see.
    """

    node: LiteralString
    path: LiteralString
    parts: list[LiteralString] = field(default_factory=list[LiteralString])
    parameters: dict[str, Any] = field(default_factory=dict[str, Any])
    conceal: Callable[[Row], None] | None = None
    _finish: list[tuple[str, str, Finish]] = field(default_factory=list[tuple[str, str, Finish]])

    @property
    def text(self) -> LiteralString:
        """The Cypher expression."""
        return self.node + " {" + ", ".join(self.parts) + "}"

    def add(self, *parts: LiteralString) -> None:
        """Add entries of the map that need nothing more."""
        self.parts.extend(parts)

    def add_child(
        self,
        name: LiteralString,
        value: LiteralString,
        *,
        key: str,
        parameters: Mapping[str, Any],
        finish: Finish,
    ) -> None:
        """Add an entry that has parameters of its own and is finished after reading.

        Args:
            name: Its key in the map that Cypher makes.
            value: The Cypher expression.
            key: Where the finished value is put in the row.
            parameters: What the expression finds at `<path>.<name>`.
            finish: Makes the finished value.
        """
        self.parts.append(name + ": " + value)
        if parameters:
            self.parameters[name] = dict(parameters)
        self._finish.append((name, key, finish))

    def finish(self, row: Row, pending: list[Pending]) -> Row:
        """Finish a row of this projection in place and return it."""
        for name, key, finish in self._finish:
            row[key] = finish(row.pop(name), pending)
        if self.conceal:
            self.conceal(row)
        return row

    def finish_optional(self, row: Row | None, pending: list[Pending]) -> Row | None:
        """Finish a row that may not be there."""
        return None if row is None else self.finish(row, pending)


def response_key(used: Field) -> str:
    """Name the entry of a row that holds a field with arguments."""
    return "@" + used.key


def add_all(into: Projection, name: LiteralString, match: LiteralString, child: Projection) -> None:
    """Add every node that `match` finds as `child.node`, in its order."""

    def finish(rows: list[Row], pending: list[Pending]) -> list[Row]:
        return [child.finish(row, pending) for row in rows]

    into.add_child(
        name,
        f"COLLECT {{ {match} RETURN {child.text} AS row }}",
        key=name,
        parameters=child.parameters,
        finish=finish,
    )


def add_one(
    into: Projection,
    name: LiteralString,
    match: LiteralString,
    child: Projection,
) -> None:
    """Add the one node that `match` finds as `child.node`; null when it finds none."""
    into.add_child(
        name,
        f"head(COLLECT {{ {match} RETURN {child.text} AS row }})",
        key=name,
        parameters=child.parameters,
        finish=child.finish_optional,
    )
