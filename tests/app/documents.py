"""Generate operations from the schema, so that a test covers the fields that come later too."""

from collections.abc import Mapping
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_leaf_type,
    is_required_argument,
    is_required_input_field,
)

from graph.pages import encode_cursor

_BY_NAME = {
    "upTo": f'"{encode_cursor("notifications", ["x"])}"',
    "url": '"https://example.org"',
}
_LITERALS = {"ID": '"x"', "String": '"x"', "Int": "1", "Boolean": "true", "Upload": "$file"}


def root_fields(schema: GraphQLSchema) -> dict[str, GraphQLField]:
    """Give every root field by `query.me`, `mutation.logIn` …"""
    roots = (
        ("query", schema.query_type),
        ("mutation", schema.mutation_type),
        ("subscription", schema.subscription_type),
    )
    return {
        f"{kind}.{name}": field
        for kind, root in roots
        for name, field in (root.fields if root else {}).items()
    }


def smallest_operation(schema: GraphQLSchema, name: str) -> str:
    """Write the smallest valid operation that asks for one root field.

    One that uploads has the variable `file`, as a file is never a literal.
    """
    kind, _, field_name = name.partition(".")
    field = root_fields(schema)[name]
    arguments = _arguments(field.args)
    variables = "($file: Upload!) " if "$file" in arguments else ""
    return f"{kind} {variables}{{ {field_name}{arguments}{_below(field, 2)} }}"


def _arguments(arguments: dict[str, GraphQLArgument]) -> str:
    wanted = {name: each for name, each in arguments.items() if is_required_argument(each)}
    return f"({_given(wanted)})" if wanted else ""


def _given(wanted: Mapping[str, GraphQLArgument | GraphQLInputField]) -> str:
    return ", ".join(f"{n}: {_BY_NAME.get(n) or _value(each)}" for n, each in wanted.items())


def _value(argument: GraphQLArgument | GraphQLInputField) -> str:
    match get_named_type(argument.type):
        case GraphQLEnumType() as enum:
            return str(next(iter(enum.values)))
        case GraphQLInputObjectType() as given:
            return "{" + _given(_wanted(given)) + "}"
        case named:
            return _LITERALS[named.name]


def _wanted(given: GraphQLInputObjectType) -> dict[str, GraphQLInputField]:
    if given.is_one_of:
        return dict([next(iter(given.fields.items()))])
    return {n: field for n, field in given.fields.items() if is_required_input_field(field)}


def _below(field: GraphQLField, levels: int) -> str:
    named: Any = get_named_type(field.type)
    if is_leaf_type(named):
        return ""
    selected = ["__typename"]
    if isinstance(named, GraphQLObjectType) and levels:
        selected += [
            name + _arguments(below.args) + _below(below, levels - 1)
            for name, below in named.fields.items()
            if name != "userErrors" and isinstance(below.type, GraphQLNonNull)
        ]
    return " { " + " ".join(selected) + " }"
