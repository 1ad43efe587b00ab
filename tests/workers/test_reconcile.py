"""Once a night what is stored beside the edges is recounted, repaired where it differs, told."""

from concurrent.futures import ThreadPoolExecutor
from itertools import count
from threading import Event
from typing import Any

import pytest
from structlog.testing import capture_logs

from graph.follows import follow
from graph.likes import like, unlike
from graph.notify import notify
from graph.outbox import number_pending
from graph.reconcile import STEPS, Round, end_step, next_page, open_round
from graph.runner import Graph
from graph.shares import share
from graph.tally import tally
from graph.viewer import Viewer
from tests.graph.hours import badly_ranked, counted, settle, stored
from tests.graph.people import World, new_world
from workers.celery import _RECONCILE_EVERY_MIN, _TASK_LIMIT_S, NIGHT, SCHEDULES
from workers.reconcile import BUDGET_S, PATIENCE_S, go_on

NIGHT_1, NIGHT_2 = 1_000, 2_000
_CORRUPT = """\
MATCH (hour:PostHour) SET hour.likes = hour.likes + 3
WITH count(*) AS counted
MATCH (hour:UserHour) SET hour.comments = 7
WITH count(*) AS counted
MATCH (hour:PlatformHour) DELETE hour
WITH count(*) AS counted
MATCH (post:Post) SET post.hot_k = '0'
WITH count(*) AS counted
MATCH (user:User) SET user.last_post_k = '~'
WITH count(*) AS counted
MATCH (news:Notification) SET news.unread_k = null
WITH count(*) AS counted
MATCH (:Cause)-[causes:CAUSES]->(:Notification {kind: 'SHARE'}) DELETE causes
WITH count(*) AS counted
MATCH (:User)-[liked:LIKED]->(:Post) SET liked.author_id = 'u_nobody'
WITH count(*) AS counted
MATCH (post:Post) SET post.words = 'others'
WITH count(*) AS counted
MATCH (user:User) SET user.suspended_name = 'others'"""
_OPEN = """\
MATCH (job:Job) WHERE job.done_at IS NULL AND job.name = 'notify'
RETURN job.event_id AS id ORDER BY job.key LIMIT 10"""
_KEYS = """\
MATCH (n:User|Post|Notification)
RETURN n.id AS id, coalesce(n.hot_k, n.last_post_k, n.unread_k) AS key, n.words AS words,
       n.once_words AS once, n.suspended_name AS name, COUNT { (n)<-[:CAUSES]-() } AS causes
ORDER BY id"""


@pytest.fixture(name="world")
def _world(clean: None, sync_graph: Graph) -> World:  # noqa: ARG001
    world = new_world(sync_graph)
    posts = [world.post(author) for author in (world.alice, world.bob)]
    for viewer in world.people:
        world.run(like(viewer, posts[0]))
    world.run(share(world.carol, posts[1]))
    world.comment(world.dan, posts[0])
    settle(sync_graph)
    for row in world.cypher("MATCH (job:Job {name: 'notify'}) RETURN job.event_id AS id"):
        world.run(notify(row["id"], 5))
    world.cypher("MATCH (job:Job) DELETE job")
    return world


def _round(world: World) -> dict[str, Any]:
    found: dict[str, Any] = world.value(
        "COLLECT { MATCH (r:Reconciliation) RETURN properties(r) }"
    )[0]
    return found


def test_what_is_wrong_is_repaired_and_told_and_the_next_night_finds_nothing(world: World) -> None:
    right, keys = stored(world.graph), world.cypher(_KEYS)
    world.cypher(_CORRUPT)
    assert stored(world.graph) != right

    with capture_logs() as logs:
        drifts = go_on(world.graph, NIGHT_1)

    assert stored(world.graph) == right == counted(world.graph)
    assert world.cypher(_KEYS) == keys
    assert {each.what for each in drifts} == {step.what for step in STEPS}
    told = [entry for entry in logs if entry["event"] == "drift repaired"]
    assert [(e["what"], e["id"], e["stored"]) for e in told] == [
        (each.what, each.id, each.stored) for each in drifts
    ]
    assert _round(world)["drift_count"] == len(drifts)
    assert _round(world)["ended_at"] >= _round(world)["started_at"]
    assert go_on(world.graph, NIGHT_2) == []
    assert _round(world)["drift_count"] == 0


def test_what_is_wrong_is_told_while_other_things_wait(world: World) -> None:
    world.run(follow(world.alice, world.bob.user_id))
    world.run(like(world.dan, world.post(world.dan)))
    world.run(number_pending(1, 5, 5))
    world.cypher("MATCH (:Cause {actor_id: $id})-[r:CAUSES]->() DELETE r", id=world.carol.user_id)
    hours = "MATCH (hour:UserHour {user_id: $id}) SET hour.comments = 7"
    world.cypher(hours, id=world.carol.user_id)

    drifts = go_on(world.graph, NIGHT_1)

    assert {(each.what, each.id) for each in drifts if each.what != "causes"} == {
        ("user hours", world.carol.user_id),
        ("platform hours", None),
    }
    causes = [str(each.id).split(":")[1] for each in drifts if each.what == "causes"]
    assert {*causes} == {world.carol.user_id}


def test_each_drift_is_told_however_many_and_none_at_length(world: World) -> None:
    for n in range(30):
        world.post(world.alice, f"number {n}")
    settle(world.graph)
    world.cypher("MATCH (post:Post) SET post.words = $words", words="x" * 5_000)

    with capture_logs() as logs:
        go_on(world.graph, NIGHT_1)

    told = [e for e in logs if e["event"] == "drift repaired" and e["what"] == "words"]
    assert len(told) == world.value("COUNT { (:Post) }") == 32
    assert all(len(str(entry)) < 500 for entry in told)


def test_a_night_that_is_through_is_not_begun_again(world: World) -> None:
    go_on(world.graph, NIGHT_1)
    world.cypher(_CORRUPT)

    assert go_on(world.graph, NIGHT_1) == []
    assert go_on(world.graph, NIGHT_1 - 1) == []

    assert stored(world.graph) != counted(world.graph)


def test_a_round_goes_on_where_it_was_killed(world: World) -> None:
    """Each page is begun as by a process that knows nothing but what the graph holds."""
    world.cypher(_CORRUPT)
    seen: list[Round] = []
    while not (standing := world.run(open_round(NIGHT_1, 5))).is_through:
        assert standing not in seen
        seen.append(standing)
        if world.run(next_page(standing)).next is None:
            world.run(end_step(standing, 9))
            world.run(end_step(standing, 9))  # its answer was lost
    assert stored(world.graph) == counted(world.graph)
    assert standing.drift_count > 10
    assert (_round(world)["started_at"], _round(world)["ended_at"]) == (5, 9)
    assert len(seen) == 2 * len(STEPS)


def test_a_rank_that_the_tally_is_about_to_make_is_no_drift(world: World) -> None:
    post = world.post(world.carol)
    for viewer in world.people:
        world.run(like(viewer, post))

    assert go_on(world.graph, NIGHT_1) == []

    assert _round(world)["drift_count"] == 0


def _write(world: World, viewer: Viewer) -> None:
    for n in range(8):
        post = world.post(viewer, f"#tag{n} number {n}")
        other = world.people[n % len(world.people)]
        for act in (like, share, unlike, like):
            world.run(act(other, post))
        world.comment(viewer, post)


def _work(world: World, ended: Event) -> None:
    while not ended.is_set():
        world.run(number_pending(20, 5, 5))
        world.run(tally(7))
        for job in world.cypher(_OPEN):
            world.run(notify(job["id"], 5))


def test_rounds_beside_writes_repair_nothing_that_is_right(world: World) -> None:
    """People write, the relay numbers, the tally counts and jobs are done all the while."""
    ended = Event()
    with ThreadPoolExecutor(len(world.people) + 1) as pool:
        worker = pool.submit(_work, world, ended)
        writers = [pool.submit(_write, world, viewer) for viewer in world.people]
        nights = count(NIGHT_1)
        drifts = go_on(world.graph, next(nights))
        while not all(each.done() for each in writers):
            drifts += go_on(world.graph, next(nights))
        ended.set()
    for each in (*writers, worker):
        each.result()

    assert drifts == []
    settle(world.graph)
    assert stored(world.graph) == counted(world.graph)
    assert badly_ranked(world.graph) == []


def test_a_task_ends_before_it_is_killed_and_before_the_next_begins() -> None:
    assert BUDGET_S + PATIENCE_S < _TASK_LIMIT_S < _RECONCILE_EVERY_MIN * 60
    assert SCHEDULES["reconcile"].every_s == _RECONCILE_EVERY_MIN * 60
    assert NIGHT.every_s == 24 * 3_600
