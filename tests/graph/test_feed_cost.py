"""A page of the feed costs the same for who follows 5 and for who follows 5,000.

One world of 6,000 people is made: a celebrity whom all of them follow, and 44,000 who do nothing
else, with a post that half of the 6,000 shared, and a tag that 10,000 posts name. Three readers
follow 5, 351 and 5,000 people, the celebrity among them, and the tag; a fourth follows 500 who said
nothing for long. Last, half of the 6,000 share one post within seconds. The db hits are in
`snapshots/feed_db_hits.json`; `NEXUS_RENEW=1` renews them.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from graph.feed import read_page
from graph.runner import Graph
from graph.selection import Field
from graph.settings import GraphSettings
from graph.tags import follow_tag
from graph.viewer import Viewer
from tests.graph.people import (
    POST,
    add,
    below,
    edge_of,
    first,
    follow_row,
    new_person,
    pick,
    post_row,
    share_row,
    user_row,
)
from tests.graph.test_statement import _hits, _profiles
from tests.graph.world import empty, run

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

HITS_FILE: Final = Path(__file__).parent / "snapshots" / "feed_db_hits.json"
RENEW: Final = bool(os.environ.get("NEXUS_RENEW"))
PEOPLE: Final = 6_000
FANS: Final = 44_000
POSTS: Final = 20_000
SHARES: Final = 5_000
CELEBRITY: Final = "u_0"
READERS: Final = {"5": 5, "351": 351, "5,000": 5_000}
QUIET: Final = "500 quiet people"
MOST_TIMES: Final = 3
"""How many times as dear as the cheapest the dearest of these readers may be."""
_WHY: Final = {
    "FollowsAuthor": pick(below("author", "User", "id")),
    "SharedByFollowed": pick(below("users", "User", "id")),
    "FollowsTag": pick(below("tag", "Tag", "name")),
}
EDGE: Final = pick(*edge_of(*POST.fields).fields)
EDGE_WITH_REASONS: Final = pick(*EDGE.fields, Field("reasons", "reasons", {}, _WHY))


@dataclass(frozen=True)
class Crowd:
    """The world, and who reads in it."""

    graph: Graph
    readers: dict[str, Viewer]


def _add(graph: Graph, kind: str, rows: list[dict[str, Any]]) -> None:
    for start in range(0, len(rows), 2_000):
        add(graph, kind, rows[start : start + 2_000])


def _seed(graph: Graph) -> None:
    people = [f"u_{n}" for n in range(PEOPLE)]
    _add(graph, "user", [user_row(str(n)) for n in range(PEOPLE)])
    fans = [f"fan{n}" for n in range(FANS)]
    _add(graph, "user", [user_row(each) for each in fans])
    followers = [*people[1:], *(f"u_{each}" for each in fans)]
    _add(graph, "follow", [follow_row(each, CELEBRITY, 1) for each in followers])
    talkative = people[: PEOPLE - 500]
    rows = [
        post_row(
            f"p_{n}",
            CELEBRITY if n % 100 == 0 else talkative[n * 7919 % len(talkative)],
            1_000_000 + n * 100,
            *(["x"] if n % 2 else []),
        )
        for n in range(POSTS)
    ]
    rows += [post_row(f"p_old{n}", person, n) for n, person in enumerate(people[-500:])]
    _add(graph, "post", rows)
    shares = [
        share_row(talkative[n * 31 % len(talkative)], f"p_{n * 4 % POSTS}", 1_000_050 + n * 400)
        for n in range(SHARES)
    ]
    _add(graph, "share", shares + _shared_by_half("p_19000", 2_900_050, 10))


def _shared_by_half(post: str, start: int, apart: int) -> list[dict[str, Any]]:
    return [
        share_row(f"u_{n}", post, start + n * 7919 % PEOPLE * apart) for n in range(0, PEOPLE, 2)
    ]


def _reader(graph: Graph, name: str, followed: list[str]) -> Viewer:
    reader = new_person(graph, name)
    _add(graph, "follow", [follow_row(reader.user_id, each, n) for n, each in enumerate(followed)])
    graph.run(follow_tag(reader, "x"))
    return reader


@pytest.fixture(name="crowd", scope="module")
def _crowd(graph_settings: GraphSettings, sync_graph: Graph) -> Iterator[Crowd]:
    empty(sync_graph)
    patient = graph_settings.model_copy(update={"neo4j_timeout_s": 300.0})
    with Graph(patient) as graph:
        _seed(graph)
        readers = {
            name: _reader(graph, f"reader{count}", [f"u_{n}" for n in range(count)])
            for name, count in READERS.items()
        }
        quiet = [f"u_{n}" for n in range(PEOPLE - 500, PEOPLE)]
        readers[QUIET] = _reader(graph, "reader_of_the_quiet", [CELEBRITY, *quiet])
        run(graph, "CALL db.resampleOutdatedIndexes()")
        run(graph, "CALL db.awaitIndexes(60)")
        run(graph, "CALL db.clearQueryCaches()")
        yield Crowd(graph, readers)
    empty(sync_graph)


def _tenth(crowd: Crowd, reader: Viewer) -> str:
    after = None
    for _ in range(9):
        page = crowd.graph.run(read_page(reader, first(20, after), edge_of("id")))
        after = page["page_info"]["end_cursor"]
    assert after
    return after


def _cost(crowd: Crowd, reader: Viewer, after: str | None, edge: Any) -> int:
    page = read_page(reader, first(20, after), edge)
    return sum(_hits(profile) for _, profile in _profiles(crowd.graph, page))


def test_a_page_costs_the_same_whomever_one_follows(crowd: Crowd) -> None:
    found: dict[str, dict[str, int]] = {}
    for name, reader in crowd.readers.items():
        after = _tenth(crowd, reader)
        found[name] = {
            "first page": _cost(crowd, reader, None, EDGE),
            "first page with reasons": _cost(crowd, reader, None, EDGE_WITH_REASONS),
            "tenth page": _cost(crowd, reader, after, EDGE),
        }
    _add(crowd.graph, "share", _shared_by_half("p_19900", 9_000_000, 1))
    for name, reader in crowd.readers.items():
        found[name]["first page, all having shared one post"] = _cost(crowd, reader, None, EDGE)
    if RENEW:
        HITS_FILE.write_text(json.dumps(found, indent=2) + "\n")
    expected = json.loads(HITS_FILE.read_text())

    for name, costs in found.items():
        assert costs == pytest.approx(expected[name], rel=0.2, abs=20), name
    for page in ("first page", "tenth page"):
        costs_of_all = [found[name][page] for name in READERS]
        assert max(costs_of_all) <= MOST_TIMES * min(costs_of_all), page
