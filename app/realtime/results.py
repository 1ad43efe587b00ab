"""The results of one operation, of whatever kind it is."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from app.realtime.operations import Operations, Payload, Result
from app.realtime.outlet import Outlet


async def results_of(
    operations: Operations, payload: Payload, viewer: Any, outlet: Outlet | None = None
) -> AsyncGenerator[Result, None]:
    """Run an operation and give its results: one of a query or mutation, any number of others.

    Args:
        operations: What runs it.
        payload: The request.
        viewer: Who asks.
        outlet: Of the socket, for a subscription.

    Raises:
        OperationError: It is refused, or cannot go on.
    """
    prepared = operations.prepare(payload)
    if not prepared.is_subscription:
        yield await operations.execute(prepared, viewer)
        return
    async with aclosing(await operations.subscribe(prepared, viewer, outlet)) as results:
        async for result in results:
            yield result
