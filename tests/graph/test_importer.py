"""A world is imported once, however often and however broken it comes."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pytest

from graph import comments, follows, ids, likes, posts, shares
from graph.importer import Imported, import_lines
from graph.importer.known import read_known
from graph.importer.writes import WRITES
from graph.runner import Graph
from graph.settings import GraphSettings
from graph.viewer import Viewer
from tests.graph.hours import counted, stored
from tests.graph.world import run

Line = Mapping[str, Any]
NAMES = ("alice", "bob", "carol", "dan")


def comment(number: int, author: int, parent: int, text: str, at: int) -> Line:
    said = {"author": author, "post": 1, "parent": parent, "text": text, "created_at_ms": at}
    return {"kind": "comment", "id": number, **said}


WORLD: list[Line] = [
    *(
        {"kind": "user", "id": n, "username": name, "display_name": "Same", "created_at_ms": n}
        for n, name in enumerate(NAMES, 1)
    ),
    {"kind": "follow", "src": 1, "dst": 2, "at_ms": 10},
    {"kind": "follow", "src": 2, "dst": 1, "at_ms": 10},
    # Posts and comments share their numbers with users, not with each other.
    {"kind": "post", "id": 1, "author": 1, "text": "hi", "created_at_ms": 20, "tags": ["A b", "C"]},
    {"kind": "post", "id": 2, "author": 1, "text": "ho", "created_at_ms": 30, "tags": ["C", "C"]},
    comment(3, 2, 1, "a", 40),
    comment(4, 1, 3, "b", 50),
    comment(5, 2, 4, "c", 60),
    {"kind": "like", "user": 2, "subject": 1, "at_ms": 70},
    {"kind": "like", "user": 1, "subject": 5, "at_ms": 80},
    {"kind": "share", "user": 3, "post": 1, "at_ms": 90},
]  # fmt: skip


def encode(lines: Iterable[Line]) -> list[bytes]:
    return [json.dumps(line).encode() + b"\n" for line in lines]


def imported(
    graph: Graph, lines: Iterable[bytes], password_hash: str | None = None, batch_lines: int = 2_000
) -> Imported:
    total = Imported()
    for batch in import_lines(graph, lines, password_hash, batch_lines):
        total.add(batch)
    return total


def digest(graph: Graph) -> list[str]:
    """Give every node and relationship with all that it holds, in an order of their own."""
    nodes = run(graph, "MATCH (n) RETURN labels(n) AS labels, properties(n) AS properties")
    edges = run(
        graph,
        """\
MATCH (a)-[r]->(b)
RETURN coalesce(a.id, a.name) AS a, type(r) AS type, coalesce(b.id, b.name) AS b,
       properties(r) AS properties""",
    )
    return sorted(json.dumps(row, sort_keys=True) for row in [*nodes, *edges])


def edges(graph: Graph, kind: str) -> list[dict[str, Any]]:
    return run(
        graph,
        "MATCH (a)-[r:$($kind)]->(b) RETURN a.id AS a, coalesce(b.id, b.name) AS b, "
        "properties(r) AS r ORDER BY a, b",
        kind=kind,
    )


def nodes(graph: Graph, label: str) -> dict[str, dict[str, Any]]:
    rows = run(
        graph, "MATCH (n:$($label)) RETURN coalesce(n.id, n.name) AS id, n{.*} AS n", label=label
    )
    return {str(row["id"]): row["n"] for row in rows}  # type: ignore[misc]


@pytest.fixture
def patient(request: pytest.FixtureRequest, graph_settings: GraphSettings) -> Iterator[Graph]:
    """A runner that lets a batch take its time, on an empty database."""
    request.getfixturevalue("clean")
    with Graph(graph_settings.model_copy(update={"neo4j_timeout_s": 60.0})) as graph:
        yield graph


def test_everything_is_kept_behind_the_prefix_of_its_type(patient: Graph) -> None:
    result = imported(patient, encode(WORLD))

    assert (result.lines, result.known, result.broken) == (14, 0, [])
    assert result.new == {"user": 4, "follow": 2, "post": 2, "comment": 3, "like": 2, "share": 1}
    assert nodes(patient, "User")["u_1"] == {
        "id": "u_1",
        "username": "alice",
        "display_name": "Same",
        "words": "alice same",
        "role": "USER",
        "created_at": 1,
        "last_post_k": ids.key(30, "p_2"),
        "lk": True,
    }
    post = nodes(patient, "Post")["p_1"]
    assert post.pop("hot_k").endswith(post["k"])
    assert post == {
        "id": "p_1",
        "k": ids.key(20, "p_1"),
        "author_id": "u_1",
        "text": "hi",
        "words": "hi",
        "visibility": "PUBLIC",
        "created_at": 20,
    }
    assert nodes(patient, "Comment")["c_4"] == {
        "id": "c_4",
        "k": ids.key(50, "c_4"),
        "author_id": "u_1",
        "post_id": "p_1",
        "parent_id": "c_3",
        "depth": 2,
        "text": "b",
        "created_at": 50,
    }


def test_edges_carry_both_ends_and_a_key(patient: Graph) -> None:
    imported(patient, encode(WORLD))

    follow = {"follower_id": "u_1", "followee_id": "u_2", "at": 10, "k": ids.key(10, "u_1:u_2")}
    assert edges(patient, "FOLLOWS")[0] == {"a": "u_1", "b": "u_2", "r": follow}
    share = {"user_id": "u_3", "post_id": "p_1", "at": 90, "k": ids.key(90, "s:u_3")}
    assert edges(patient, "SHARED") == [{"a": "u_3", "b": "p_1", "r": share}]
    like = {"user_id": "u_1", "subject_id": "c_5", "at": 80, "k": ids.key(80, "l:u_1")}
    like |= {"author_id": "u_2"}
    assert edges(patient, "LIKED")[0] == {"a": "u_1", "b": "c_5", "r": like}
    on_post = {"post_id": "p_1", "at": 60, "k": ids.key(60, "c_5")}
    assert edges(patient, "ON_POST")[2] == {"a": "c_5", "b": "p_1", "r": on_post}
    ends = {
        kind: [(edge["a"], edge["b"]) for edge in edges(patient, kind)]
        for kind in ("POSTED", "COMMENTED", "REPLY_TO", "TAGGED")
    }
    assert ends == {
        "POSTED": [("u_1", "p_1"), ("u_1", "p_2")],
        "COMMENTED": [("u_1", "c_4"), ("u_2", "c_3"), ("u_2", "c_5")],
        "REPLY_TO": [("c_3", "p_1"), ("c_4", "c_3"), ("c_5", "c_4")],
        "TAGGED": [("p_1", "a b"), ("p_1", "c"), ("p_2", "c")],
    }


def test_nothing_else_is_made(patient: Graph) -> None:
    imported(patient, encode(WORLD))

    labels = run(patient, "MATCH (n) UNWIND labels(n) AS l RETURN collect(DISTINCT l) AS labels")
    assert set(labels[0]["labels"]) == {  # type: ignore[call-overload]
        "User", "Post", "Comment", "Tag", "Counter", "SchemaVersion",
        "PostHour", "UserHour", "PlatformHour",
    }  # fmt: skip


def test_what_is_imported_looks_like_what_the_commands_write(patient: Graph) -> None:
    imported(patient, encode(WORLD))
    run(patient, "CREATE (:Session {id: 's_1', user_id: 'u_4', expires_at: 9999999999999})")
    dan = Viewer("u_4", "s_1")
    post = posts.NewPost.of(dan, "mine")
    reply = comments.NewComment.of(dan, "p_1", "c_3", "mine too")
    commands = (
        posts.create_post(dan, post),
        comments.create_comment(dan, reply),
        likes.like(dan, "p_1"),
        shares.share(dan, "p_1"),
        follows.follow(dan, "u_1"),
    )
    for command in commands:
        patient.run(command)

    def shape(properties: Any) -> set[str]:
        return set(properties) - {"lk"}

    users, made = nodes(patient, "User"), nodes(patient, "Post")
    assert shape(users["u_4"]) == shape(users["u_1"])
    assert shape(made[post.id]) == shape(made["p_1"])
    made = nodes(patient, "Comment")
    assert shape(made[reply.id]) == shape(made["c_4"])
    assert made[reply.id]["depth"] == made["c_4"]["depth"]
    for kind in (
        "POSTED", "COMMENTED", "REPLY_TO", "ON_POST", "LIKED", "SHARED", "FOLLOWS",
    ):  # fmt: skip
        assert len({frozenset(edge["r"]) for edge in edges(patient, kind)}) == 1, kind


@pytest.mark.parametrize("batch_lines", [1, 4, 2_000])
def test_a_second_import_writes_nothing(patient: Graph, batch_lines: int) -> None:
    imported(patient, encode(WORLD), batch_lines=batch_lines)
    before, count = digest(patient), patient.statement_count

    again = imported(patient, encode(WORLD))

    assert (again.known, again.new, again.broken) == (14, {}, [])
    assert patient.statement_count == count + 7  # the one that looks, and a recount's six
    assert digest(patient) == before


def test_what_is_imported_is_counted_by_the_hour(patient: Graph) -> None:
    imported(patient, encode(WORLD))

    assert len(stored(patient)) == 1 + 3 + 1
    assert stored(patient) == counted(patient)


def test_an_interrupted_import_goes_on(patient: Graph) -> None:
    def interrupted() -> Iterator[bytes]:
        yield from encode(WORLD)[:11]
        raise KeyboardInterrupt

    imported(patient, encode(WORLD))
    whole = digest(patient)
    run(patient, "MATCH (n:User|Post|Comment|Tag) DETACH DELETE n")

    with pytest.raises(KeyboardInterrupt):
        imported(patient, interrupted(), batch_lines=5)
    rest = imported(patient, encode(WORLD))

    assert (rest.known, sum(rest.new.values())) == (10, 4)
    assert digest(patient) == whole


def test_lines_that_say_the_same_twice_are_one(patient: Graph) -> None:
    twice = imported(patient, encode([*WORLD, *WORLD]))

    assert (twice.known, sum(twice.new.values()), twice.broken) == (14, 14, [])


def test_a_deep_conversation_fits_into_one_batch(patient: Graph) -> None:
    chain = [comment(n + 100, 1, n + 99 if n else 1, "deeper", n) for n in range(300)]

    result = imported(patient, encode([*WORLD, *chain]))

    assert result.broken == []
    assert nodes(patient, "Comment")["c_399"]["depth"] == 300
    path = "MATCH p = (:Comment {id: 'c_399'})-[:REPLY_TO]->*(:Post) RETURN length(p) AS length"
    assert run(patient, path) == [{"length": 300}]


def test_the_newest_post_of_an_author_is_known_whatever_came_last(patient: Graph) -> None:
    old = {"kind": "post", "id": 9, "author": 1, "text": "old", "created_at_ms": 1}
    imported(patient, encode(WORLD))
    imported(patient, encode([old]))

    assert nodes(patient, "User")["u_1"]["last_post_k"] == ids.key(30, "p_2")


def test_imported_people_get_the_password_and_those_who_are_there_keep_theirs(
    patient: Graph,
) -> None:
    imported(patient, encode(WORLD[:2]), "first")
    imported(patient, encode(WORLD), "second")

    hashes = [user["password_hash"] for _, user in sorted(nodes(patient, "User").items())]
    assert hashes == ["first", "first", "second", "second"]


def test_optional_fields_are_kept(patient: Graph) -> None:
    lines = [
        {**WORLD[0], "bio": "I like graphs."},
        {"kind": "post", "id": 7, "author": 1, "text": "hi", "created_at_ms": 1,
         "visibility": "FOLLOWERS"},
    ]  # fmt: skip
    imported(patient, encode(lines))

    assert nodes(patient, "User")["u_1"]["bio"] == "I like graphs."
    assert nodes(patient, "Post")["p_7"]["visibility"] == "FOLLOWERS"


COMMENT = WORLD[8]
CLOSED = {**WORLD[6], "id": 70, "visibility": "FOLLOWERS"}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ({**WORLD[0], "id": 9}, "`username`: 'alice' is the name of u_1 already"),
        ({**WORLD[4], "src": 9}, "`src`: there is no user 9"),
        ({**WORLD[4], "dst": 9}, "`dst`: there is no user 9"),
        ({**WORLD[4], "dst": 1}, "`dst`: nobody follows themselves"),
        ({**WORLD[6], "id": 9, "author": 9}, "`author`: there is no user 9"),
        ({**WORLD[6], "id": 3}, "`id`: 3 is the number of c_3 already"),
        ({**COMMENT, "id": 9, "author": 9}, "`author`: there is no user 9"),
        ({**COMMENT, "id": 9, "post": 9}, "`post`: there is no post 9"),
        ({**COMMENT, "id": 9, "post": 3}, "`post`: there is no post 3"),
        ({**COMMENT, "id": 9, "parent": 9}, "`parent`: there is no post or comment 9"),
        ({**COMMENT, "id": 9, "post": 2}, "`parent`: p_1 belongs to p_1, not to p_2"),
        ({**COMMENT, "id": 9, "post": 2, "parent": 4}, "`parent`: c_4 belongs to p_1, not to p_2"),
        ({**COMMENT, "id": 1}, "`id`: 1 is the number of p_1 already"),
        ({**WORLD[11], "user": 9}, "`user`: there is no user 9"),
        ({**WORLD[11], "subject": 9}, "`subject`: there is no post or comment 9"),
        ({**WORLD[13], "post": 3}, "`post`: there is no post 3"),
        ({**WORLD[13], "post": 70}, "`post`: p_70 is for followers only, and not to be shared"),
        ({**WORLD[11], "at_ms": -1}, "`at_ms`: Input should be greater than or equal to 0"),
        ({"kind": "x"}, "`kind` should be user, follow, post, comment, like or share"),
    ],
)
@pytest.mark.parametrize("batch_lines", [16, 2_000])
def test_a_broken_line_is_told_and_the_rest_goes_on(
    patient: Graph, line: Line, reason: str, batch_lines: int
) -> None:
    last = {"kind": "like", "user": 4, "subject": 1, "at_ms": 99}

    result = imported(patient, encode([*WORLD, CLOSED, {}, line, last]), batch_lines=batch_lines)

    assert result.broken[1:] == [(17, reason)]
    assert result.new["like"] == 3
    assert result.lines == 18


def test_empty_lines_count_and_say_nothing(patient: Graph) -> None:
    result = imported(patient, [b"\n", b"  \r\n", *encode(WORLD[:1]), b"{"])

    assert (result.lines, result.new) == (4, {"user": 1})
    assert [number for number, _ in result.broken] == [4]


def test_every_statement_seeks_in_an_index(patient: Graph) -> None:
    def scans(plan: Mapping[str, Any]) -> Iterator[str]:
        if "Scan" in plan["operatorType"]:
            yield plan["operatorType"]
        for child in plan.get("children", ()):
            yield from scans(child)

    reads = read_known([])
    parameters = {**reads.parameters, "rows": []}
    with patient.driver.session() as session:
        for text in (reads.text, *WRITES.values()):
            plan = session.run("EXPLAIN " + text, parameters).consume().plan
            assert plan is not None
            assert list(scans(plan)) == [], text
