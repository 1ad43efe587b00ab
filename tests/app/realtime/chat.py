"""A small application behind the socket: a schema, its operations and its doorkeeper."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    GraphQLSyntaxError,
    OperationType,
    build_schema,
    execute,
    get_operation_ast,
    parse,
    subscribe,
    validate,
)

from app.realtime.operations import AuthenticationRefused, OperationError, Payload, Result
from app.realtime.outlet import Outlet
from app.realtime.seats import Seats

SCHEMA = build_schema("""
type Query { hello: String  whoami: String  slow: String }
type Mutation { add(n: Int!): Int }
type Subscription {
  count(to: Int!): Int  forever: Int  never: Int  flood: String  broken: Int  forbidden: Int
}
""")


@dataclass(frozen=True)
class Prepared:
    document: DocumentNode
    payload: Payload
    is_subscription: bool
    is_query: bool


@dataclass(frozen=True)
class Login:
    viewer: str | None
    end: asyncio.Event

    async def ended(self) -> str:
        await self.end.wait()
        return "Token expired"


class Root:
    """Resolvers, and a count of the subscriptions that are open."""

    def __init__(self) -> None:
        self.total = 0
        self.open_count = 0

    def hello(self, _: Any) -> str:
        return "world"

    def whoami(self, info: Any) -> Any:
        return info.context

    async def slow(self, _: Any) -> str:
        self.open_count += 1
        try:
            await asyncio.sleep(60)
        finally:
            self.open_count -= 1
        return "late"

    def add(self, _: Any, n: int) -> int:
        self.total += n
        return self.total

    async def source(self, name: str, to: int) -> AsyncGenerator[dict[str, Any], None]:
        self.open_count += 1
        try:
            if name == "broken":
                raise RuntimeError("a bug of ours")
            for n in range(to):
                yield {name: "x" * 8000 if name == "flood" else n}
                await asyncio.sleep(0)
            await asyncio.sleep(0 if name == "count" else 60)
        finally:
            await asyncio.sleep(0)
            self.open_count -= 1

    def count(self, _: Any, to: int) -> AsyncGenerator[dict[str, Any], None]:
        return self.source("count", to)

    def forever(self, _: Any) -> AsyncGenerator[dict[str, Any], None]:
        return self.source("forever", 3)

    def never(self, _: Any) -> AsyncGenerator[dict[str, Any], None]:
        return self.source("never", 0)

    def flood(self, _: Any) -> AsyncGenerator[dict[str, Any], None]:
        return self.source("flood", 100_000)

    def broken(self, _: Any) -> AsyncGenerator[dict[str, Any], None]:
        return self.source("broken", 1)

    def forbidden(self, _: Any) -> None:
        raise GraphQLError("Not yours.", extensions={"code": "FORBIDDEN"})


class ChatOperations:
    def __init__(self) -> None:
        self.root = Root()

    def prepare(self, payload: Payload) -> Prepared:
        try:
            document = parse(payload["query"])
        except GraphQLSyntaxError as error:
            raise OperationError([dict(error.formatted)]) from error
        if errors := validate(SCHEMA, document):
            raise OperationError([dict(error.formatted) for error in errors])
        operation = get_operation_ast(document, payload.get("operationName"))
        if operation is None:
            raise OperationError([{"message": "Unknown operation."}])
        kind = operation.operation
        return Prepared(
            document, payload, kind is OperationType.SUBSCRIPTION, kind is OperationType.QUERY
        )

    async def execute(self, prepared: Prepared, viewer: Any) -> Result:
        result: Any = execute(SCHEMA, prepared.document, **self._arguments(prepared, viewer))
        return dict((await result if asyncio.iscoroutine(result) else result).formatted)

    async def subscribe(
        self, prepared: Prepared, viewer: Any, outlet: Outlet | None = None
    ) -> AsyncGenerator[Result, None]:
        if outlet:
            outlet.cursor = lambda: "e_7"
        results: Any = subscribe(SCHEMA, prepared.document, **self._arguments(prepared, viewer))
        if asyncio.iscoroutine(results):
            results = await results
        if isinstance(results, ExecutionResult):
            raise OperationError([dict(error.formatted) for error in results.errors or ()])
        return self._formatted(results)

    async def _formatted(self, results: Any) -> AsyncGenerator[Result, None]:
        async with aclosing(results):
            async for result in results:
                yield dict(result.formatted)

    def _arguments(self, prepared: Prepared, viewer: Any) -> dict[str, Any]:
        return {
            "root_value": self.root,
            "context_value": viewer,
            "variable_values": prepared.payload.get("variables"),
            "operation_name": prepared.payload.get("operationName"),
        }


class Doorkeeper:
    """Opens to everyone but the bearer of `forged`; `slow` takes long, `guest` may come twice."""

    def __init__(self) -> None:
        self.logins_end = asyncio.Event()
        self._seats = Seats(2)

    @asynccontextmanager
    async def __call__(self, token: str | None) -> AsyncIterator[Login]:
        match token:
            case "forged":
                raise AuthenticationRefused("The token is not one of ours.")
            case "outage":
                raise ConnectionError("the database is away")
            case "slow":
                await asyncio.sleep(60)
        with self._seats.taken("guest" if token == "guest" else None):
            yield Login(token, self.logins_end)

    def by_header(self, authorization: str | None) -> AbstractAsyncContextManager[Login]:
        return self(authorization.removeprefix("Bearer ") if authorization else None)
