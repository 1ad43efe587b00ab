"""A runner repeats what the server asks to repeat, gives up in time, and speaks our words."""

import asyncio
import contextlib
import gc
import os
import signal
import socket
import sys
import warnings
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import replace
from threading import Barrier, Timer
from typing import Any, LiteralString
from urllib.parse import urlsplit

import pytest
from neo4j.exceptions import ClientError, CypherSyntaxError
from pydantic import SecretStr

from graph.errors import InvalidInput, NotFound, Unavailable
from graph.ids import Prefix, new_id
from graph.runner import AsyncGraph, Graph
from graph.settings import GraphSettings
from graph.statement import Access, Record, Statement
from local.ports import free_ports
from tests.graph.people import World, new_world
from tests.graph.world import run

ONE: Statement[int] = Statement("RETURN 1 AS one", {}, lambda records: int(records[0]["one"]))


def _add(first: str, second: str) -> Statement[int]:
    """Lock one node, linger, then lock the other: two of these the other way round deadlock."""
    return Statement(
        """\
MATCH (first:Counter {name: $first}) SET first.value = first.value + 1
WITH first
UNWIND range(1, 60000) AS i
WITH first, sum(sqrt(i) * i) AS lingering
MATCH (second:Counter {name: $second}) SET second.value = second.value + 1
RETURN second.value AS value""",
        {"first": first, "second": second},
        lambda records: int(records[0]["value"]),
        Access.WRITE,
    )


def _refused(settings: GraphSettings) -> GraphSettings:
    (port,) = free_ports(1)
    return settings.model_copy(
        update={"neo4j_uri": f"bolt://127.0.0.1:{port}", "neo4j_timeout_s": 0.5}
    )


def test_a_deadlock_is_repeated_until_both_went_well(clean: None, sync_graph: Graph) -> None:  # noqa: ARG001
    run(sync_graph, "UNWIND ['a', 'b'] AS name CREATE (:Counter {name: name, value: 0})")
    barrier = Barrier(2)

    def work(pair: tuple[str, str]) -> None:
        for _ in range(5):
            barrier.wait()
            sync_graph.run(_add(*pair))

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(work, [("a", "b"), ("b", "a")]))

    rows = run(sync_graph, "MATCH (c:Counter) WHERE c.name IN ['a', 'b'] RETURN c.value AS value")
    assert [row["value"] for row in rows] == [10, 10]


async def test_a_race_for_a_unique_value_is_settled_by_looking_again(
    clean: None,  # noqa: ARG001
    graph: AsyncGraph,
) -> None:
    def take(mine: str) -> Statement[str]:
        return Statement(
            """\
OPTIONAL MATCH (taken:Tag {name: 'one'})
WITH taken, [i IN range(1, 20000) | sqrt(i)] AS lingering
FOREACH (_ IN CASE WHEN taken IS NULL THEN [1] ELSE [] END |
  CREATE (:Tag {name: 'one', by: $mine}))
RETURN coalesce(taken.by, $mine) AS by""",
            {"mine": mine},
            lambda records: str(records[0]["by"]),
            Access.WRITE,
        )

    answers = await asyncio.gather(*(graph.run(take(f"taker {n}")) for n in range(8)))

    assert len(set(answers)) == 1


async def test_a_decoder_may_answer_with_a_further_statement(
    graph: AsyncGraph, sync_graph: Graph
) -> None:
    def count_down(records: Any) -> int | Statement[int]:
        left = records[0]["left"]
        return Statement("RETURN $n AS left", {"n": left - 1}, count_down) if left else -7

    start: Statement[int] = Statement("RETURN $n AS left", {"n": 3}, count_down)
    for runner in (graph, sync_graph):
        before = runner.statement_count
        answer = await graph.run(start) if runner is graph else sync_graph.run(start)
        assert answer == -7
        assert runner.statement_count - before == 4


async def test_what_a_decoder_raises_is_raised(graph: AsyncGraph, sync_graph: Graph) -> None:
    def refuse(_: Any) -> None:
        raise NotFound("none")

    statement: Statement[None] = Statement("RETURN 1 AS one", {}, refuse)
    with pytest.raises(NotFound):
        await graph.run(statement)
    with pytest.raises(NotFound):
        sync_graph.run(statement)


async def test_a_closed_port_is_unavailable(graph_settings: GraphSettings) -> None:
    settings = _refused(graph_settings)
    async with AsyncGraph(settings) as graph:
        with pytest.raises(Unavailable, match="cannot be reached"):
            await graph.run(ONE)
    with Graph(settings) as graph_too, pytest.raises(Unavailable, match="cannot be reached"):
        graph_too.run(ONE)


async def test_a_server_that_never_answers_is_unavailable(graph_settings: GraphSettings) -> None:
    async def hold(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(60)
        writer.close()

    server = await asyncio.start_server(hold, "127.0.0.1", 0)
    uri = f"bolt://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    update = {"neo4j_uri": uri, "neo4j_timeout_s": 0.5}
    try:
        async with AsyncGraph(graph_settings.model_copy(update=update)) as graph:
            with pytest.raises(Unavailable):
                await graph.run(ONE)
    finally:
        server.close()


async def test_a_connection_that_cannot_be_opened_in_time_leaks_no_socket(
    graph_settings: GraphSettings,
) -> None:
    with contextlib.ExitStack() as stack:
        full = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(4):  # who comes after them gets no answer, not even that it is refused
            waiting = stack.enter_context(socket.socket())
            waiting.settimeout(0)
            waiting.connect_ex(full.getsockname())
        uri = f"bolt://127.0.0.1:{full.getsockname()[1]}"
        update = {"neo4j_uri": uri, "neo4j_timeout_s": 0.3}
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            async with AsyncGraph(graph_settings.model_copy(update=update)) as graph:
                for _ in range(3):
                    with pytest.raises(Unavailable):
                        await graph.run(ONE)
            gc.collect()
    assert not told


class Wire:
    """A wire to Neo4j that can go dead without being cut."""

    def __init__(self, uri: str) -> None:
        self._target = urlsplit(uri)
        self._alive = asyncio.Event()
        self._alive.set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: list[asyncio.StreamWriter] = []

    def go_dead(self) -> None:
        self._alive.clear()

    def come_back(self) -> None:
        self._alive.set()

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host, port = str(self._target.hostname), self._target.port
        their_reader, their_writer = await asyncio.open_connection(host, port)
        self._writers += (writer, their_writer)
        for source, sink in ((reader, their_writer), (their_reader, writer)):
            self._tasks.add(asyncio.create_task(self._copy(source, sink)))

    async def _copy(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await source.read(65536):
                await self._alive.wait()
                sink.write(data)
                await sink.drain()
            sink.close()

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for writer in self._writers:
            writer.close()
        await asyncio.gather(*(w.wait_closed() for w in self._writers), return_exceptions=True)


@asynccontextmanager
async def _wired(settings: GraphSettings) -> AsyncIterator[tuple[Wire, AsyncGraph]]:
    wire = Wire(settings.neo4j_uri)
    server = await asyncio.start_server(wire.accept, "127.0.0.1", 0)
    uri = f"bolt://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    update = {"neo4j_uri": uri, "neo4j_timeout_s": 2.0}
    try:
        async with AsyncGraph(settings.model_copy(update=update)) as graph:
            yield wire, graph
    finally:
        server.close()
        await wire.close()


async def test_a_connection_that_goes_dead_is_given_up_at_the_deadline(
    graph_settings: GraphSettings,
) -> None:
    async with _wired(graph_settings) as (wire, graph):
        assert await graph.run(ONE) == 1
        wire.go_dead()
        with pytest.raises(Unavailable):
            await graph.run(ONE)
        wire.come_back()
        assert await graph.run(ONE) == 1


async def test_a_statement_that_takes_too_long_is_unavailable(
    graph_settings: GraphSettings,
) -> None:
    slow: Statement[list[Record]] = Statement(
        "UNWIND range(1, 1000000000) AS i RETURN sum(sqrt(i)) AS n", {}, list
    )
    settings = graph_settings.model_copy(update={"neo4j_timeout_s": 0.3})
    with Graph(settings) as graph, pytest.raises(Unavailable):
        graph.run(slow)
    async with AsyncGraph(settings) as graph_too:
        with pytest.raises(Unavailable):
            await graph_too.run(slow)


async def test_what_took_too_long_is_planned_and_its_runner_can_be_closed_meanwhile(
    graph_settings: GraphSettings,
) -> None:
    """`EXPLAIN` runs nothing, so that it has an end where the statement had none in time."""
    text: LiteralString = "UNWIND range(1, 1000000000) AS n RETURN sum(sqrt(n)) AS sum // for ever"
    slow: Statement[list[Record]] = Statement(text, {}, list)
    async with AsyncGraph(graph_settings.model_copy(update={"neo4j_timeout_s": 1.0})) as graph:
        assert await graph.run(ONE) == 1
        with pytest.raises(Unavailable):
            await graph.run(slow)
        async with asyncio.timeout(30):
            while hash(text) not in graph._first_runs._done:  # noqa: ASYNC110
                await asyncio.sleep(0.01)

        never = asyncio.get_running_loop().create_future()
        graph._explain = lambda _: never  # type: ignore[method-assign]
        with pytest.raises(Unavailable):
            await graph.run(replace(slow, text=text + " and ever"))
        while not graph._planning:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert never.cancelled()


async def test_waiting_too_long_for_a_lock_is_unavailable(
    clean: None,  # noqa: ARG001
    sync_graph: Graph,
    graph_settings: GraphSettings,
) -> None:
    run(sync_graph, "CREATE (:Counter {name: 'a', value: 0})")
    statement: Statement[list[Record]] = Statement(
        "MATCH (a:Counter {name: 'a'}) SET a.value = 1", {}, list, Access.WRITE
    )
    settings = graph_settings.model_copy(update={"neo4j_timeout_s": 0.3})
    with sync_graph.driver.session() as session, session.begin_transaction() as holding:
        holding.run("MATCH (a:Counter {name: 'a'}) SET a.value = 2").consume()
        with Graph(settings) as graph, pytest.raises(Unavailable):
            graph.run(statement)
        async with AsyncGraph(settings) as graph_too:
            with pytest.raises(Unavailable):
                await graph_too.run(statement)


def test_an_exit_in_the_middle_of_an_answer_is_an_exit(graph_settings: GraphSettings) -> None:
    def leave(*_: object) -> None:
        sys.exit("told to")

    slow: Statement[list[Record]] = Statement(
        "UNWIND range(1, 20000000) AS i WITH sum(sqrt(i)) AS n RETURN n, range(1, 100000) AS many",
        {},
        list,
    )
    before = signal.signal(signal.SIGUSR1, leave)
    try:
        with Graph(graph_settings) as graph:
            graph.run(ONE)
            Timer(0.3, os.kill, (os.getpid(), signal.SIGUSR1)).start()
            with pytest.raises(SystemExit, match="told to"):
                graph.run(slow)
    finally:
        signal.signal(signal.SIGUSR1, before)


async def test_waiting_too_long_for_one_of_few_connections_is_unavailable(
    graph_settings: GraphSettings,
) -> None:
    settings = graph_settings.model_copy(update={"neo4j_pool_size": 1, "neo4j_timeout_s": 0.3})
    async with AsyncGraph(settings) as graph:
        async with graph.driver.session() as busy:
            await busy.run("RETURN 1")
            with pytest.raises(Unavailable):
                await graph.run(ONE)
        assert await graph.run(ONE) == 1


async def test_faults_of_ours_are_told_as_they_are(
    graph: AsyncGraph, graph_settings: GraphSettings
) -> None:
    with pytest.raises(CypherSyntaxError):
        await graph.run(Statement("RETURN", {}, list))
    wrong = graph_settings.model_copy(update={"neo4j_password": SecretStr("wrong")})
    async with AsyncGraph(wrong) as stranger:
        with pytest.raises(ClientError):
            await stranger.run(ONE)


async def test_half_a_surrogate_pair_is_refused(graph: AsyncGraph, sync_graph: Graph) -> None:
    statement: Statement[list[Record]] = Statement("RETURN $x AS x", {"x": ["\ud800"]}, list)
    with pytest.raises(InvalidInput, match="surrogate"):
        await graph.run(statement)
    with pytest.raises(InvalidInput, match="surrogate"):
        sync_graph.run(statement)


async def test_a_cancelled_statement_leaves_the_runner_whole(
    clean: None,  # noqa: ARG001
    sync_graph: Graph,
    graph: AsyncGraph,
) -> None:
    world: World = new_world(sync_graph)
    tag = new_id(Prefix.EVENT)
    slow: Statement[list[Record]] = Statement(
        "UNWIND range(1, 300000) AS i WITH sum(sqrt(i)) AS n CREATE (:Tag {name: $tag}) RETURN n",
        {"tag": tag},
        list,
        Access.WRITE,
    )
    tasks = [asyncio.create_task(graph.run(slow)) for _ in range(4)]
    await asyncio.sleep(0)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)

    assert await graph.run(ONE) == 1
    assert world.value("COUNT { (:User) }") == 4
    await asyncio.gather(*graph._running, return_exceptions=True)
    assert world.value("COUNT { (:Tag) }") == 1, "what has begun goes on to its end"


def test_reads_cannot_write(sync_graph: Graph) -> None:
    with pytest.raises(ClientError):
        sync_graph.run(Statement("CREATE (:Tag {name: 'x'}) RETURN 1 AS one", {}, list))
