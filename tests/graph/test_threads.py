"""A thread is cut where its limits say, and its cursors join to the whole."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph import ids, threads
from graph.comments import delete_comment
from graph.errors import InvalidInput
from graph.likes import like, unlike
from graph.orders import CommentSort
from graph.pages import encode_cursor
from graph.posts import find_post
from graph.runner import Graph
from graph.thread_tree import Skeleton, best
from graph.threads import DEEPEST, LARGEST, ThreadRequest
from tests.graph.people import World, add, below, comment_row, new_world, pick, post_row, thread

POST = "p_1"
OLD = CommentSort.OLD


@dataclass(frozen=True)
class Bone:
    """A comment of a made-up skeleton."""

    number: int
    parent_id: str
    likes: int
    boost: bool

    @property
    def id(self) -> str:
        return f"c_{self.number}"


def _bone(number: int, parent: Bone | None = None, likes: int = 0, *, boost: bool = False) -> Bone:
    return Bone(number, parent.id if parent else POST, likes, boost)


def arrange(bones: Sequence[Bone], post_id: str, request: ThreadRequest) -> dict[str, Any]:
    """Arrange a made-up skeleton."""
    by_likes = request.sort in (CommentSort.BEST, CommentSort.TOP)
    return threads.arrange(_skeleton(bones, by_likes=by_likes), post_id, request)


def _skeleton(bones: Sequence[Bone], *, by_likes: bool = False) -> Skeleton:
    return Skeleton(
        0,
        [bone.parent_id for bone in bones],
        [ids.key(bone.number, bone.id) for bone in bones],
        [bone.likes * 2 + bone.boost for bone in bones] if by_likes else [],
    )


@pytest.fixture(name="world")
def _world(clean: None, sync_graph: Graph) -> World:  # noqa: ARG001
    return new_world(sync_graph)


def _ids(answer: Mapping[str, Any]) -> list[str]:
    return [node["id"] for node in answer["nodes"]]


def _arguments(**given_ones: Any) -> dict[str, Any]:
    return {"sort": "OLD", "max_depth": 50, "limit": 200, "root": None, "after": None} | given_ones


def _tree() -> list[Bone]:
    one = _bone(1)
    two = _bone(2, one)
    three = _bone(3)
    return [one, two, three, _bone(4, two), _bone(5, one)]


@pytest.mark.unit
class TestArrange:
    def test_parents_come_before_children_and_siblings_in_order(self) -> None:
        answer = arrange(_tree(), POST, ThreadRequest(OLD))

        assert _ids(answer) == ["c_1", "c_2", "c_4", "c_5", "c_3"]
        assert [n["depth"] for n in answer["nodes"]] == [1, 2, 3, 2, 1]
        assert [n["parent_id"] for n in answer["nodes"]] == [POST, "c_1", "c_2", "c_1", POST]
        assert [n["descendant_count"] for n in answer["nodes"]] == [3, 1, 0, 0, 0]
        assert answer["total_count"] == 5
        assert answer["more"] is None
        assert all(node["more"] is None for node in answer["nodes"])

    @pytest.mark.parametrize(
        ("sort", "expected"),
        [
            (CommentSort.OLD, ["c_1", "c_2", "c_3", "c_4"]),
            (CommentSort.NEW, ["c_4", "c_3", "c_2", "c_1"]),
            (CommentSort.TOP, ["c_2", "c_4", "c_3", "c_1"]),
            (CommentSort.BEST, ["c_3", "c_2", "c_4", "c_1"]),
        ],
    )
    def test_siblings_stand_in_each_order(self, sort: CommentSort, expected: list[str]) -> None:
        bones = [_bone(1), _bone(2, likes=2), _bone(3, likes=1, boost=True), _bone(4, likes=2)]
        assert _ids(arrange(bones[::-1], POST, ThreadRequest(sort))) == expected

    def test_the_authors_approval_weighs_as_published(self) -> None:
        assert best(1) == pytest.approx(1.0986122886681098 * 1.45)
        assert best(7 * 2) == pytest.approx(2.302585092994046)

    def test_what_is_too_deep_is_cut_with_its_count_and_a_way_on(self) -> None:
        answer = arrange(_tree(), POST, ThreadRequest(OLD, max_depth=2))

        assert _ids(answer) == ["c_1", "c_2", "c_5", "c_3"]
        assert answer["total_count"] == 5
        (cut,) = [node["more"] for node in answer["nodes"] if node["more"]]
        assert (cut["count"], cut["reason"]) == (1, "DEPTH_LIMIT")
        request = ThreadRequest.of(_arguments(after=cut["cursor"]))
        assert _ids(arrange([_tree()[3]], POST, request)) == ["c_4"]

    def test_what_is_too_much_is_cut_with_its_count(self) -> None:
        answer = arrange(_tree(), POST, ThreadRequest(OLD, max_depth=2, limit=1))

        assert _ids(answer) == ["c_1"]
        assert answer["more"]["reason"] == "TOTAL_LIMIT"
        assert answer["more"]["count"] == 4, "what is below a cut by depth counts too"

    def test_without_room_a_thread_is_cut_where_it_would_begin(self) -> None:
        first = arrange(_tree(), POST, ThreadRequest(OLD, limit=2))
        for after in (None, first["more"]["cursor"]):
            request = ThreadRequest.of(_arguments(after=after))
            whole = arrange(_tree(), POST, request)
            cut = threads.arrange(_skeleton(_tree()), POST, request, 0)
            assert (cut["nodes"], cut["total_count"]) == ([], 5)
            assert (cut["more"]["count"], cut["more"]["reason"]) == (
                len(whole["nodes"]),
                "TOTAL_LIMIT",
            )
            going_on = ThreadRequest.of(_arguments(after=cut["more"]["cursor"]))
            assert arrange(_tree(), POST, going_on) == whole

    def test_nothing_below_is_an_empty_thread(self) -> None:
        answer = arrange([], POST, ThreadRequest(OLD))
        assert answer == {"nodes": [], "total_count": 0, "more": None}


def _grow(parents: Sequence[int], likes: Sequence[int]) -> list[Bone]:
    """Make a tree: each number names the parent among those before, 0 the post."""
    bones: list[Bone] = []
    for number, (parent, count) in enumerate(zip(parents, likes, strict=True), 1):
        above = parent % number
        bones.append(
            _bone(number, bones[above - 1] if above else None, count // 2, boost=bool(count % 2))
        )
    return bones


def _below(bones: Sequence[Bone], root: str | None) -> list[Bone]:
    """Give what the skeleton's query gives: everything below the root."""
    if root is None:
        return list(bones)
    inside = {root}
    found: list[Bone] = []
    for bone in bones:
        if bone.parent_id in inside:
            inside.add(bone.id)
            found.append(bone)
    return found


def _follow_all(
    pages: Sequence[Sequence[Bone]], sort: str, max_depth: int, limit: int
) -> list[str]:
    """Follow every cursor; the n-th request sees the n-th state of the tree, the last for good."""
    told: list[str] = []
    waiting: list[str | None] = [None]
    requests = 0
    while waiting:
        after = waiting.pop()
        request = ThreadRequest.of(
            _arguments(sort=sort, max_depth=max_depth, limit=limit, after=after)
        )
        bones = pages[min(requests, len(pages) - 1)]
        answer = arrange(_below(bones, request.root), POST, request)
        requests += 1
        told += _ids(answer)
        waiting += [n["more"]["cursor"] for n in answer["nodes"] if n["more"]]
        if answer["more"]:
            waiting.append(answer["more"]["cursor"])
    return told


_NUMBERS = st.lists(st.integers(0, 30), min_size=1, max_size=25)
_SORTS = st.sampled_from(list(CommentSort))


@pytest.mark.unit
@settings(deadline=None, max_examples=60)
@given(_NUMBERS, st.data(), _SORTS, st.integers(1, 6), st.integers(1, 9))
def test_every_cursor_followed_gives_the_whole_exactly_once(
    parents: list[int], data: st.DataObject, sort: CommentSort, max_depth: int, limit: int
) -> None:
    likes = data.draw(st.lists(st.integers(0, 6), min_size=len(parents), max_size=len(parents)))
    bones = _grow(parents, likes)

    told = _follow_all([bones], sort.value, max_depth, limit)

    assert sorted(told) == sorted(bone.id for bone in bones)
    if max_depth > len(bones):
        assert told == _ids(arrange(bones, POST, ThreadRequest(sort, DEEPEST, LARGEST)))


@pytest.mark.unit
@settings(deadline=None, max_examples=60)
@given(_NUMBERS, _NUMBERS, st.data(), _SORTS, st.integers(1, 6), st.integers(1, 9))
def test_comments_added_in_between_neither_repeat_nor_skip_what_was_there(
    parents: list[int],
    later: list[int],
    data: st.DataObject,
    sort: CommentSort,
    max_depth: int,
    limit: int,
) -> None:
    everything = [*parents, *later]
    likes = data.draw(
        st.lists(st.integers(0, 6), min_size=len(everything), max_size=len(everything))
    )
    bones = _grow(everything, likes)
    states = [bones[: len(parents) + added] for added in range(len(later) + 1)]

    told = _follow_all(states, sort.value, max_depth, limit)

    assert len(told) == len(set(told))
    assert {bone.id for bone in bones[: len(parents)]} <= set(told)


@pytest.mark.unit
@settings(deadline=None, max_examples=60)
@given(_NUMBERS, st.data(), st.sampled_from(["TOP", "BEST"]), st.integers(1, 9))
def test_likes_in_between_move_what_they_are_for_and_nothing_else(
    parents: list[int], data: st.DataObject, sort: str, limit: int
) -> None:
    drawn = st.lists(st.integers(0, 6), min_size=len(parents), max_size=len(parents))
    before = _grow(parents, data.draw(drawn))
    first = arrange(before, POST, ThreadRequest(CommentSort(sort), DEEPEST, limit))
    last = _ids(first)[-1]
    likes = data.draw(st.integers(0, 9))
    after = [replace(bone, likes=likes) if bone.id == last else bone for bone in before]
    moved = {last, *(bone.id for bone in _below(before, last))}

    told = _follow_all([before, after], sort, DEEPEST, limit)

    assert set(told) == {bone.id for bone in before}
    whole = _ids(arrange(before, POST, ThreadRequest(CommentSort(sort), DEEPEST, LARGEST)))
    assert [i for i in told if i not in moved] == [i for i in whole if i not in moved]


@pytest.mark.unit
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("max_depth", 0),
        ("max_depth", DEEPEST + 1),
        ("limit", 0),
        ("limit", -1),
        ("limit", LARGEST + 1),
        ("limit", 2**70),
    ],
)
def test_numbers_out_of_range_are_refused(name: str, value: int) -> None:
    with pytest.raises(InvalidInput, match="1 to"):
        ThreadRequest.of(_arguments(**{name: value}))


@pytest.mark.unit
@pytest.mark.parametrize(
    "position",
    [
        [],
        [POST],
        [POST, None],
        [POST, None, "OLD", "c_1"],
        [POST, None, "OLD", "c_1", 5],
        [POST, None, "OLD", "c_1", ["5"]],
        [POST, None, "OLD", "c_1", [-1]],
        [POST, None, "OLD", "c_1", [2**63]],
        [POST, None, "OLD", "c_1", [True]],
        [POST, None, "OLD", ["c_1"], []],
        [POST, {"a": 1}, "OLD"],
        [POST, ["c_1"], "OLD"],
        [POST, 2**63, "OLD"],
        [None, None, None],
    ],
)
def test_a_tampered_cursor_is_refused(position: list[Any]) -> None:
    with pytest.raises(InvalidInput, match="no cursor of this list"):
        ThreadRequest.of(_arguments(after=encode_cursor("thread", position)))


@pytest.mark.unit
def test_a_cursor_of_another_list_root_order_or_thread_is_refused() -> None:
    cut = arrange(_tree(), POST, ThreadRequest(OLD, limit=1))["more"]["cursor"]

    with pytest.raises(InvalidInput, match="no cursor of this list"):
        ThreadRequest.of(_arguments(after=encode_cursor("posts", ["k"])))
    with pytest.raises(InvalidInput, match="another root"):
        ThreadRequest.of(_arguments(after=cut, root="c_3"))
    with pytest.raises(InvalidInput, match="same order"):
        ThreadRequest.of(_arguments(after=cut, sort="NEW"))
    request = ThreadRequest.of(_arguments(after=cut))
    with pytest.raises(InvalidInput, match="another thread"):
        arrange(_tree(), "p_2", request)
    with pytest.raises(InvalidInput, match="another thread"):
        arrange([], POST, request)


def _read(world: World, *fields: str, **arguments: Any) -> dict[str, Any]:
    row = world.run(find_post(world.dan, POST, pick(thread(*fields, **arguments))))
    assert row is not None
    found: dict[str, Any] = row["@thread"]
    return found


def _chain(world: World, count: int) -> None:
    add(world.graph, "post", [post_row(POST, world.alice.user_id, 1)])
    ids = [None, *(f"c_{n:04d}" for n in range(1, count + 1))]
    rows = [
        comment_row(str(ids[n]), world.bob.user_id, POST, n, ids[n - 1], depth=n)
        for n in range(1, count + 1)
    ]
    add(world.graph, "comment", rows)


def test_five_hundred_levels_come_in_one_request(world: World) -> None:
    _chain(world, DEEPEST + 1)
    before = world.graph.statement_count

    answer = _read(world, "text", max_depth=DEEPEST, limit=LARGEST)

    assert world.graph.statement_count - before == 2
    assert [node["depth"] for node in answer["nodes"]] == list(range(1, DEEPEST + 1))
    assert answer["nodes"][-1]["comment"]["text"] == f"text of c_{DEEPEST:04d}"
    assert answer["nodes"][0]["descendant_count"] == DEEPEST
    assert answer["nodes"][-1]["more"]["count"] == 1
    further = _read(world, after=answer["nodes"][-1]["more"]["cursor"])
    assert _ids(further) == [f"c_{DEEPEST + 1:04d}"]


@pytest.mark.parametrize("sort", list(CommentSort))
def test_a_thousand_comments_come_in_one_request_and_in_pages(
    world: World, sort: CommentSort
) -> None:
    add(world.graph, "post", [post_row(POST, world.alice.user_id, 1)])
    parents = [f"c_{(n - 1) // 3:04d}" if n > 3 else None for n in range(1, LARGEST + 1)]
    depths = [0] * (LARGEST + 1)
    rows = []
    for n, parent in enumerate(parents, 1):
        depths[n] = depths[(n - 1) // 3] + 1 if parent else 1
        rows.append(
            comment_row(f"c_{n:04d}", world.bob.user_id, POST, n // 5, parent, depth=depths[n])
        )
    add(world.graph, "comment", rows)
    for liker, n in ((world.alice, 2), (world.carol, 2), (world.alice, 40), (world.dan, 999)):
        world.run(like(liker, f"c_{n:04d}"))

    whole = _read(world, "text", sort=sort, limit=LARGEST)
    joined: list[str] = []
    after = None
    while after or not joined:
        page = _read(world, sort=sort, limit=300, after=after)
        joined += _ids(page)
        after = page["more"] and page["more"]["cursor"]

    assert whole["total_count"] == len(set(_ids(whole))) == LARGEST
    assert joined == _ids(whole)


def test_threads_in_more_places_than_one_statement_reads_are_cut(world: World) -> None:
    quoted, quoting = world.post(world.alice), world.post(world.alice)
    world.cypher(
        "MATCH (p:Post {id: $p}), (q:Post {id: $q}) CREATE (p)-[:QUOTES]->(q)", p=quoting, q=quoted
    )
    for post in (quoted, quoting):
        world.comment(world.bob, post)
    eight = [thread("text", key=f"t{n}") for n in range(8)]
    selection = pick(*eight, below("quote_of", "Post", *eight))
    row = world.run(find_post(world.dan, quoting, selection))

    assert row is not None
    found = [each[f"@t{n}"] for each in (row["quote_of"], row) for n in range(8)]
    assert [len(each["nodes"]) for each in found] == [1] * 8 + [0] * 8
    assert [each["more"] and each["more"]["count"] for each in found] == [None] * 8 + [1] * 8


def test_only_what_is_below_a_root_is_read(world: World) -> None:
    post = world.post(world.alice)
    one = world.comment(world.bob, post)
    two = world.comment(world.carol, post, one)
    three = world.comment(world.dan, post, two)
    world.comment(world.dan, post)
    other = world.comment(world.dan, world.post(world.bob))

    def read(root: str) -> list[tuple[str, int]]:
        row = world.run(find_post(world.dan, post, pick(thread(root=root))))
        assert row is not None
        return [(node["id"], node["depth"]) for node in row["@thread"]["nodes"]]

    assert read(one) == [(two, 2), (three, 3)]
    assert read(two) == [(three, 3)]
    assert read(three) == read(other) == read(post) == read("c_none") == []


def test_a_tombstone_keeps_its_place_and_what_is_below(world: World) -> None:
    post = world.post(world.alice)
    one = world.comment(world.bob, post)
    two = world.comment(world.carol, post, one)
    world.run(delete_comment(world.bob, one))

    row = world.run(find_post(world.dan, post, pick(thread("text", "tombstone"), "stats")))

    assert row is not None
    assert row["stats"]["comments"] == 1
    assert [(n["id"], n["comment"]["tombstone"]) for n in row["@thread"]["nodes"]] == [
        (one, "DELETED"),
        (two, None),
    ]
    assert [n["comment"]["text"] for n in row["@thread"]["nodes"]] == [None, "indeed"]
    assert row["@thread"]["nodes"][0]["descendant_count"] == row["@thread"]["total_count"] - 1 == 1


def test_going_on_after_likes_were_taken_back(world: World) -> None:
    post = world.post(world.alice)
    comments = [world.comment(world.bob, post) for _ in range(4)]
    for liker in (world.alice, world.carol):
        world.run(like(liker, comments[2]))

    def read(after: str | None = None) -> dict[str, Any]:
        selection = pick(thread(sort="TOP", limit=1 if after is None else 200, after=after))
        row = world.run(find_post(world.dan, post, selection))
        assert row is not None
        found: dict[str, Any] = row["@thread"]
        return found

    first = read()
    for liker in (world.alice, world.carol):
        world.run(unlike(liker, comments[2]))

    assert _ids(first) == [comments[2]]
    assert _ids(read(first["more"]["cursor"])) == [comments[0], comments[1], comments[3]]
