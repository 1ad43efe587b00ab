"""What a client wants of each type, in neutral terms: the read side's one input.

Names are snake_case. A field with arguments (a connection, a thread) is kept apart per response
key, so that `best: comments(sort: BEST)` and `new: comments(sort: NEW)` can stand side by side;
fields without arguments are one, whatever their aliases.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, LiteralString

from graph.errors import InvalidInput

SLOTS: Final[tuple[LiteralString, ...]] = ("_0", "_1", "_2", "_3", "_4", "_5", "_6", "_7")
"""Endings that keep apart the same field asked for several times with different arguments."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a selection.

    Args:
        name: Its name in snake_case.
        key: Its response key: the alias, or the name as the client wrote it.
        arguments: Its arguments by their name in snake_case, defaults filled in.
        children: What is selected below, by the concrete type it holds for; empty on a leaf.
    """

    name: str
    key: str
    arguments: Mapping[str, Any] = field(default_factory=dict[str, Any])
    children: "Mapping[str, Selection]" = field(default_factory=dict[str, "Selection"])


@dataclass(frozen=True, slots=True)
class Selection:
    """The fields that a client selected on one type."""

    fields: tuple[Field, ...] = ()

    def __contains__(self, name: str) -> bool:
        return any(each.name == name for each in self.fields)

    def mentions(self, name: str) -> bool:
        """Tell whether a field of this name is selected here or anywhere below."""
        return any(
            each.name == name or any(child.mentions(name) for child in each.children.values())
            for each in self.fields
        )

    def child(self, name: str, type_name: str) -> "Selection":
        """Give what is selected below a field without arguments, its aliases merged."""
        return merge(
            each.children[type_name]
            for each in self.fields
            if each.name == name and type_name in each.children
        )

    def slotted(self, name: str) -> "Iterator[tuple[LiteralString, Field]]":
        """Yield each use of a field with arguments, with an ending that is its own.

        Raises:
            InvalidInput: More uses of one field than there are endings.
        """
        uses = [each for each in self.fields if each.name == name]
        if len(uses) > len(SLOTS):
            raise InvalidInput(
                f"`{uses[0].key}` and others select the same field {len(uses)} times in one "
                f"place; select it at most {len(SLOTS)} times."
            )
        return zip(SLOTS, uses, strict=False)


def merge(selections: Iterator[Selection]) -> Selection:
    """Join selections on the same object into one.

    Raises:
        InvalidInput: Two of them use one response key for different things.
    """
    merged: dict[str, Field] = {}
    for each in (each for selection in selections for each in selection.fields):
        merged[each.key] = _joined(merged[each.key], each) if each.key in merged else each
    return Selection(tuple(merged.values()))


def _joined(first: Field, second: Field) -> Field:
    if (first.name, first.arguments) != (second.name, second.arguments):
        raise InvalidInput(
            f"`{first.key}` is selected twice on the same object with different arguments. "
            "Give one of the two an alias of its own."
        )
    types = {**first.children, **second.children}
    children = {
        name: merge(each.children[name] for each in (first, second) if name in each.children)
        for name in types
    }
    return Field(first.name, first.key, first.arguments, children)
