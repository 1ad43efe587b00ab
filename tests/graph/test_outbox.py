"""Events get one position each, whatever happens to the relays that give them."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from graph.events import REQUEST_ID, EventKind, channels_of, jobs_of
from graph.jobs import due_jobs
from graph.outbox import Numbered, number_pending
from graph.runner import Graph
from graph.statement import Statement
from graph.streams import StreamBounds, break_history, read_bounds, read_events, settle
from graph.tally import tally
from tests.graph.world import emit, run

pytestmark = pytest.mark.usefixtures("clean")


def _drain(graph: Graph, limit: int = 100) -> list[Numbered]:
    numbered: list[Numbered] = []
    while batch := graph.run(number_pending(limit, now=10, due_at=20)):
        numbered += batch
    return numbered


def test_an_event_gets_its_position_channels_and_jobs(sync_graph: Graph) -> None:
    event = emit(sync_graph, EventKind.COMMENT_CREATED, "u_bob", "c_1", "p_1")

    (numbered,) = _drain(sync_graph)

    assert numbered == Numbered(
        event.id, 1, ("post:p_1:comments", "post:p_1:interactions"), ("notify",)
    )
    for channel in numbered.channels:
        (entry,) = sync_graph.run(read_events(channel, after=0, limit=10)).events
        assert (entry.position, entry.event_id) == (1, event.id)
    (job,) = run(sync_graph, "MATCH (j:Job) RETURN properties(j) AS job")
    assert job["job"] == {
        "key": f"{event.id}:notify",
        "name": "notify",
        "event_id": event.id,
        "due_at": 20,
        "open_since": 10,
        "enqueued_count": 0,
    }


def test_the_request_that_made_an_event_is_known_to_its_job(sync_graph: Graph) -> None:
    token = REQUEST_ID.set("r-1")
    emit(sync_graph, EventKind.USER_FOLLOWED, "u_bob", "u_alice")
    REQUEST_ID.reset(token)
    emit(sync_graph, EventKind.USER_FOLLOWED, "u_carol", "u_alice")

    assert [each.request_id for each in _drain(sync_graph)] == ["r-1", None]
    assert [job.request_id for job in sync_graph.run(due_jobs(20, 10))] == ["r-1", None]


def test_an_event_without_channels_and_jobs_gets_a_position_too(sync_graph: Graph) -> None:
    emit(sync_graph, EventKind.USER_FOLLOWED, "u_bob", "u_alice")
    emit(sync_graph, EventKind.POST_CREATED, "u_bob", "p_2")

    assert [each.position for each in _drain(sync_graph)] == [1, 2]


def test_positions_go_on_from_batch_to_batch(sync_graph: Graph) -> None:
    events = [emit(sync_graph, EventKind.POST_CREATED, "u_bob", f"p_{n}") for n in range(7)]

    numbered = _drain(sync_graph, limit=3)

    assert [each.event_id for each in numbered] == sorted(each.id for each in events)
    assert [each.position for each in numbered] == list(range(1, 8))
    assert sync_graph.run(read_bounds()).newest == 7


def test_a_repeated_batch_numbers_nothing(sync_graph: Graph) -> None:
    emit(sync_graph, EventKind.POST_SHARED, "u_bob", "p_1", "p_1")
    read = number_pending(10, now=10, due_at=20)
    with sync_graph.driver.session() as session:
        write = read.decode(list(session.run(read.text, dict(read.parameters))))
    assert isinstance(write, Statement)

    assert len(sync_graph.run(write)) == 1
    assert sync_graph.run(write) == []
    assert sync_graph.run(read_bounds()).newest == 1
    assert run(sync_graph, "MATCH (n:StreamEntry|Job) RETURN count(n) AS n") == [{"n": 2}]


def test_a_kind_of_a_newer_version_waits_for_a_newer_relay(sync_graph: Graph) -> None:
    run(sync_graph, "CREATE (:Event {id: 'e_0', pending: 'e_0', kind: 'PostPainted'})")
    emit(sync_graph, EventKind.POST_CREATED, "u_bob", "p_2")

    assert [each.position for each in _drain(sync_graph)] == [1]
    assert run(sync_graph, "MATCH (e:Event {id: 'e_0'}) RETURN e.pending AS pending") == [
        {"pending": "e_0"}
    ]


def test_four_relays_at_once_number_each_of_2000_events_once(sync_graph: Graph) -> None:
    run(
        sync_graph,
        """\
UNWIND range(1, 2000) AS n WITH n, 'e_' + right('0000' + n, 5) AS id
CREATE (:Event {id: id, pending: id, kind: 'PostShared', occurred_at: n, actor_id: 'u_bob',
                subject_id: 'p_' + (n % 50), post_id: 'p_' + (n % 50)})""",
    )

    def relay(_: int) -> list[Numbered]:
        mine: list[Numbered] = []
        while run(sync_graph, "MATCH (e:Event) WHERE e.pending > '' RETURN 1 LIMIT 1"):
            mine += sync_graph.run(number_pending(50, now=10, due_at=20))
        return mine

    with ThreadPoolExecutor(4) as pool:
        numbered = [each for relayed in pool.map(relay, range(4)) for each in relayed]

    assert sorted(each.position for each in numbered) == list(range(1, 2001))
    assert len({each.event_id for each in numbered}) == 2000
    assert sync_graph.run(read_bounds()).newest == 2000
    in_streams = [
        event.event_id
        for n in range(50)
        for event in sync_graph.run(read_events(f"post:p_{n}:interactions", 0, 1000)).events
    ]
    assert sorted(in_streams) == sorted(each.event_id for each in numbered)
    assert run(sync_graph, "MATCH (j:Job) RETURN count(j) AS n") == [{"n": 2000}]


def test_settling_waits_for_a_numbering_that_is_still_under_way(sync_graph: Graph) -> None:
    emit(sync_graph, EventKind.POST_LIKED, "u_bob", "p_1", "p_1")
    _drain(sync_graph)
    blocked = "SHOW TRANSACTIONS YIELD status WHERE status STARTS WITH 'Blocked' RETURN status"
    with ThreadPoolExecutor(1) as pool, sync_graph.driver.session() as session:
        with session.begin_transaction() as numbering:
            numbering.run(
                "MATCH (c:Counter {name: 'events'}) SET c.lk = true, c.value = c.value + 1"
            ).consume()
            settled = pool.submit(sync_graph.run, settle())
            while not run(sync_graph, blocked):
                assert not settled.done()
            numbering.commit()
        assert settled.result() == 2
    assert sync_graph.run(settle()) == 2


def test_a_page_of_events_tells_how_far_the_history_goes(sync_graph: Graph) -> None:
    for _ in range(3):
        emit(sync_graph, EventKind.POST_LIKED, "u_bob", "p_1", "p_1")
    _drain(sync_graph)
    run(sync_graph, "MATCH (c:Counter {name: 'events'}) SET c.floor = 1")

    page = sync_graph.run(read_events("post:p_1:interactions", 1, 1))

    assert [event.position for event in page.events] == [2]
    assert page.bounds == StreamBounds(1, 3)
    assert sync_graph.run(read_events("nobody", 0, 1)).bounds == page.bounds


@pytest.mark.parametrize("kind", EventKind)
def test_channels_and_jobs_of_every_kind_can_be_told(sync_graph: Graph, kind: EventKind) -> None:
    event = emit(sync_graph, kind, "u_bob", "p_1", "p_1")

    (numbered,) = _drain(sync_graph)

    assert (list(numbered.channels), numbered.jobs) == (channels_of(event), jobs_of(event))


def test_a_history_that_was_broken_goes_on_behind_every_position(sync_graph: Graph) -> None:
    for _ in range(3):
        emit(sync_graph, EventKind.POST_LIKED, "u_bob", "p_1", "p_1")
    _drain(sync_graph)

    bounds = sync_graph.run(break_history())

    assert sync_graph.run(read_bounds()) == bounds == StreamBounds(10**9 + 3, 10**9 + 3)
    emit(sync_graph, EventKind.POST_LIKED, "u_carol", "p_1", "p_1")
    (next_one,) = _drain(sync_graph)
    assert next_one.position == 10**9 + 4
    sync_graph.run(tally(100))
    (row,) = run(sync_graph, "MATCH (c:Counter {name: 'tally'}) RETURN c.value AS value")
    assert row["value"] == next_one.position, "what was not tallied before is, and what came after"
