"""A search finds what holds the words, best first, whatever else is typed, and nothing hidden."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph import ddl, search
from graph.blocks import block
from graph.errors import InvalidInput, SessionEnded
from graph.follows import follow
from graph.moderation import remove_content, restore_content
from graph.pages import PageRequest, decode_cursor, encode_cursor
from graph.posts import NewPost, create_post, delete_post, update_post
from graph.profiles import update_profile
from graph.projection import Row
from graph.runner import Graph
from graph.search import DEEPEST, LONGEST_QUERY, MOST_WORDS, SearchKind
from graph.tags import follow_tag
from graph.text import check_text
from graph.viewer import Role, Viewer
from graph.words import phrases_of, searchable, words_of
from tests.graph.people import World, add, below, new_person, new_world, pick, post_row, user_row
from tests.graph.world import catch_up, empty, run

POSTS, USERS, TAGS = SearchKind.POSTS, SearchKind.USERS, SearchKind.TAGS
SHOWN: Final = {POSTS: ("Post", "id"), USERS: ("User", "username"), TAGS: ("Tag", "name")}

MANY: Final = 1_200
TEXTS: Final = (
    "Hello, World!",
    "hello hello world of graphs",
    "To be or not to be: AND OR NOT, that is the question.",
    "Café crème à la carte",
    "cafe noir",
    "don't panic, it's only e-mail",
    "mail me, e.g. tomorrow",
    "東京タワーに行きました",
    "京東は会社です",
    "서울에서 만나요",
    "ΣΊΣΥΦΟΣ и ёлка",
    "שָׁלוֹם \u202ealeichem",
    "🎉 party 👨‍👩‍👧",
    'C++ && (x || !y) [1 TO 5] {a} ^2 ~0.8 "q" a* b? words:c id:d \\ /re.*/',
    "snake_case and kebab-case",
    "http://nexus.example/path?x=1#frag",
    "x" * 300,
    "١٢٣ ½ ﬁne \uff26\uff35\uff2c\uff2c",
    "!!! … ???",
)


@pytest.fixture(name="stage", scope="module")
def _stage(sync_graph: Graph) -> World:
    """Give a world whose posts have the texts above, by alice, oldest first."""
    empty(sync_graph)
    world = new_world(sync_graph)
    for text in TEXTS:
        world.post(world.alice, text)
    catch_up(sync_graph)
    return world


def _page(world: World, kind: SearchKind, text: str, page: PageRequest | None = None) -> Row:
    type_name, name = SHOWN[kind]
    node = below("edges", "SearchEdge", below("node", type_name, name))
    asked = page or PageRequest(100)
    return world.run(search.read_page(world.dan, text, kind, asked, pick(node)))


def _found(world: World, kind: SearchKind, text: str) -> list[str]:
    return [edge["node"][SHOWN[kind][1]] for edge in _page(world, kind, text)["edges"]]


def _texts(world: World, text: str) -> list[str]:
    return [edge["node"]["text"] for edge in _page(world, POSTS, text)["edges"]]


def _holds(text: str, phrase: Sequence[str]) -> bool:
    words, size = words_of(text), len(phrase)
    return any(words[at : at + size] == [*phrase] for at in range(len(words)))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("world", {0, 1}),
        ("WORLD hello", {0, 1}),
        ("hello graphs", {1}),
        ("hello nobody", set()),
        ("hell", set()),
        ("to be", {2}),
        ("the", {2}),
        ("cafe", {3, 4}),
        ("CAFÉ", {3, 4}),
        ("creme cafe\u0301", {3}),
        ("don\u2019t", {5}),
        ("e-mail", {5}),
        ("mail", {5, 6}),
        ("東京", {7}),
        ("タワー", {7}),
        ("서울", {9}),
        ("σίσυφος елка", {10}),
        ("שלום", {11}),
        ("🎉", {12}),
        ("👩", {12}),
        ("C++", {13}),
        ("case snake", {14}),
        ("nexus.example", {15}),
        ("x" * LONGEST_QUERY, {16}),
        ("ﬁne", {17}),
        ("fine full", {17}),
        ("!!!", set()),
    ],
)
def test_posts_hold_all_the_words(stage: World, text: str, found: set[int]) -> None:
    assert {*_texts(stage, text)} == {TEXTS[n] for n in found}


@pytest.mark.parametrize(
    "text",
    ["hel*", "hell?", "helo~", "/hel.*/", "[a TO z]", "*:*", "*", "k:*", "{* TO z}", "text:hello"],
)
def test_no_character_means_anything(stage: World, text: str) -> None:
    assert _texts(stage, text) == []


@pytest.mark.parametrize(
    "text", ["+hello", "-hello", "!hello", '"hello', "hello^5", "hello\\", "(hello", "hello && !"]
)
def test_characters_around_a_word_are_like_blanks(stage: World, text: str) -> None:
    expected = [] if "5" in text else _texts(stage, "hello")
    assert _texts(stage, text) == expected


_ANYTHING: Final = st.text(min_size=1, max_size=LONGEST_QUERY)
_PIECES: Final = st.sampled_from(
    [piece for text in TEXTS[:-4] for piece in text.split()]
    + ["AND", "OR", "NOT", "TO", "+", "-", "&&", "||", "*", "?", "~", "^", "\\", "/", '"', "(", "]"]
)
_JOINED: Final = st.lists(_PIECES, min_size=1, max_size=6).flatmap(
    lambda pieces: st.sampled_from(["", " ", ":", '"', "* ", "\t", "\u3000"]).map(
        lambda between: between.join(pieces)[:LONGEST_QUERY]
    )
)


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(text=_ANYTHING | _JOINED)
def test_whatever_is_typed_finds_what_holds_its_words(stage: World, text: str) -> None:
    try:
        check_text(text, "text", LONGEST_QUERY)
    except InvalidInput:
        return
    phrases = phrases_of(text)
    expected = {each for each in TEXTS if phrases and all(_holds(each, p) for p in phrases)}
    assert {*_texts(stage, text)} == expected
    for kind in (USERS, TAGS):
        assert len(_found(stage, kind, text)) <= len(stage.people)


@pytest.mark.parametrize("text", TEXTS[:-1])
def test_a_post_is_found_by_its_text(stage: World, text: str) -> None:
    assert text in _texts(stage, text[:LONGEST_QUERY])


@pytest.mark.parametrize("kind", SearchKind)
@pytest.mark.parametrize(
    "text", ["", " \n", "\u200b", "\x00", "a\x00b", "\ud800", "x" * (LONGEST_QUERY + 1)]
)
def test_a_text_that_is_none_is_refused(stage: World, kind: SearchKind, text: str) -> None:
    with pytest.raises(InvalidInput, match="`text`") as refused:
        _found(stage, kind, text)
    assert refused.value.path == ("text",)


def test_the_longest_texts_are_searched(stage: World) -> None:
    family = "👨‍👩‍👧"
    for text in (
        " ".join(map(chr, range(0x3B1, 0x415))),
        "\U0001d400" * 200,
        "ﷺ" * 200,
        family * 200,
        "e\u0301" * 200,
        "東" * 200,
    ):
        for kind in SearchKind:
            assert _found(stage, kind, text) == []


EMOJI: Final = [chr(n) for n in range(0x1F300, 0x1FB00) if words_of(chr(n))][:900]


def test_a_text_of_hundreds_of_words_is_searched(stage: World) -> None:
    """Joined emoji are one character and many words, and blanks are characters, too."""
    text = " ".join("\u200d".join(EMOJI[n : n + 9]) for n in range(0, 900, 9))
    assert check_text(text, "text", LONGEST_QUERY) == text
    assert len({*words_of(text)}) == 900
    for kind in SearchKind:
        assert _found(stage, kind, text) == []


def test_people_are_searched_by_the_first_of_many_words(world: World) -> None:
    first = EMOJI[:MOST_WORDS]
    _people(world.graph, {"faces": " ".join(first), "half": " ".join(first[:-1])})
    catch_up(world.graph)
    assert _found(world, USERS, " ".join(EMOJI[: MOST_WORDS + 1])) == ["faces"]


def _people(graph: Graph, names: dict[str, str]) -> None:
    add(
        graph,
        "user",
        [
            user_row(name) | {"display_name": shown, "words": searchable(name, shown)}
            for name, shown in names.items()
        ],
    )


@pytest.fixture(name="crowd", scope="module")
def _crowd(sync_graph: Graph) -> World:
    empty(sync_graph)
    world = new_world(sync_graph)
    names = {
        "al": "Zoe",
        "alba_berg": "Alba",
        "albert": "Albert Al",
        "jose": "José García",
        "will": "Will Øst",
        "tanaka": "田中 太郎",
        "the_one": "No. 1",
        "zz_alb": "Zed",
    }
    _people(sync_graph, names)
    for name in ("alba_berg", "albert"):
        world.run(follow(world.bob, f"u_{name}"))
    world.run(follow(world.bob, world.alice.user_id))
    world.run(follow(world.carol, "u_albert"))
    catch_up(sync_graph)
    return world


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("al", ["al", "albert", "alba_berg", "alice", "zz_alb"]),
        ("AL", ["al", "albert", "alba_berg", "alice", "zz_alb"]),
        ("@al", ["al", "albert", "alba_berg", "alice", "zz_alb"]),
        ("\uff20alba", ["alba_berg"]),
        ("alba_b", ["alba_berg"]),
        ("berg", ["alba_berg"]),
        ("jose garc", ["jose"]),
        ("GARCÍA", ["jose"]),
        ("garcia alba", []),
        ("ost", ["will"]),
        ("will", ["will"]),
        ("the", ["the_one"]),
        ("no 1", ["the_one"]),
        ("田中", ["tanaka"]),
        ("太", ["tanaka"]),
        ("_", []),
        ("@", []),
    ],
)
def test_people(crowd: World, text: str, found: list[str]) -> None:
    """A whole username, then those that begin with it, then names; the better known first."""
    assert _found(crowd, USERS, text) == found


def test_what_people_say_of_themselves_is_not_searched(crowd: World) -> None:
    crowd.run(update_profile(crowd.carol, {"bio": "unmistakable"}))
    catch_up(crowd.graph)
    assert _found(crowd, USERS, "unmistakable") == []


def test_a_person_is_found_by_their_present_name(crowd: World) -> None:
    def found_by(*texts: str) -> list[bool]:
        catch_up(crowd.graph)
        return ["carol" in _found(crowd, USERS, text) for text in texts]

    crowd.run(update_profile(crowd.carol, {"display_name": "Ünique Once"}))
    assert found_by("unique", "once carol", "@carol") == [True, True, True]
    crowd.run(update_profile(crowd.carol, {"bio": "still"}))
    assert found_by("unique") == [True]
    crowd.run(update_profile(crowd.carol, {"display_name": None}))
    assert found_by("unique", "carol") == [False, True]


@pytest.fixture(name="topics", scope="module")
def _topics(sync_graph: Graph) -> World:
    empty(sync_graph)
    world = new_world(sync_graph)
    for text in (
        "#graphs #Graphene",
        "#graphs #gra",
        "#GRAPHS",
        "#machine_learning #東京タワー #café",
    ):
        world.post(world.alice, text)
    world.run(follow_tag(world.bob, "grazing"))
    catch_up(sync_graph)
    return world


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("gra", ["gra", "graphs", "graphene"]),
        ("#gra", ["gra", "graphs", "graphene"]),
        ("\uff03GRAPHS", ["graphs"]),
        ("#Graph", ["graphs", "graphene"]),
        ("learn", ["machine_learning"]),
        ("machine learning", ["machine_learning"]),
        ("machine_l", ["machine_learning"]),
        ("東京", ["東京タワー"]),
        ("cafe", ["café"]),
        ("CAFÉ", ["café"]),
        ("grazing", []),
        ("#", []),
        ("*", []),
    ],
)
def test_tags(topics: World, text: str, found: list[str]) -> None:
    """A whole name, then those that begin with it; what more posts name first among equals."""
    assert _found(topics, TAGS, text) == found


@pytest.fixture(name="heap", scope="module")
def _heap(sync_graph: Graph) -> World:
    """Give a world of many posts that fit "text" alike, every third by somebody whom dan blocks."""
    empty(sync_graph)
    world = new_world(sync_graph)
    authors = (world.alice.user_id, world.bob.user_id, world.carol.user_id)
    add(sync_graph, "post", [post_row(f"p_{n:04d}", authors[n % 3], n) for n in range(MANY)])
    world.run(block(world.dan, world.carol.user_id))
    catch_up(sync_graph)
    return world


def _walk(world: World, text: str, size: int) -> Iterator[list[str]]:
    after: str | None = None
    while True:
        page = _page(world, POSTS, text, PageRequest(size, after))
        edges, info = page["edges"], page["page_info"]
        yield [edge["node"]["id"] for edge in edges]
        assert info["has_previous_page"] == (after is not None)
        if not info["has_next_page"]:
            return
        assert len(edges) == size
        after = info["end_cursor"]


def _visible(ids: Iterable[int]) -> list[str]:
    return [f"p_{n:04d}" for n in ids if n % 3 != 2]


def test_the_thousand_that_fit_best_are_looked_at(heap: World) -> None:
    found = [each for page in _walk(heap, "text", 100) for each in page]

    assert len(found) == len({*found})
    assert {*found} <= {*_visible(range(MANY))}
    assert DEEPEST // 2 < len(found) < DEEPEST


_LOOKED_AT: Final = """\
CALL db.index.fulltext.queryNodes('post_texts', '+words:"p"', {limit: 18}) YIELD node
RETURN node.id AS id"""


@pytest.mark.parametrize("size", [1, 2, 3, 7, 12, 20])
def test_pages_of_every_length_join_to_the_whole(
    heap: World, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    """Also where pages are thinned by what may not be seen, and where places end."""
    monkeypatch.setattr(search, "DEEPEST", 18)
    looked_at = run(heap.graph, _LOOKED_AT)
    expected = sorted({str(row["id"]) for row in looked_at} & {*_visible(range(MANY))})
    assert 1 < len(expected) < len(looked_at) == 18

    found = [each for page in _walk(heap, "p", size) for each in page]
    assert found == expected[::-1]


def test_a_cursor_is_of_one_search(heap: World) -> None:
    cursor = _page(heap, POSTS, "text p", PageRequest(1))["page_info"]["end_cursor"]

    assert _page(heap, POSTS, "TEXT, p!", PageRequest(1, cursor))["edges"]
    for kind, text in ((POSTS, "p text"), (POSTS, "text"), (USERS, "text p"), (TAGS, "text p")):
        with pytest.raises(InvalidInput, match="no cursor of this list"):
            _page(heap, kind, text, PageRequest(1, cursor))


@pytest.mark.parametrize("place", [-1, DEEPEST + 1, 1.5, 1e300, "1", None, True])
def test_a_place_that_is_none_is_refused(heap: World, place: Any) -> None:
    cursor = _page(heap, POSTS, "text", PageRequest(1))["page_info"]["end_cursor"]
    of, _ = decode_cursor("search-posts", cursor)
    with pytest.raises(InvalidInput, match="no cursor of this list"):
        _page(heap, POSTS, "text", PageRequest(1, encode_cursor("search-posts", [of, place])))
    past = encode_cursor("search-posts", [of, DEEPEST])
    page = _page(heap, POSTS, "text", PageRequest(1, past))
    assert page["edges"] == []
    assert page["page_info"]["end_cursor"] == past
    assert not page["page_info"]["has_next_page"]


@pytest.fixture(name="world")
def _world(clean: None, sync_graph: Graph) -> World:  # noqa: ARG001
    return new_world(sync_graph)


def test_what_names_a_word_most_comes_first_and_newer_ones_among_equals(world: World) -> None:
    both = [
        world.post(world.alice, text) for text in ("tea", "coffee tea", "tea tea", "coffee tea")
    ]
    catch_up(world.graph)

    assert _found(world, POSTS, "tea") == [both[2], both[0], both[3], both[1]]


def test_a_place_tells_nothing_of_what_is_hidden(world: World) -> None:
    """Places that counted hidden posts would tell whether one holds what is asked for."""
    hidden = NewPost.of(world.alice, "salary salary salary", "FOLLOWERS")
    world.run(create_post(world.alice, hidden))
    world.post(world.bob, "a long post that has the salary in it somewhere")
    catch_up(world.graph)
    page = PageRequest(5, None)
    wanted = pick(below("edges", "SearchEdge", "cursor", below("node", "Post", "id")))
    (edge,) = world.run(search.read_page(world.carol, "salary", POSTS, page, wanted))["edges"]
    _, place = decode_cursor("search-posts", edge["cursor"])
    assert place == 1


def test_a_tag_whose_posts_are_gone_is_not_found(world: World) -> None:
    post = world.post(world.alice, "#fleeting")
    catch_up(world.graph)
    assert _found(world, TAGS, "fle") == ["fleeting"]
    world.run(delete_post(world.alice, post))
    assert _found(world, TAGS, "fle") == []


def _moderator(world: World) -> Viewer:
    viewer = new_person(world.graph, "mod")
    world.cypher("MATCH (u:User {username: 'mod'}) SET u.role = 'MODERATOR'")
    return replace(viewer, role=Role.MODERATOR)


def test_a_post_is_found_by_its_present_text_while_it_is_there(world: World) -> None:
    post, moderator = world.post(world.alice, "first thoughts"), _moderator(world)

    def found_by(*texts: str) -> list[bool]:
        catch_up(world.graph)
        return [post in _found(world, POSTS, text) for text in texts]

    assert found_by("first") == [True]
    world.run(update_post(world.alice, post, "second thoughts"))
    assert found_by("first", "second") == [False, True]
    world.run(remove_content(moderator, post, "spam"))
    assert found_by("second") == [False]
    world.run(restore_content(moderator, post))
    assert found_by("second") == [True]
    world.run(delete_post(world.alice, post))
    assert found_by("second") == [False]


def test_what_is_gone_takes_no_place(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    best, other = (world.post(world.alice, text) for text in ("tea tea", "tea and coffee"))
    monkeypatch.setattr(search, "DEEPEST", 1)
    catch_up(world.graph)
    assert _found(world, POSTS, "tea") == [best]
    world.run(delete_post(world.alice, best))
    catch_up(world.graph)
    assert _found(world, POSTS, "tea") == [other]


def test_what_few_may_see_takes_no_place_of_what_all_may(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        world.run(create_post(world.alice, NewPost.of(world.alice, "tea tea tea", "FOLLOWERS")))
    public = world.post(world.alice, "tea and coffee")
    monkeypatch.setattr(search, "DEEPEST", 2)
    catch_up(world.graph)
    assert _found(world, POSTS, "tea") == [public]


@pytest.mark.parametrize("text", ["text", "!!!"])
def test_who_is_logged_out_searches_no_more(world: World, text: str) -> None:
    world.cypher("MATCH (s:Session {id: $id}) SET s.revoked_at = 1", id=world.dan.session_id)
    with pytest.raises(SessionEnded):
        _found(world, POSTS, text)


_WORDS: Final = """\
MATCH (n:Post|User|Tag) RETURN n.words AS words, n.once_words AS once
ORDER BY labels(n), coalesce(n.id, n.name)"""


def test_what_was_written_before_there_was_a_search_is_found(world: World) -> None:
    posts = [world.post(world.alice, f"#Tag {n}") for n in range(3)]
    world.run(update_profile(world.bob, {"display_name": "Bób the Builder"}))
    world.run(delete_post(world.alice, posts[0]))
    before = run(world.graph, _WORDS)
    world.cypher("MATCH (n:Post|User|Tag) REMOVE n.words, n.once_words")
    world.cypher("MATCH (v:SchemaVersion) SET v.version = 3")

    assert ddl.apply(world.graph) == ddl.VERSION - 3
    assert run(world.graph, _WORDS) == before
    catch_up(world.graph)
    assert _found(world, POSTS, "tag 2") == [posts[2]]
    assert _found(world, USERS, "builder") == ["bob"]
