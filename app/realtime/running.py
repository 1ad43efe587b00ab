"""The operations that run on one socket."""

import asyncio
from collections.abc import Coroutine
from types import TracebackType
from typing import Self


class RunningOperations:
    """Operations by id, each a task; leaving this context ends and awaits them.

    Each is cancelled once and no more, as a task group would not have it: a second cancellation
    would hit the clean-up that the first has begun.

    An id is free again as soon as its operation is stopped, but the operation counts until its
    clean-up is done: nobody gets more than their share by stopping quickly.
    """

    def __init__(self) -> None:
        self._by_id: dict[str, asyncio.Task[None]] = {}
        self._alive: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        for id_ in list(self._by_id):
            self.stop(id_)
        if self._alive:
            await asyncio.wait(self._alive)

    def __len__(self) -> int:
        return len(self._alive)

    def __contains__(self, id_: str) -> bool:
        return id_ in self._by_id

    def start(self, id_: str, operation: Coroutine[None, None, None]) -> None:
        """Run an operation, which must not raise, under a free id."""
        task = asyncio.create_task(operation)
        self._by_id[id_] = task
        self._alive.add(task)
        task.add_done_callback(self._alive.discard)

    def stop(self, id_: str) -> bool:
        """Stop an operation; tell whether there was one."""
        task = self._by_id.pop(id_, None)
        return task is not None and task.cancel()

    def release(self, id_: str) -> None:
        """Free the id of the operation that calls this, unless another has it by now."""
        if self._by_id.get(id_) is asyncio.current_task():
            del self._by_id[id_]
