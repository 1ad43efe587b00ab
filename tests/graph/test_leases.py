"""A lease is one holder's at a time, until it runs out or is given back."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from graph.leases import release_lease, take_lease
from graph.runner import Graph
from tests.graph.world import run

pytestmark = pytest.mark.usefixtures("clean")
_LONG_MS = 60_000


def _take(graph: Graph, holder: str, length_ms: int = _LONG_MS) -> bool:
    return graph.run(take_lease("relay", holder, length_ms))


def test_of_many_who_ask_at_once_one_has_it(sync_graph: Graph) -> None:
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda n: _take(sync_graph, f"relay {n}"), range(16)))

    assert sorted(taken) == [False] * 15 + [True]


def test_it_is_renewed_and_not_taken_from_who_holds_it(sync_graph: Graph) -> None:
    assert [_take(sync_graph, each) for each in ("one", "two", "one")] == [True, False, True]


def test_one_that_ran_out_is_free(sync_graph: Graph) -> None:
    assert _take(sync_graph, "one", length_ms=-1)
    assert [_take(sync_graph, each) for each in ("two", "one")] == [True, False]


def test_one_that_was_given_back_is_free_and_only_its_holder_gives_it_back(
    sync_graph: Graph,
) -> None:
    _take(sync_graph, "one")
    sync_graph.run(release_lease("relay", "two"))
    assert not _take(sync_graph, "two")

    for _ in range(2):
        sync_graph.run(release_lease("relay", "one"))

    assert _take(sync_graph, "two")


def test_its_holder_is_told_with_since_when(sync_graph: Graph) -> None:
    _take(sync_graph, "one")
    before = run(sync_graph, "MATCH (l:Lease) RETURN l.holder AS holder, l.since AS since")
    _take(sync_graph, "one")
    assert before == run(sync_graph, "MATCH (l:Lease) RETURN l.holder AS holder, l.since AS since")
    assert before[0]["holder"] == "one"
