"""From GraphQL to the graph's terms: what a client selected, by type, arguments resolved."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, cast

from ariadne import convert_camel_case_to_snake
from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLCompositeType,
    GraphQLField,
    GraphQLIncludeDirective,
    GraphQLObjectType,
    GraphQLSkipDirective,
    SelectionNode,
    SelectionSetNode,
    get_argument_values,
    get_directive_values,
    get_named_type,
    is_abstract_type,
    is_composite_type,
)

from app.context import Info
from graph.errors import InvalidInput
from graph.selection import Field, Selection, merge

MOST_FIELDS: Final = 2_000
DEEPEST: Final = 24


def select(info: Info, member: str | None = None) -> Selection:
    """Give what is selected below the field that is being resolved.

    Args:
        info: Of the field.
        member: The concrete type that the field will give, where its type is a union.

    Raises:
        InvalidInput: The selection is larger or deeper than the API reads at once.
    """
    named = info.schema.get_type(member) if member else get_named_type(info.return_type)
    walk = _Walk(info)
    return merge(
        walk.selection(node.selection_set, cast("GraphQLObjectType", named), 1)
        for node in info.field_nodes
        if node.selection_set
    )


def select_child(info: Info, name: str, type_name: str, member: str | None = None) -> Selection:
    """Give what is selected of one object in the answer: a payload's post, for one."""
    return select(info, member).child(name, type_name)


@dataclass(slots=True)
class _Walk:
    """Reads one field's selections."""

    info: Info
    count: int = 0

    def selection(self, node: SelectionSetNode, parent: GraphQLObjectType, depth: int) -> Selection:
        if depth > DEEPEST:
            raise InvalidInput(f"The query is nested more than {DEEPEST} levels deep.")
        nodes = self._nodes(node, parent, set())
        return merge(Selection((self._field(each, parent, depth),)) for each in nodes)

    def _nodes(
        self, node: SelectionSetNode, parent: GraphQLObjectType, spread: set[str]
    ) -> Iterator[FieldNode]:
        """Yield a selection set's fields, those of its fragments too.

        Source: GraphQL specification, CollectFields: a named fragment counts once in a set, which
        also keeps fragments that double each other from being walked more often than they are.
        """
        for each in node.selections:
            if not self._is_included(each):
                continue
            if isinstance(each, FieldNode):
                if not each.name.value.startswith("__"):
                    yield each
            else:
                yield from self._fragment(each, parent, spread)

    def _fragment(
        self, node: Any, parent: GraphQLObjectType, spread: set[str]
    ) -> Iterator[FieldNode]:
        if isinstance(node, FragmentSpreadNode):
            name = node.name.value
            if name in spread:
                return
            spread.add(name)
            node = self.info.fragments[name]
        condition = node.type_condition
        if condition is None or self._matches(condition.name.value, parent):
            yield from self._nodes(node.selection_set, parent, spread)

    def _matches(self, type_name: str, parent: GraphQLObjectType) -> bool:
        if type_name == parent.name:
            return True
        named = self.info.schema.get_type(type_name)
        return is_abstract_type(named) and self.info.schema.is_sub_type(named, parent)

    def _is_included(self, node: SelectionNode) -> bool:
        values = self.info.variable_values
        skip = get_directive_values(GraphQLSkipDirective, node, values)
        include = get_directive_values(GraphQLIncludeDirective, node, values)
        return not (skip and skip["if"]) and (include is None or bool(include["if"]))

    def _field(self, node: FieldNode, parent: GraphQLObjectType, depth: int) -> Field:
        self.count += 1
        if self.count > MOST_FIELDS:
            raise InvalidInput(f"The query selects more than {MOST_FIELDS} fields below one root.")
        definition = parent.fields[node.name.value]
        named = get_named_type(definition.type)
        children: dict[str, Selection] = {}
        if is_composite_type(named) and node.selection_set:
            for concrete in self._concrete(named):
                children[concrete.name] = self.selection(node.selection_set, concrete, depth + 1)
        return Field(
            convert_camel_case_to_snake(node.name.value),
            node.alias.value if node.alias else node.name.value,
            self._arguments(definition, node),
            children,
        )

    def _arguments(self, definition: GraphQLField, node: FieldNode) -> dict[str, Any]:
        given = get_argument_values(definition, node, self.info.variable_values)
        left_out: dict[str, Any] = {
            argument.out_name or name: None for name, argument in definition.args.items()
        }
        return left_out | given

    def _concrete(self, named: GraphQLCompositeType) -> list[GraphQLObjectType]:
        if is_abstract_type(named):
            return list(self.info.schema.get_possible_types(named))
        return [cast("GraphQLObjectType", named)]
