"""Run GraphQL operations: parsed and validated once per text, executed for one caller.

It stands behind every transport: HTTP, both WebSocket protocols.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Hashable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from functools import lru_cache
from inspect import isawaitable
from typing import Any, Final, cast

import orjson
from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    OperationType,
    create_source_event_stream,
    execute,
    execute_subscription_event,
    get_operation_ast,
    parse,
    specified_rules,
    validate,
)
from graphql import Executor as Execution
from graphql.validation.rules import overlapping_fields_can_be_merged

from app.context import RequestContext, Services
from app.errors import Unauthenticated, coded, format_error
from app.groups import group_of
from app.realtime.edition import Told
from app.realtime.operations import OperationError, Result
from app.realtime.outlet import Outlet
from app.realtime.source import Source
from graph.projection import Row
from graph.viewer import Viewer

_LONGEST_TEXT: Final = 65_536
_MOST_TOKENS: Final = 5_000
_CACHED_DOCUMENTS: Final = 256
_LONGEST_CACHED_TEXT: Final = 4_096
# Fields with one name are compared in pairs, on the event loop: the library's own budget lets a
# request of 9 kB, from anybody, hold up everybody else for seconds.
overlapping_fields_can_be_merged.MAX_COMPLEXITY_BUDGET = 50_000
Caller = Viewer | Unauthenticated | None


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation that is valid against the schema.

    Args:
        document: The whole document.
        definition: The operation in it that is to be run.
        name: Its name, where the client gave one.
        text: The document as the client sent it.
        variables: As the client sent them.
    """

    document: DocumentNode
    definition: OperationDefinitionNode
    name: str | None
    text: str
    variables: Mapping[str, Any] | None

    @property
    def is_subscription(self) -> bool:
        """Whether it is to be subscribed to, not executed."""
        return self.definition.operation is OperationType.SUBSCRIPTION

    @property
    def is_query(self) -> bool:
        """Whether it only reads."""
        return self.definition.operation is OperationType.QUERY


class Executor:
    """Runs operations against one schema.

    Args:
        schema: The executable schema.
        services: What resolvers use.
        introspection: Whether clients may read the schema.
    """

    def __init__(
        self, schema: GraphQLSchema, services: Services, *, introspection: bool = True
    ) -> None:
        self._schema = schema
        self._services = services
        self._rules = (
            specified_rules
            if introspection
            else (*specified_rules, NoSchemaIntrospectionCustomRule)
        )
        self._cached_document = lru_cache(_CACHED_DOCUMENTS)(self._parse_and_validate)

    def prepare(self, payload: Mapping[str, Any]) -> Operation:
        """Parse and validate a request's `query`, `operationName` and `variables`.

        Raises:
            OperationError: It does not parse, is not valid, or names no operation of its own.
        """
        text = payload["query"]
        document = self._document(text)
        name = payload.get("operationName") or None
        definition = get_operation_ast(document, name)
        if definition is None:
            known = f"no operation {name!r}" if name else "several operations; name one of them"
            message = f"The document has {known} (`operationName`)."
            raise OperationError([coded(GraphQLError(message), "BAD_USER_INPUT")])
        return Operation(document, definition, name, text, payload.get("variables"))

    def _document(self, text: str) -> DocumentNode:
        # A document takes up to 500 bytes for each of its characters, so large ones are not kept.
        is_short = len(text) <= _LONGEST_CACHED_TEXT
        return self._cached_document(text) if is_short else self._parse_and_validate(text)

    def _parse_and_validate(self, text: str) -> DocumentNode:
        """Parse and validate a text; what raises is not kept and drives nothing out."""
        if len(text) > _LONGEST_TEXT:
            message = f"The document has {len(text)} characters; send at most {_LONGEST_TEXT}."
            raise OperationError([coded(GraphQLError(message), "BAD_USER_INPUT")])
        try:
            document = parse(text, max_tokens=_MOST_TOKENS)
        except GraphQLSyntaxError as error:
            raise OperationError([coded(error, "GRAPHQL_PARSE_FAILED")]) from error
        errors = validate(self._schema, document, self._rules)
        if errors:
            raise OperationError([coded(error, "GRAPHQL_VALIDATION_FAILED") for error in errors])
        return document

    async def execute(self, operation: Operation, caller: Caller) -> dict[str, Any]:
        """Execute a query or mutation and give the response.

        Raises:
            OperationError: The variables are not what the operation asks for.
        """
        result = execute(
            self._schema,
            operation.document,
            context_value=RequestContext(self._services, caller),
            variable_values=cast("dict[str, Any] | None", operation.variables),
            operation_name=operation.name,
        )
        executed = await result if isawaitable(result) else result
        if executed.data is None and not any(error.path for error in executed.errors or ()):
            raise OperationError([format_error(error) for error in executed.errors or ()])
        return _response(executed)

    async def subscribe(
        self, operation: Operation, caller: Caller, outlet: Outlet | None = None
    ) -> AsyncGenerator[Result, None]:
        """Subscribe and give the responses, one for each event.

        Args:
            operation: The subscription.
            caller: Who subscribes.
            outlet: Takes responses at once, and is told how far the client has been told.

        Raises:
            OperationError: The subscription is refused; the generator raises it when it fails
                later on.
        """
        subscription = Execution.build(
            self._schema,
            operation.document,
            None,
            RequestContext(self._services, caller),
            cast("dict[str, Any] | None", operation.variables),
            operation.name,
        )
        if isinstance(subscription, list):
            raise OperationError([format_error(error) for error in subscription])
        opened = create_source_event_stream(subscription)
        source = await opened if isawaitable(opened) else opened
        if isinstance(source, ExecutionResult):
            raise OperationError([format_error(error) for error in source.errors or []])

        async def respond(row: Row) -> dict[str, Any]:
            event = subscription.build_per_event_executor(row)
            event.context_value = RequestContext(self._services, caller)
            result = execute_subscription_event(event)
            return _response(await result if isawaitable(result) else result)

        async def render(row: Row) -> bytes:
            return orjson.dumps(await respond(row))

        if not isinstance(source, Source):
            raise TypeError(f"A subscription is resolved to a Source, not to {source!r}.")
        return _results(
            source.events(_group_of(operation, subscription), render, outlet or Outlet()), respond
        )


def _group_of(operation: Operation, subscription: Execution[Any]) -> Hashable:
    variables = subscription.variable_values.coerced
    return group_of(operation.document, operation.definition, operation.text, variables)


async def _results(
    events: AsyncGenerator[Row | Told, None], respond: Callable[[Row], Awaitable[dict[str, Any]]]
) -> AsyncGenerator[Result, None]:
    try:
        async with aclosing(events):
            async for event in events:
                if isinstance(event, Told):
                    yield orjson.Fragment(event.payload)
                else:
                    yield await respond(event)
    except Exception as error:
        located = GraphQLError("The subscription failed.", original_error=error)
        raise OperationError([format_error(located)]) from error


def _response(result: ExecutionResult) -> dict[str, Any]:
    response: dict[str, Any] = {}
    if result.errors:
        response["errors"] = [format_error(error) for error in result.errors]
    response["data"] = result.data
    return response
