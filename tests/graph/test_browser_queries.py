"""The queries that the page about the graph gives for Neo4j Browser find something."""

import re
from typing import Final

import pytest

from graph.moderation import remove_content
from graph.posts import update_post
from graph.reports import NewReport, ReportReason, report
from graph.roles import appoint
from graph.runner import Graph
from graph.shares import share
from graph.viewer import Role, Viewer
from tests.graph.hours import recount
from tests.graph.people import World, new_world
from tests.graph.test_graph_model_page import PAGE
from tests.graph.test_model import EDGE, NODE, declared_labels, declared_types, undeclared
from tests.graph.world import catch_up

QUERIES: Final = re.findall(r"```cypher\n(.*?)```", PAGE, re.DOTALL)
every_query = pytest.mark.parametrize("query", QUERIES, ids=range(len(QUERIES)))


@pytest.fixture(name="world")
def _world(clean: None, sync_graph: Graph) -> World:  # noqa: ARG001
    """A post that was reported, changed and removed, and another one."""
    world = new_world(sync_graph)
    world.run(appoint("dan", Role.MODERATOR))
    post = world.post(world.alice, "first")
    world.run(report(world.bob, NewReport.of(world.bob, post, ReportReason.SPAM)))
    world.run(update_post(world.alice, post, "second"))
    moderator = Viewer(world.dan.user_id, world.dan.session_id, Role.MODERATOR)
    world.run(remove_content(moderator, post, "spam"))
    third = world.post(world.carol, "the third")
    world.comment(world.bob, third, world.comment(world.alice, third))
    world.run(share(world.alice, third))
    world.run(share(world.bob, third, world.alice.user_id))
    recount(world.graph)
    catch_up(world.graph)
    return world


def test_each_query_finds_something(world: World) -> None:
    found = [world.cypher(query) for query in QUERIES]
    waiting, most, texts, former, log, searched, talk, shares, hours = found
    assert all(found)
    assert len(waiting) == len(former) == 1
    assert (most[0]["what"], most[0]["reports"], most[0]["reasons"]) == ("Post", 1, ["SPAM"])
    assert (texts[0]["reported_text"], texts[0]["text"]) == ("first", "second")
    assert [(row["actor"], row["action"]) for row in log] == [
        ("dan", "REMOVE_CONTENT"),
        ("command line", "SET_ROLE"),
    ]
    assert [row["words"] for row in searched] == ["the third"]
    assert sorted(len(row["path"]) for row in talk) == [1, 2]
    assert [(row["sharer"], row["via"]) for row in shares] == [("alice", None), ("bob", "alice")]
    assert [(row["posts"], row["comments"], row["shares"]) for row in hours] == [(1, 2, 2)]


@pytest.mark.unit
@every_query
def test_a_query_names_what_is_declared(query: str) -> None:
    assert [*undeclared(query, NODE, declared_labels())] == []
    assert [*undeclared(query, EDGE, declared_types())] == []
