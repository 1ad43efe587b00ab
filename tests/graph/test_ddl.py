"""The database is what the declared model says, made once and never made older."""

import re

import pytest

from graph import ddl
from graph.nodes import NODES
from graph.runner import Graph
from tests.graph.people import add, like_row, post_row, user_row
from tests.graph.world import run

_NODE_CONSTRAINT = re.compile(r"FOR \(n:(\w+)\) REQUIRE n\.(\w+) IS UNIQUE")
_NAME = re.compile(r"CREATE (?:CONSTRAINT|(?:FULLTEXT )?INDEX) (\w+) IF NOT EXISTS FOR ")
_ON = re.compile(
    r"FOR \(n:(\w+)\) (?:ON(?: EACH)?|REQUIRE) [(\[]?([^)\]]*?)[)\]]?(?: IS UNIQUE| OPTIONS .*)?$"
)


@pytest.mark.unit
def test_every_unique_property_of_the_model_has_its_constraint() -> None:
    made = {match.groups() for text in ddl.CONSTRAINTS if (match := _NODE_CONSTRAINT.search(text))}
    assert made == ddl.declared_unique_properties()


@pytest.mark.unit
def test_names_are_used_once_and_every_statement_may_run_again() -> None:
    texts = (*ddl.CONSTRAINTS, *ddl.INDEXES, *ddl.FULL_TEXT_INDEXES)
    names = [match[1] for text in texts if (match := _NAME.match(text))]
    assert len(names) == len(set(names)) == len(texts)


@pytest.mark.unit
def test_indexes_stand_on_declared_properties() -> None:
    declared = {
        node.__label__: {
            each.get_db_property_name(name)
            for name, each in node.defined_properties(rels=False, aliases=False).items()
        }
        for node in NODES
    }
    for text in (*ddl.CONSTRAINTS, *ddl.INDEXES, *ddl.FULL_TEXT_INDEXES):
        if match := _ON.search(text):
            label, columns = match.groups()
            names = {column.strip().removeprefix("n.") for column in columns.split(",")}
            assert names <= declared[label], text


def test_a_new_index_reaches_a_database_that_was_applied_before(
    clean: None,  # noqa: ARG001
    sync_graph: Graph,
) -> None:
    run(sync_graph, "DROP INDEX post_k")
    assert ddl.apply(sync_graph) == 0
    assert run(sync_graph, "SHOW INDEXES YIELD name WHERE name = 'post_k' RETURN name")


def test_applying_again_does_nothing(clean: None, sync_graph: Graph) -> None:  # noqa: ARG001
    before = run(sync_graph, "SHOW INDEXES YIELD name, state RETURN name, state ORDER BY name")

    assert ddl.apply(sync_graph) == 0
    assert (
        run(sync_graph, "SHOW INDEXES YIELD name, state RETURN name, state ORDER BY name") == before
    )
    assert {row["state"] for row in before} == {"ONLINE"}
    for statement in ddl.migrations(0):
        sync_graph.run(statement)
    assert sync_graph.run(ddl.read_version()) == ddl.VERSION
    assert run(sync_graph, "MATCH (c:Counter {name: 'events'}) RETURN count(c) AS n") == [{"n": 1}]


def test_who_was_suspended_before_is_listed_among_the_suspended(
    clean: None,  # noqa: ARG001
    sync_graph: Graph,
) -> None:
    add(sync_graph, "user", [user_row("one"), user_row("two")])
    run(sync_graph, "MATCH (u:User {id: 'u_one'}) SET u.suspended_at = 1")
    run(sync_graph, "MATCH (v:SchemaVersion) SET v.version = 2")
    assert ddl.apply(sync_graph) == ddl.VERSION - 2
    named = run(sync_graph, "MATCH (u:User) RETURN u.suspended_name AS name ORDER BY u.id")
    assert [row["name"] for row in named] == ["one", None]


def test_posts_that_jobs_were_to_rank_are_ranked(clean: None, sync_graph: Graph) -> None:  # noqa: ARG001
    add(sync_graph, "user", [user_row("one"), user_row("two")])
    add(
        sync_graph, "post", [post_row(post, "u_one", 1) for post in ("p_liked", "p_dead", "p_done")]
    )
    add(sync_graph, "like", [like_row(f"u_{name}", "p_liked", 1) for name in ("one", "two")])
    run(
        sync_graph,
        """\
MATCH (p:Post) SET p.hot_k = ''
WITH count(*) AS posts
CREATE (:Event {id: 'e_1', subject_id: 'p_liked'}), (:Event {id: 'e_2', subject_id: 'p_done'}),
       (:Event {id: 'e_3', subject_id: 'p_dead'}),
       (:Job {key: 'e_1:rank', name: 'rank', event_id: 'e_1', due_at: 0}),
       (:Job {key: 'e_3:rank', name: 'rank', event_id: 'e_3', dead_at: 1}),
       (:DeadLetter {id: 'd_1', key: 'e_3:rank', job: 'rank'}),
       (:DeadLetter {id: 'd_2', key: 'e_4:notify', job: 'notify'}),
       (:Job {key: 'e_1:notify', name: 'notify', event_id: 'e_1', due_at: 0}),
       (:Job {key: 'e_2:rank', name: 'rank', event_id: 'e_2', done_at: 1})""",
    )
    run(sync_graph, "MATCH (v:SchemaVersion) SET v.version = 8")

    assert ddl.apply(sync_graph) == ddl.VERSION - 8

    ranks = run(sync_graph, "MATCH (p:Post) RETURN p.id AS id, p.hot_k <> '' AS is_ranked")
    assert {row["id"]: row["is_ranked"] for row in ranks} == {
        "p_liked": True,
        "p_dead": True,
        "p_done": False,
    }
    assert run(sync_graph, "MATCH (j:Job) RETURN j.key AS key") == [{"key": "e_1:notify"}]
    assert run(sync_graph, "MATCH (l:DeadLetter) RETURN l.id AS id") == [{"id": "d_2"}]


def test_a_database_of_a_newer_nexus_is_refused(clean: None, sync_graph: Graph) -> None:  # noqa: ARG001
    run(sync_graph, "MATCH (v:SchemaVersion) SET v.version = $n", n=ddl.VERSION + 1)
    try:
        with pytest.raises(RuntimeError, match="newer than this Nexus"):
            ddl.apply(sync_graph)
    finally:
        run(sync_graph, "MATCH (v:SchemaVersion) SET v.version = $n", n=ddl.VERSION)
