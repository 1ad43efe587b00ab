"""Pages of the feed against plain Python, whatever happens between them, however they are found."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph import feed, ids
from graph.feed import read_page
from graph.follows import unfollow
from graph.mutes import mute
from graph.pages import decode_cursor
from graph.posts import delete_post
from graph.runner import Graph
from graph.settings import GraphSettings
from graph.shares import unshare
from graph.tags import follow_tag
from graph.viewer import Viewer
from tests.graph.people import (
    World,
    add,
    edge_of,
    first,
    follow_row,
    ids_of,
    new_world,
    post_row,
    share_row,
)
from tests.graph.world import empty

WAYS: Final = {"ask each": (400, 600), "walk all": (0, 600), "walk in vain": (0, 2)}
"""How many are few, and how long a walk may be."""
MOST_POSTS: Final = 8
TAG: Final = "x"
_RESET: Final = """\
MATCH (p:Post) DETACH DELETE p
WITH count(*) AS _
MATCH (u:User) REMOVE u.last_post_k
WITH count(*) AS _
OPTIONAL MATCH (:User)-[r:FOLLOWS|MUTES]->() DELETE r"""


@dataclass
class Model:
    """What dan follows, mutes, and may read, in plain Python."""

    follows: set[str]
    muted: set[str] = field(default_factory=set)
    posts: dict[str, tuple[str, int]] = field(default_factory=dict)
    shares: dict[tuple[str, str], int] = field(default_factory=dict)
    tagged: set[str] = field(default_factory=set)

    def activities(self) -> Iterator[tuple[str, str]]:
        """Yield (key, post) of what brings posts into the feed."""
        for post, (author, at) in self.posts.items():
            tagged = post in self.tagged and author not in self.muted
            if author in self.follows - self.muted or tagged:
                yield ids.key(at, post), post
        for (user, post), at in self.shares.items():
            known = user in self.follows - self.muted and post in self.posts
            if known and self.posts[post][0] not in self.muted:
                yield ids.key(at, f"s:{user}"), post

    def below(self, k: str, told: list[str]) -> list[tuple[str, str]]:
        """Give (key, post) from a key on downwards, each post once, at its newest."""
        newest: dict[str, str] = {}
        for each, post in self.activities():
            if each <= k and post not in told:
                newest[post] = max(each, newest.get(post, ""))
        return sorted(((each, post) for post, each in newest.items()), reverse=True)


@dataclass
class Stage:
    """The model and the graph, changed together."""

    world: World
    model: Model
    people: list[Viewer]
    clock: int = 1_000_000
    touched: set[str] = field(default_factory=set)

    def post(self, author: int, at: int) -> None:
        if len(self.model.posts) < MOST_POSTS:
            post, user = f"p_{len(self.model.posts)}", self.people[author].user_id
            names = [TAG] if (len(self.model.posts) + at) % 3 == 0 else []
            self.model.tagged |= {post for _ in names}
            self.model.posts[post] = (user, at)
            add(self.world.graph, "post", [post_row(post, user, at, *names)])

    def share(self, sharer: int, number: int, at: int) -> None:
        user, post = self.people[sharer].user_id, f"p_{number}"
        if post in self.model.posts and (user, post) not in self.model.shares:
            at = max(at, self.model.posts[post][1])
            while (user, at) in {(by, then) for (by, _), then in self.model.shares.items()}:
                at += 1  # in which order equal keys stand is nobody's promise
            self.model.shares[user, post] = at
            add(self.world.graph, "share", [share_row(user, post, at)])

    def change(self, kind: str, person: int, number: int) -> None:
        """Do one of the things that may happen between two pages."""
        viewer, post = self.people[person], f"p_{number}"
        author, _ = self.model.posts.get(post, ("", 0))
        self.clock += 1
        match kind:
            case "post":
                self.post(person, self.clock)
            case "share":
                self.share(person, number, self.clock)
            case "unshare":
                if self.model.shares.pop((viewer.user_id, post), None) is not None:
                    self.touched.add(post)
                self.world.run(unshare(viewer, post))
            case "delete" if author == viewer.user_id:
                del self.model.posts[post]
                self.model.tagged.discard(post)
                self.model.posts[f"gone {post}"] = ("nobody", 0)
                self.world.run(delete_post(viewer, post))
            case "unfollow":
                self._part_from(viewer.user_id)
                self.model.follows.discard(viewer.user_id)
                self.world.run(unfollow(self.world.dan, viewer.user_id))
            case "mute":
                self._part_from(viewer.user_id)
                self.model.muted.add(viewer.user_id)
                self.world.run(mute(self.world.dan, viewer.user_id))
            case _:
                pass

    def _part_from(self, user: str) -> None:
        self.touched |= {post for post, (author, _) in self.model.posts.items() if author == user}
        self.touched |= {post for by, post in self.model.shares if by == user}


@pytest.fixture(name="world", scope="module")
def _world(sync_graph: Graph, graph_settings: GraphSettings) -> Iterator[World]:
    empty(sync_graph)
    with Graph(graph_settings.model_copy(update={"neo4j_timeout_s": 60.0})) as patient:
        yield new_world(patient)


def _stage(world: World, follows: set[int]) -> Stage:
    world.cypher(_RESET)
    people = [world.alice, world.bob, world.carol]
    followed = {people[n].user_id for n in follows}
    add(world.graph, "follow", [follow_row(world.dan.user_id, each, 1) for each in followed])
    world.run(follow_tag(world.dan, TAG))
    return Stage(world, Model(followed), people)


_PERSON = st.integers(0, 2)
_NUMBER = st.integers(0, MOST_POSTS - 1)
_AT = st.integers(1, 6).map(lambda n: n * 100_000)
_CHANGE = st.tuples(
    st.sampled_from(["none", "post", "share", "unshare", "delete", "unfollow", "mute"]),
    _PERSON,
    _NUMBER,
)


@pytest.mark.parametrize("way", WAYS)
@settings(
    deadline=None,
    max_examples=20,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(
    start=st.tuples(st.sets(_PERSON, min_size=1), st.integers(1, 4)),
    posts=st.lists(st.tuples(_PERSON, _AT), min_size=2, max_size=6),
    shares=st.lists(st.tuples(_PERSON, _NUMBER, _AT), max_size=9),
    changes=st.lists(_CHANGE, max_size=8),
)
def test_pages_are_what_plain_python_says(
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    way: str,
    start: tuple[set[int], int],
    posts: list[tuple[int, int]],
    shares: list[tuple[int, int, int]],
    changes: list[tuple[str, int, int]],
) -> None:
    (follows, size), (few, walk) = start, WAYS[way]
    monkeypatch.setattr(feed, "FEW", few)
    monkeypatch.setattr(feed, "LONGEST_WALK", walk)
    monkeypatch.setattr(feed, "_SPARE", 0)
    stage = _stage(world, follows)
    for author, at in posts:
        stage.post(author, at)
    for sharer, number, at in shares:
        stage.share(sharer, number, at)
    there = {post for _, post in stage.model.activities()}

    told: list[str] = []
    after, k, left = None, ids.KEY_LAST, list(changes)
    while True:
        expected = stage.model.below(k, told)
        page = world.run(read_page(world.dan, first(size, after), edge_of("id")))
        assert ids_of(page) == [post for _, post in expected[:size]]
        assert page["page_info"]["has_next_page"] == (len(expected) > size)
        told += ids_of(page)
        if len(expected) <= size:
            break
        after, k = page["page_info"]["end_cursor"], expected[size - 1][0]
        if left:
            stage.change(*left.pop())

    assert len(told) == len(set(told))
    stayed = {post for post in there - stage.touched if post in stage.model.posts}
    assert stayed <= set(told)


@pytest.mark.parametrize("size", [1, 2, 3])
@pytest.mark.parametrize("way", WAYS)
def test_what_one_person_shared_at_one_instant_is_there_once_each(
    world: World, monkeypatch: pytest.MonkeyPatch, way: str, size: int
) -> None:
    few, walk = WAYS[way]
    monkeypatch.setattr(feed, "FEW", few)
    monkeypatch.setattr(feed, "LONGEST_WALK", walk)
    monkeypatch.setattr(feed, "_SPARE", 0)
    stage = _stage(world, {0})
    for _ in range(5):
        stage.post(2, 1)
    rows = [share_row(world.alice.user_id, f"p_{n}", 9) for n in range(5)]
    add(world.graph, "share", rows)

    told: list[str] = []
    after = None
    for _ in range(5):
        page = world.run(read_page(world.dan, first(size, after), edge_of("id")))
        told += ids_of(page)
        after = page["page_info"]["end_cursor"]

    assert sorted(told) == [f"p_{n}" for n in range(5)]


@pytest.mark.parametrize("way", WAYS)
def test_behind_more_than_a_cursor_remembers_what_was_shared_may_repeat_and_nothing_is_skipped(
    world: World, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """A post may come once for each thing that brings it: that it was shared, and written."""
    few, walk = WAYS[way]
    monkeypatch.setattr(feed, "FEW", few)
    monkeypatch.setattr(feed, "LONGEST_WALK", walk)
    monkeypatch.setattr(feed, "MOST_SHOWN", 2)
    stage = _stage(world, {0, 1})
    for n in range(MOST_POSTS):
        stage.post(0, (n + 1) * 100_000)
    shared = range(0, MOST_POSTS, 2)
    for n in shared:
        stage.share(1, n, (n + 50) * 100_000)

    told: list[str] = []
    after = None
    while after or not told:
        page = world.run(read_page(world.dan, first(1, after), edge_of("id")))
        told += ids_of(page)
        after = page["page_info"]["has_next_page"] and page["page_info"]["end_cursor"]
        _, shown = decode_cursor("feed", page["page_info"]["end_cursor"])
        assert len(shown) <= 2

    assert [*dict.fromkeys(told)] == [
        *(f"p_{n}" for n in reversed(shared)),
        *(f"p_{n}" for n in reversed(range(1, MOST_POSTS, 2))),
    ]
    assert {post for post in told if told.count(post) > 1} <= {f"p_{n}" for n in shared}
    assert 0 < len(told) - MOST_POSTS <= len(shared)
