"""Authorisation is in the schema: `@auth` and `@public`, one of the two on every root field."""

from collections.abc import Callable
from functools import wraps
from inspect import isawaitable
from typing import Any, cast

from ariadne import SchemaDirectiveVisitor
from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    default_field_resolver,
)

from app.context import Info
from graph.viewer import Role


class AuthDirective(SchemaDirectiveVisitor):
    """`@auth(role)`: refuses callers who are not logged in or lack the role."""

    def visit_field_definition(
        self, field: GraphQLField, object_type: GraphQLObjectType | GraphQLInterfaceType
    ) -> GraphQLField:
        """Put the check before the field's resolver, or before its subscription begins."""
        del object_type
        role = Role[cast("str", self.args["role"])]
        if field.subscribe is not None:
            field.subscribe = _guarded_source(field.subscribe, role)
        else:
            field.resolve = _guarded(field.resolve or default_field_resolver, role)
        return field


class PublicDirective(SchemaDirectiveVisitor):
    """`@public`: says that nobody is refused."""

    def visit_field_definition(
        self, field: GraphQLField, object_type: GraphQLObjectType | GraphQLInterfaceType
    ) -> GraphQLField:
        """Leave the field as it is."""
        del object_type
        return field


def _guarded(resolve: Callable[..., Any], role: Role) -> Callable[..., Any]:
    @wraps(resolve)
    def guarded(root: Any, info: Info, **arguments: Any) -> Any:
        info.context.check_role(role)
        return resolve(root, info, **arguments)

    return guarded


def _guarded_source(subscribe: Callable[..., Any], role: Role) -> Callable[..., Any]:
    @wraps(subscribe)
    async def guarded(root: Any, info: Info, **arguments: Any) -> Any:
        info.context.check_role(role)
        source = subscribe(root, info, **arguments)
        return await source if isawaitable(source) else source

    return guarded


def check_every_root_field(schema: GraphQLSchema) -> None:
    """Refuse a schema with a root field that does not say who may use it.

    Raises:
        TypeError: Names the field.
    """
    for root in (schema.query_type, schema.mutation_type, schema.subscription_type):
        for name, field in (root.fields if root else {}).items():
            node = field.ast_node
            directives = node.directives if node else None
            said = {each.name.value for each in directives or ()}
            if len(said & {"auth", "public"}) != 1:
                raise TypeError(f"{root}.{name} needs @auth or @public in the SDL, one of the two.")
