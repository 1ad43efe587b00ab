"""Every figure is a direct count of what the file says, over the same whole hours."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

import httpx
import pytest

from app.tokens import Tokens
from graph import ids
from graph.analytics import find_post, find_user, read_platform
from graph.engagement import LENGTH_MS, TimeWindow, TopBy, Weights
from graph.errors import InvalidInput
from graph.runner import Graph
from graph.series import Axis, Interval, Span
from graph.top_posts import rank_posts, read_top_posts
from graph.trending import rank_tags, read_trending_tags
from graph.viewer import Viewer
from tests.app.client import Client
from tests.app.snb.conftest import READER_COUNT, SNB, as_user
from tests.app.snb.shapes import cascade, conversation
from tests.app.snb.sql import Snb
from tests.graph.hours import HOUR
from tests.graph.people import pick
from tests.graph.world import run

pytestmark = [
    pytest.mark.skipif(not SNB.exists(), reason=f"{SNB} is absent; set NEXUS_SNB_DIR"),
    pytest.mark.timeout(300),  # the import is part of the first test, and a busy machine is slow
]

OF_POST: Final = ("likes", "comments", "shares")
OF_USER: Final = ("posts", "comments", "likes_given", "likes_received", "shares")
OF_PLATFORM: Final = ("posts", "comments", "likes", "shares")
Hours = Mapping[int, tuple[int, ...]]


def _ms(instant: str) -> int:
    return round(datetime.fromisoformat(instant).timestamp() * 1_000)


NOW: Final = _ms("2011-01-20T12:34:56Z")
"""An instant at which people of the file are busy."""
EVER: Final = Span(0, _ms("2013-01-01T00:00:00Z"))
AXES: Final = (
    Axis(EVER, is_open=True),
    Axis(EVER, is_open=True, interval=Interval.MONTH),
    Axis(Span(NOW // HOUR * HOUR - 30 * 24 * HOUR, NOW // HOUR * HOUR + HOUR)),
    Axis(Span(_ms("2010-12-01T07:00:00Z"), _ms("2011-01-03T19:00:00Z")), interval=Interval.DAY),
    Axis(Span(_ms("2010-03-01T00:00:00Z"), _ms("2010-11-01T00:00:00Z")), interval=Interval.WEEK),
)


@pytest.fixture(scope="module")
def hours(snb: Snb) -> dict[str, dict[str, Hours]]:
    """Give what SQL counts in each hour, by label and by whose it is."""
    found: Any = defaultdict(lambda: defaultdict(dict))
    for (label, whose, at), figures in snb.hours().items():
        found[label][whose][at] = figures
    return {label: dict(each) for label, each in found.items()}


@pytest.fixture
def then(monkeypatch: pytest.MonkeyPatch) -> int:
    """Let windows end while people of the file are busy."""
    monkeypatch.setattr(ids, "now_ms", lambda: NOW)
    return NOW


@pytest.fixture
def rankings(imported: Graph) -> Iterator[None]:
    """Forget what was prepared, before and after."""
    run(imported, "MATCH (r:Ranking) DELETE r")
    yield
    run(imported, "MATCH (r:Ranking) DELETE r")


def _check(row: Any, own: Hours, axis: Axis, names: tuple[str, ...]) -> None:
    """Hold totals and every bucket of a series to what was counted in their hours."""
    start, end = axis.span.start, axis.span.end
    inside = {at: figures for at, figures in own.items() if start <= at < end}
    assert [row[name] for name in names] == _sum(inside.values(), names)
    assert row["from"] == (min(inside, default=end - HOUR) if axis.is_open else start)
    assert row["to"] == end
    edges = [bucket["from"] for bucket in row["series"]]
    assert [*edges, end] == [row["from"], *(bucket["to"] for bucket in row["series"])]
    expected: dict[int, list[tuple[int, ...]]] = defaultdict(list)
    for at, figures in inside.items():
        expected[bisect_right(edges, at) - 1].append(figures)
    for n, bucket in enumerate(row["series"]):
        assert [bucket[name] for name in names] == _sum(expected.get(n, ()), names)


def _sum(rows: Collection[tuple[int, ...]], names: tuple[str, ...]) -> list[int]:
    return [sum(column) for column in zip(*rows, strict=True)] or [0] * len(names)


@pytest.mark.parametrize(
    "axis",
    [AXES[1], *(pytest.param(axis, marks=pytest.mark.slow) for axis in AXES[2:])],
    ids=["months", "hours", "days", "weeks"],
)
def test_figures_of_all_people_are_those_that_sql_counts(
    snb: Snb, imported: Graph, admin: Viewer, hours: Any, axis: Axis
) -> None:
    for user_id in snb.every(1):
        row = imported.run(find_user(admin, user_id, axis, pick("id")))
        assert row is not None
        _check(row, hours["UserHour"].get(user_id, {}), axis, OF_USER)


def _check_post(graph: Graph, admin: Viewer, post_id: str, own: Hours, axis: Axis) -> None:
    row = graph.run(find_post(admin, post_id, axis, Weights(), pick("id")))
    assert row is not None
    _check(row, own, axis, OF_POST)
    for each in (row, *row["series"]):
        likes, comments, shares = (each[name] for name in OF_POST)
        assert each["engagement"] == likes + 2 * comments + 3 * shares


def test_figures_of_some_posts_are_those_that_sql_counts(
    snb: Snb, imported: Graph, admin: Viewer, hours: Any
) -> None:
    some = [*snb.busiest_posts(50), *snb.posts()[::500]]
    for axis in AXES:
        for post_id in some:
            _check_post(imported, admin, post_id, hours["PostHour"].get(post_id, {}), axis)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_figures_of_all_posts_are_those_that_sql_counts(
    snb: Snb, imported: Graph, admin: Viewer, hours: Any
) -> None:
    for n, post_id in enumerate(snb.posts()):
        own = hours["PostHour"].get(post_id, {})
        _check_post(imported, admin, post_id, own, AXES[1])
        if n % 10 == 0:
            _check_post(imported, admin, post_id, own, AXES[2 + n // 10 % 3])


def test_figures_of_the_platform_are_those_that_sql_counts(
    imported: Graph, admin: Viewer, hours: Any
) -> None:
    windows = [Span.of(window, None, None, NOW) for window in TimeWindow]
    checked = 0
    for span in (*windows, *(axis.span for axis in AXES)):
        for interval in (None, *Interval):
            axis = Axis(span, span.start == 0, interval)
            try:
                row = imported.run(read_platform(admin, axis))
            except InvalidInput:  # it would have too many buckets
                continue
            _check(row, hours["PlatformHour"][""], axis, OF_PLATFORM)
            checked += 1
    assert checked > 3 * len(windows)


TOP = """\
query ($from: DateTime, $to: DateTime, $by: TopBy!) {
  analytics { topPosts(from: $from, to: $to, by: $by, first: 100) {
    posts { engagement likes comments shares post { id } }
  } }
}"""
SPANS = (
    ("2010-01-01T00:00:00Z", "2013-01-01T00:00:00Z"),
    ("2010-06-01T00:00:00Z", "2010-07-01T00:00:00Z"),
    ("2011-01-05T07:00:00Z", "2011-01-05T19:00:00Z"),
)


def _top(rows: Any) -> list[Any]:
    names = ("engagement", "likes", "comments", "shares")
    return [(row["post"]["id"], *(row[name] for name in names)) for row in rows]


@pytest.mark.parametrize("by", [*TopBy])
async def test_top_posts_of_a_span_are_those_that_sql_gives(
    snb: Snb, reader: Client, by: str
) -> None:
    for start, end in SPANS:
        found = await reader.data(TOP, **{"from": start, "to": end}, by=by)
        expected = snb.top(by, _ms(start), _ms(end))
        assert expected
        assert _top(found["analytics"]["topPosts"]["posts"]) == expected


def _window(window: TimeWindow, now: int) -> tuple[int, int]:
    """Give the whole hours that ended last, and the current one."""
    hour = now // HOUR * HOUR
    return hour - LENGTH_MS.get(window, hour), hour + HOUR


@pytest.mark.usefixtures("rankings")
@pytest.mark.parametrize("by", [*TopBy])
def test_top_posts_of_all_windows_are_those_that_sql_gives(
    snb: Snb, imported: Graph, admin: Viewer, then: int, by: TopBy
) -> None:
    """Whether they were prepared or are summed as they are asked for."""
    for window in TimeWindow:
        expected = snb.top(by.value, *_window(window, then))
        assert expected or window is TimeWindow.HOUR
        for _ in range(2):
            span = Span.of(window, None, None, then)
            statement = read_top_posts(admin, span, by, 100, Weights(), pick("id"), window)
            row = imported.run(statement)
            assert (row["from"], row["to"], row["as_of"]) == (*_window(window, then), then)
            assert _top(row["posts"]) == expected, window
            imported.run(rank_posts(window, by, Weights(), then))


@pytest.mark.usefixtures("rankings")
def test_trending_tags_of_all_windows_are_those_that_sql_gives(
    snb: Snb, imported: Graph, admin: Viewer, then: int
) -> None:
    for window in TimeWindow:
        expected = snb.trending(*_window(window, then))
        for _ in range(2):
            row = imported.run(read_trending_tags(admin, window, 100, then, pick("name")))
            found = [(e["tag"]["name"], e["posts"], e["people"]) for e in row["tags"]]
            assert found == expected, window
            imported.run(rank_tags(window, then))
        assert expected or window is TimeWindow.HOUR


PREPARED = """\
query ($window: TimeWindow!) {
  analytics {
    platform(window: $window) { posts comments likes shares asOf series { from } }
    topPosts(window: $window, by: LIKES, first: 100) {
      posts { engagement likes comments shares post { id } }
    }
  }
  trendingTags(window: $window, first: 100) { tags { tag { name } posts people } }
}"""


@pytest.mark.usefixtures("rankings")
@pytest.mark.parametrize("window", [*TimeWindow])
async def test_windows_are_of_the_hours_before_they_are_asked_for(
    snb: Snb, reader: Client, hours: Any, then: int, window: TimeWindow
) -> None:
    found = await reader.data(PREPARED, window=window.value)
    platform = found["analytics"]["platform"]
    start, end = _window(window, then)
    of_hours = [row for at, row in hours["PlatformHour"][""].items() if start <= at < end]
    assert [platform[name] for name in OF_PLATFORM] == [
        sum(column) for column in zip(*of_hours, strict=True)
    ]
    assert _ms(platform["asOf"]) == then
    assert _top(found["analytics"]["topPosts"]["posts"]) == snb.top("LIKES", start, end)
    tags = [(e["tag"]["name"], e["posts"], e["people"]) for e in found["trendingTags"]["tags"]]
    assert tags == snb.trending(start, end)


SERIES = """\
query ($id: ID!, $post: ID!, $interval: Interval, $from: DateTime, $to: DateTime) {
  analytics {
    user(id: $id, interval: $interval, from: $from, to: $to) {
      from to posts comments likes_given: likesGiven likes_received: likesReceived shares
      series {
        from to posts comments likes_given: likesGiven likes_received: likesReceived shares
      }
    }
    post(id: $post, interval: $interval, from: $from, to: $to) {
      from to likes comments shares series { from to likes comments shares }
    }
  }
}"""


def _instants(row: Any) -> Any:
    """Give a row as the graph does, its instants in ms."""
    series = [_instants(each) for each in row.get("series", ())]
    return {**row, "from": _ms(row["from"]), "to": _ms(row["to"]), "series": series}


@pytest.mark.parametrize(
    ("interval", "start"),
    [(None, None), ("MONTH", None), ("DAY", "2011-01-01T00:00:00Z"), ("WEEK", None)],
)
async def test_own_series_are_those_that_sql_gives(
    snb: Snb,
    imported: Graph,
    http: httpx.AsyncClient,
    tokens: Tokens,
    hours: Any,
    interval: str | None,
    start: str | None,
) -> None:
    end = "2012-01-01T00:00:00Z"
    axis = Axis(Span(_ms(start) if start else 0, _ms(end)), is_open=not start)
    checked = 0
    for user_id in snb.readers(READER_COUNT)[::4]:
        written = snb.posts(user_id)
        post_id = max(written, key=lambda id_: len(hours["PostHour"].get(id_, ())), default="p_0")
        client = as_user(imported, http, tokens, user_id)
        variables = {"id": user_id, "post": post_id, "interval": interval, "from": start, "to": end}
        found = (await client.data(SERIES, **variables))["analytics"]
        _check(_instants(found["user"]), hours["UserHour"].get(user_id, {}), axis, OF_USER)
        if written:
            own = hours["PostHour"].get(post_id, {})
            _check(_instants(found["post"]), own, axis, OF_POST)
            checked += 1
    assert checked > 1


TALK = """\
query ($id: ID!) { analytics { conversation(postId: $id) {
  comments depth breadth branchingFactor participants medianReplyTime
  mostReplied { replies comment { id } }
} } }"""
PASSED_ON = """\
query ($id: ID!) { analytics { cascade(postId: $id) {
  shareCount authorFollowers reached depth
  shares { place from depth user { id } followers newlyReached below }
} } }"""
_SHARED = """\
SELECT post FROM shares JOIN posts ON posts.id = post GROUP BY post
ORDER BY count(via) DESC, (SELECT count(*) FROM follows WHERE followee = author) DESC, post
LIMIT 60"""


@pytest.mark.parametrize(
    ("document", "name", "which", "measure"),
    [
        (TALK, "conversation", lambda snb: snb.busiest_posts(60), conversation),
        (TALK, "conversation", lambda snb: snb.posts()[::1_000], conversation),
        (PASSED_ON, "cascade", lambda snb: snb.ask(_SHARED), cascade),
        (PASSED_ON, "cascade", lambda snb: snb.posts()[::1_000], cascade),
    ],
    ids=["busiest", "some", "shared", "others"],
)
async def test_shapes_of_posts_are_those_that_python_finds_in_the_file(
    snb: Snb,
    reader: Client,
    document: str,
    name: str,
    which: Callable[[Snb], list[str]],
    measure: Callable[[Snb, str], Any],
) -> None:
    for post_id in which(snb):
        found = await reader.data(document, id=post_id)
        assert found["analytics"][name] == measure(snb, post_id), post_id
