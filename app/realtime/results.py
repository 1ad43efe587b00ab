"""The results of one operation, of whatever kind it is."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from app.realtime.buffer import Push
from app.realtime.operations import Operations, Payload, Result


async def results_of(
    operations: Operations, payload: Payload, viewer: Any, push: Push | None = None
) -> AsyncGenerator[Result, None]:
    """Run an operation and give its results: one of a query or mutation, any number of others.

    Args:
        operations: What runs it.
        payload: The request.
        viewer: Who asks.
        push: Takes at once what many subscribers are told, instead of the generator, if it can.

    Raises:
        OperationError: It is refused, or cannot go on.
    """
    prepared = operations.prepare(payload)
    if not prepared.is_subscription:
        yield await operations.execute(prepared, viewer)
        return
    async with aclosing(await operations.subscribe(prepared, viewer, push)) as results:
        async for result in results:
            yield result
