"""Which subscriptions are told the same, so that they are told together."""

from collections.abc import Hashable, Iterator, Mapping
from hashlib import sha256
from typing import Any, Final

import orjson
from graphql import (
    SKIP,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    Node,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    Visitor,
    visit,
)

_BEGINNING: Final = "after"
"""The argument of a subscription that says where it begins, and nothing of what it tells."""


def group_of(
    document: DocumentNode,
    definition: OperationDefinitionNode,
    text: str,
    variables: Mapping[str, Any],
) -> Hashable:
    """Give what is equal for subscriptions that are told the same.

    That is the text, the operation in it and its variables, except those that only say where a
    subscription begins: clients that come back from different places are told the same from then
    on. Variables that the operation does not declare tell nobody apart.

    Args:
        document: The text, parsed and valid.
        definition: The operation in it.
        text: What the client sent.
        variables: Coerced values of the variables that the operation declares.
    """
    telling = _variables_beside_the_beginning(document, definition)
    told = {name: value for name, value in variables.items() if name in telling}
    # As text, since orjson's bytes hold on to a buffer of 4 KiB for as long as they live.
    written = orjson.dumps(told, default=repr, option=orjson.OPT_SORT_KEYS).decode()
    digest = sha256(text.encode("utf-8", "surrogatepass")).digest()
    return digest, definition.name.value if definition.name else None, written


class _Uses(Visitor):
    """Collects the variables that are used anywhere but in some values."""

    def __init__(self, passed_by: set[int]) -> None:
        super().__init__()
        self._passed_by = passed_by
        self.names = set[str]()

    def enter_variable_definition(self, *_: Any) -> Any:
        return SKIP

    def enter_variable(self, node: VariableNode, *_: Any) -> None:
        if id(node) not in self._passed_by:
            self.names.add(node.name.value)


def _variables_beside_the_beginning(
    document: DocumentNode, definition: OperationDefinitionNode
) -> set[str]:
    fragments = {
        each.name.value: each
        for each in document.definitions
        if isinstance(each, FragmentDefinitionNode)
    }
    uses = _Uses({*map(id, _beginnings(definition.selection_set, fragments))})
    for each in (definition, *fragments.values()):
        visit(each, uses)
    return uses.names


def _beginnings(
    selections: SelectionSetNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> Iterator[Node]:
    """Yield the value of each root field's beginning; a valid document's fragments end."""
    for each in selections.selections:
        if isinstance(each, FieldNode):
            yield from (a.value for a in each.arguments or () if a.name.value == _BEGINNING)
        elif isinstance(each, FragmentSpreadNode):
            yield from _beginnings(fragments[each.name.value].selection_set, fragments)
        elif isinstance(each, InlineFragmentNode):
            yield from _beginnings(each.selection_set, fragments)
