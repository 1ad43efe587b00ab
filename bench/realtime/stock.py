"""Ariadne's own handler on the same server: `python -m bench.realtime.stock --port PORT`."""

import argparse
import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import uvloop
from ariadne import SubscriptionType, UnionType, make_executable_schema
from ariadne.asgi import GraphQL
from ariadne.asgi.handlers import GraphQLTransportWSHandler
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute

from bench.realtime.event import SDL, comment_added
from bench.realtime.floors import serve
from bench.realtime.ticker import Emit


def build() -> tuple[Starlette, Emit]:
    """Build the application, and what sends an event to all of its subscribers."""
    queues: set[asyncio.Queue[dict[str, Any]]] = set()
    subscription = SubscriptionType()

    async def listen(*_: object, **__: object) -> AsyncGenerator[dict[str, Any], None]:
        queue = asyncio.Queue[dict[str, Any]]()
        queues.add(queue)
        try:
            while True:
                yield await queue.get()
        finally:
            queues.discard(queue)

    def emit(number: int) -> None:
        event = comment_added(number)
        for queue in queues:
            queue.put_nowait(event)

    subscription.set_source("commentAdded", listen)
    subscription.set_field("commentAdded", lambda event, *_, **__: event)
    union = UnionType("CommentEvent", lambda event, *_: event["__typename"])
    schema = make_executable_schema(SDL, subscription, union)
    graphql = GraphQL(schema, websocket_handler=GraphQLTransportWSHandler())
    return Starlette(routes=[WebSocketRoute("/graphql", graphql)]), emit


async def main(port: int) -> None:
    """Serve."""
    app, emit = build()
    await serve(app, port, emit)


if __name__ == "__main__":
    parser = argparse.ArgumentParser("python -m bench.realtime.stock", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    uvloop.run(main(parser.parse_args().port))
