"""Run statements: `AsyncGraph` for the API, `Graph` for jobs and commands.

A statement is one transaction. Both runners repeat a statement that the server asks to repeat
(deadlock, leader switch) and one whose connection was lost, until the deadline; statements are
written so that this is safe.
"""

import asyncio
import time
from collections.abc import Generator
from contextlib import contextmanager
from functools import partial
from types import TracebackType
from typing import Any, Final, Self, TypeGuard, TypeVar, cast

import neo4j
from neo4j.exceptions import (
    DriverError,
    Neo4jError,
    ServiceUnavailable,
    SessionExpired,
)

from graph.first_runs import FirstRuns
from graph.repeating import (
    FIRST_PAUSE_S,
    in_our_words,
    is_repeatable,
    is_timeout,
    pauses,
    unavailable,
)
from graph.settings import GraphSettings
from graph.statement import Statement

T = TypeVar("T")
_GRACE_S: Final = 0.5
_LONGEST_OPENING_S: Final = 3.0
_PLANNING_S: Final = 30.0
"""How long Neo4j may plan what nobody waits for any more."""


def _connection_timeout_s(settings: GraphSettings) -> float:
    return min(_LONGEST_OPENING_S, settings.neo4j_timeout_s)


def _driver_options(settings: GraphSettings) -> dict[str, Any]:
    return {
        "auth": (settings.neo4j_user, settings.neo4j_password.get_secret_value()),
        "max_connection_pool_size": settings.neo4j_pool_size,
        "connection_acquisition_timeout": settings.neo4j_timeout_s,
        "connection_timeout": _connection_timeout_s(settings),
        "max_transaction_retry_time": settings.neo4j_timeout_s,
        "keep_alive": True,
        "telemetry_disabled": True,
        "notifications_min_severity": "OFF",
        "user_agent": "nexus",
    }


def _is_further(answer: T | Statement[T]) -> TypeGuard[Statement[T]]:
    return isinstance(answer, Statement)


class _Runner:
    """What the two runners share: sessions' options and the count of what ran."""

    def __init__(self, settings: GraphSettings) -> None:
        self.settings = settings
        self.statement_count = 0
        """How many statements were run, repetitions left out."""

    def _session_options(self, statement: Statement[Any]) -> dict[str, Any]:
        return {
            "database": self.settings.neo4j_database,
            "default_access_mode": statement.access.value,
        }

    def _query(self, statement: Statement[Any], deadline: float) -> neo4j.Query:
        left_s = max(deadline - time.monotonic(), FIRST_PAUSE_S)
        return neo4j.Query(statement.text, timeout=left_s)


class AsyncGraph(_Runner):
    """Runs statements on an asyncio event loop; belongs to the loop that first used it."""

    def __init__(self, settings: GraphSettings) -> None:
        super().__init__(settings)
        self.driver = neo4j.AsyncGraphDatabase.driver(
            settings.neo4j_uri, **_driver_options(settings)
        )
        self._first_runs = FirstRuns()
        self._running: set[asyncio.Task[Any]] = set()
        self._planning: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close every connection, once what still runs has ended; nobody waits for plans."""
        await asyncio.gather(*self._running, return_exceptions=True)
        for task in self._planning:
            task.cancel()
        await asyncio.gather(*self._planning, return_exceptions=True)
        await self.driver.close()

    def deadline(self) -> float:
        """Give the instant, by `time.monotonic()`, until which what begins now may take."""
        return time.monotonic() + self.settings.neo4j_timeout_s

    async def run(self, statement: Statement[T], deadline: float | None = None) -> T:
        """Run a statement, and those that its decoder asks for, and give the answer.

        What has begun goes on to its end, also when the caller is cancelled: the driver throws
        the connection of a cancelled statement away, and leaks one that was just being opened.

        Args:
            statement: What to run.
            deadline: Of all that one request runs, as `deadline()` gave it; one that begins now
                when left out.

        Raises:
            Unavailable: Neo4j did not answer within the deadline.
            GraphError: Whatever the decoder makes of the answer.
        """
        deadline = deadline or self.deadline()
        task = asyncio.create_task(self._run(statement, deadline))
        self._running.add(task)
        task.add_done_callback(self._forget)
        try:
            async with asyncio.timeout(deadline - time.monotonic()):
                return await asyncio.shield(task)
        except TimeoutError as error:
            raise unavailable() from error

    def _forget(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        self._planning.discard(task)
        if not task.cancelled():
            task.exception()  # whoever waited has it; without anybody it is of no use

    async def _run(self, statement: Statement[T], deadline: float) -> T:
        answer = statement.decode(await self._records(statement, deadline))
        while _is_further(answer):
            answer = answer.decode(await self._records(answer, deadline))
        return cast("T", answer)

    async def _records(self, statement: Statement[Any], deadline: float) -> list[neo4j.Record]:
        """Give a statement's records; after the deadline nothing is begun.

        The driver is to give up by itself: cancelled while it opens a connection, it leaks the
        socket. So it has the time that an opening may take after the deadline, when whoever asked
        has been told already.
        """
        self.statement_count += 1
        left_s = deadline - time.monotonic()
        if left_s <= 0:
            raise unavailable()
        grace_s = min(_GRACE_S, self.settings.neo4j_timeout_s / 10)
        with in_our_words():
            last_s = left_s + _connection_timeout_s(self.settings)
            async with asyncio.timeout(last_s), self._first_runs.turn(statement.text):
                if time.monotonic() >= deadline:
                    raise unavailable()
                try:
                    return await self._repeated(statement, deadline - grace_s)
                except Neo4jError as error:
                    if is_timeout(error):
                        self._plan(statement)
                    raise

    def _plan(self, statement: Statement[Any]) -> None:
        """Have a statement planned for who comes next, in case it was that what took so long."""
        planning = self._first_runs.plan(statement.text, partial(self._explain, statement))
        task = asyncio.create_task(planning)
        self._planning.add(task)
        task.add_done_callback(self._forget)

    async def _explain(self, statement: Statement[Any]) -> None:
        async with (
            asyncio.timeout(_PLANNING_S + _connection_timeout_s(self.settings)),
            self.driver.session(**self._session_options(statement)) as session,
        ):
            query = neo4j.Query("EXPLAIN " + statement.text, timeout=_PLANNING_S)
            result = await session.run(query, dict(statement.parameters))
            await result.consume()

    async def _repeated(self, statement: Statement[Any], deadline: float) -> list[neo4j.Record]:
        pauses_left = pauses(deadline)
        while True:
            try:
                return await self._once(statement, deadline)
            except (DriverError, Neo4jError) as error:
                if isinstance(error, ServiceUnavailable | SessionExpired):
                    self._first_runs.forget()
                pause = next(pauses_left, None)
                if pause is None or not is_repeatable(error):
                    raise
                await asyncio.sleep(pause)

    async def _once(self, statement: Statement[Any], deadline: float) -> list[neo4j.Record]:
        async with self.driver.session(**self._session_options(statement)) as session:
            query = self._query(statement, deadline)
            result = await session.run(query, dict(statement.parameters))
            return [record async for record in result]


class Graph(_Runner):
    """Runs statements in a thread of its own: jobs, commands and tests."""

    def __init__(self, settings: GraphSettings) -> None:
        super().__init__(settings)
        self.driver = neo4j.GraphDatabase.driver(settings.neo4j_uri, **_driver_options(settings))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection."""
        self.driver.close()

    def run(self, statement: Statement[T]) -> T:
        """Run a statement, and those that its decoder asks for, and give the answer.

        Raises:
            Unavailable: Neo4j did not answer within the deadline.
            GraphError: Whatever the decoder makes of the answer.
        """
        answer = statement.decode(self._records(statement))
        while _is_further(answer):
            answer = answer.decode(self._records(answer))
        return cast("T", answer)

    def _records(self, statement: Statement[Any]) -> list[neo4j.Record]:
        self.statement_count += 1
        deadline = time.monotonic() + self.settings.neo4j_timeout_s
        pauses_left = pauses(deadline)
        with in_our_words():
            while True:
                try:
                    return self._once(statement, deadline)
                except (DriverError, Neo4jError) as error:
                    pause = next(pauses_left, None)
                    if pause is None or not is_repeatable(error):
                        raise
                    time.sleep(pause)

    def _once(self, statement: Statement[Any], deadline: float) -> list[neo4j.Record]:
        with self._session(statement) as session:
            query = self._query(statement, deadline)
            return list(session.run(query, dict(statement.parameters)))

    @contextmanager
    def _session(self, statement: Statement[Any]) -> Generator[neo4j.Session]:
        """Open a session; where the process exits in the middle, its connection is dropped.

        To close it properly, the driver reads the rest of the answer. Where a signal has cut the
        reading in two it fails at that, and the exit is forgotten for its error.
        """
        with self.driver.session(**self._session_options(statement)) as session:
            try:
                yield session
            except Exception:
                raise
            except BaseException:
                session.__exit__(asyncio.CancelledError, None, None)  # type: ignore[no-untyped-call]
                raise
