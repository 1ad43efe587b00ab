"""A report waits once for each reporter and subject, and only its reporter learns of it."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from graph import verdicts
from graph.blocks import block
from graph.comments import delete_comment, update_comment
from graph.errors import Conflict, InvalidInput, NotFound
from graph.lookup import find_nodes
from graph.moderation import remove_content, restore_content
from graph.posts import NewPost, create_post, delete_post, update_post
from graph.reports import (
    NewReport,
    ReportReason,
    find_report,
    report,
)
from graph.roles import appoint
from graph.runner import Graph
from graph.suspensions import suspend_user
from graph.verdicts import ReportOutcome, resolve_report
from graph.viewer import Role, Viewer
from tests.graph.people import World, below, new_world, pick

SPAM, HATE = ReportReason.SPAM, ReportReason.HATE
ACTIONED, DISMISSED = ReportOutcome.ACTIONED, ReportOutcome.DISMISSED


@pytest.fixture(name="world")
def _world(clean: None, sync_graph: Graph) -> World:  # noqa: ARG001
    return new_world(sync_graph)


@pytest.fixture(name="moderator")
def _moderator(world: World) -> Viewer:
    world.run(appoint("dan", Role.MODERATOR))
    return Viewer(world.dan.user_id, world.dan.session_id, Role.MODERATOR)


def _report(
    world: World, viewer: Viewer, subject: str, reason: ReportReason = SPAM, key: str | None = None
) -> str:
    return world.run(report(viewer, NewReport.of(viewer, subject, reason), key))


def _count(world: World) -> Any:
    return world.value("COUNT { (:Report)-[:ABOUT]->() }")


@pytest.mark.parametrize("kind", ["post", "comment", "person"])
def test_what_is_reported_waits_once_for_each_reporter(world: World, kind: str) -> None:
    post = world.post(world.alice)
    subjects = {
        "post": (post, world.alice),
        "comment": (world.comment(world.dan, post), world.dan),
        "person": (world.carol.user_id, world.carol),
    }
    subject, reported = subjects[kind]
    world.news()

    new = NewReport.of(world.bob, subject, HATE, " see the end ")
    assert [world.run(report(world.bob, new)) for _ in range(2)] == [new.id] * 2
    assert _report(world, world.bob, subject, SPAM) == new.id
    other = world.alice if kind == "person" else world.carol
    assert _report(world, other, subject) != new.id

    (row,) = world.cypher(
        "MATCH (r:Report {id: $id})-[:ABOUT]->(s) RETURN properties(r) AS report, s.id AS about",
        id=new.id,
    )
    assert row["about"] == subject
    assert row["report"] == new.properties() | {"reported_id": reported.user_id}
    assert (new.reason, new.details) == (HATE, "see the end")
    assert world.value("COUNT { ({id: $id})<-[:ABOUT]-() }", id=subject) == 2
    assert world.news() == []
    assert world.value("COUNT { (:Notification) }") == 0


def test_of_many_taps_at_once_one_counts(world: World) -> None:
    post = world.post(world.alice)
    with ThreadPoolExecutor(8) as pool:
        found = {*pool.map(lambda _: _report(world, world.bob, post), range(16))}
    assert len(found) == _count(world) == 1


def test_people_who_report_each_other_at_once_both_do(world: World) -> None:
    pairs = [(world.alice, world.bob.user_id), (world.bob, world.alice.user_id)] * 8
    with ThreadPoolExecutor(8) as pool:
        found = {*pool.map(lambda pair: _report(world, *pair), pairs)}
    assert len(found) == _count(world) == 2


def test_what_is_ones_own_is_for_oneself_to_change(world: World) -> None:
    post = world.post(world.alice)
    for subject in (post, world.comment(world.alice, post), world.alice.user_id):
        with pytest.raises(InvalidInput) as caught:
            _report(world, world.alice, subject)
        assert caught.value.path == ("subjectId",)
    assert _count(world) == 0


def test_what_one_may_not_see_is_not_found(world: World, moderator: Viewer) -> None:
    post = world.post(world.alice)
    closed = NewPost.of(world.alice, "closed", "FOLLOWERS")
    world.run(create_post(world.alice, closed))
    gone, removed = world.post(world.alice), world.post(world.alice)
    comments = [world.comment(world.alice, post) for _ in range(2)]
    below = world.comment(world.alice, closed.id)
    world.run(delete_post(world.alice, gone))
    world.run(delete_comment(world.alice, comments[0]))
    for subject in (removed, comments[1]):
        world.run(remove_content(moderator, subject, "spam"))
    for subject in (closed.id, below, gone, removed, *comments, "p_x", "c_x", "u_x", "", "\x00"):
        with pytest.raises(NotFound) as caught:
            _report(world, world.bob, subject)
        assert caught.value.path == ("subjectId",)

    said = world.comment(world.alice, post)
    world.run(block(world.alice, world.bob.user_id))
    for subject in (post, said, world.alice.user_id):
        with pytest.raises(NotFound):
            _report(world, world.bob, subject)
    assert _report(world, world.alice, world.bob.user_id)

    world.run(suspend_user(moderator, world.alice.user_id, "spam"))
    for subject in (post, said, world.alice.user_id):
        with pytest.raises(NotFound):
            _report(world, world.carol, subject)
    assert _count(world) == 1


def test_an_open_report_is_found_again_when_its_subject_is_hidden(
    world: World, moderator: Viewer
) -> None:
    post = world.post(world.alice)
    first = _report(world, world.bob, post)
    world.run(remove_content(moderator, post, "spam"))
    assert _report(world, world.bob, post) == first


def test_a_key_gives_its_first_report(world: World) -> None:
    post, other = world.post(world.alice), world.post(world.alice)
    first = _report(world, world.bob, post, key="k")
    assert _report(world, world.bob, post, key="later") == first
    world.cypher("MATCH (r:Report) REMOVE r.open_key")
    assert _report(world, world.bob, post, key="k") == first
    assert _report(world, world.bob, post, key="later") == first
    for subject, reason in ((other, SPAM), (post, HATE)):
        with pytest.raises(Conflict):
            _report(world, world.bob, subject, reason, "k")
    assert _report(world, world.bob, post) != first
    assert _report(world, world.carol, other, key="k")


@pytest.mark.parametrize("details", ["", "  ", "x" * 1_001, "\x00"])
def test_details_have_a_length(details: str) -> None:
    with pytest.raises(InvalidInput, match="details") as caught:
        NewReport.of(Viewer("u_1", "s_1"), "p_1", SPAM, details)
    assert caught.value.path == ("details",)


def test_what_is_none_of_the_reasons_is_told() -> None:
    with pytest.raises(InvalidInput, match="OTHER") as caught:
        NewReport.of(Viewer("u_1", "s_1"), "p_1", ReportReason.OTHER)
    assert caught.value.path == ("details",)
    assert NewReport.of(Viewer("u_1", "s_1"), "p_1", ReportReason.OTHER, "x" * 1_000).details


def _finders(world: World, report_id: str, *viewers: Viewer) -> set[str]:
    """Give the ids of those who find a report, alike by itself and by its id alone."""
    found = set[str]()
    for viewer in viewers:
        row = world.run(find_report(viewer, report_id, pick("id")))
        by_id = world.run(find_nodes(viewer, {"r_": [report_id]}, {"r_": pick("id")}))
        assert (row is not None) == (report_id in by_id)
        found |= {viewer.user_id} if row else set()
    return found


def test_a_report_is_found_by_its_reporter_and_by_moderators_whom_it_is_not_about(
    world: World, moderator: Viewer
) -> None:
    post = world.post(world.alice)
    people = (world.alice, world.bob, world.carol, moderator)
    of_alice = _report(world, world.bob, post)
    of_dan = _report(world, world.bob, moderator.user_id)
    of_dans_comment = _report(world, world.bob, world.comment(moderator, post))
    dan, bob = moderator.user_id, world.bob.user_id
    assert _finders(world, of_alice, *people) == {bob, dan}
    assert _finders(world, of_dan, *people) == {bob}
    assert _finders(world, of_dans_comment, *people) == {bob}
    for made in (of_dan, of_dans_comment):
        with pytest.raises(NotFound) as caught:
            world.run(resolve_report(moderator, made, DISMISSED))
        assert caught.value.path == ("reportId",)
    assert _entries(world) == []


def _entries(world: World) -> list[tuple[Any, ...]]:
    rows = world.cypher(
        "MATCH (e:AuditEntry {action: 'RESOLVE_REPORT'}) "
        "RETURN e.actor_id AS a, e.subject_id AS b, e.reason AS c ORDER BY e.k"
    )
    return [tuple(row.values()) for row in rows]


def _states(world: World, *report_ids: str) -> list[tuple[Any, ...]]:
    rows = world.cypher(
        """\
UNWIND $ids AS id MATCH (r:Report {id: id})
RETURN r.status AS a, r.note AS b, r.resolver_id AS c, r.resolved_at IS NOT NULL AS d,
       r.open_key IS NULL AS e, COUNT { (r)-[:ABOUT]->() } AS f,
       COUNT { (r)-[:ONCE_ABOUT]->() } AS g""",
        ids=report_ids,
    )
    return [tuple(row.values()) for row in rows]


OPEN = ("OPEN", None, None, False, False, 1, 0)


def test_a_decision_is_on_all_that_is_open_about_a_thing(world: World, moderator: Viewer) -> None:
    post, other = world.post(world.alice), world.post(world.alice)
    first, second = _report(world, world.bob, post), _report(world, world.carol, post)
    elsewhere = [_report(world, world.bob, other), _report(world, world.bob, world.alice.user_id)]
    command = resolve_report(moderator, first, DISMISSED, " fine ")
    for _ in range(2):
        assert world.run(command) == first
    dismissed = ("DISMISSED", "fine", moderator.user_id, True, True, 0, 1)
    assert _states(world, first, second, *elsewhere) == [dismissed, dismissed, OPEN, OPEN]

    world.run(resolve_report(moderator, second, DISMISSED, "again"))
    with pytest.raises(Conflict) as caught:
        world.run(resolve_report(moderator, second, ACTIONED))
    assert caught.value.path == ("reportId",)
    assert _states(world, first, second) == [dismissed] * 2
    assert _entries(world) == [(moderator.user_id, first, "DISMISSED: fine")]


def test_who_reports_again_after_a_decision_has_a_new_report(
    world: World, moderator: Viewer
) -> None:
    post = world.post(world.alice)
    first = _report(world, world.bob, post)
    world.run(resolve_report(moderator, first, ACTIONED))
    world.cypher("MATCH (r:Report) SET r.resolved_at = r.created_at")
    new = NewReport.of(world.bob, post, SPAM)
    world.cypher("MATCH (r:Report) SET r.resolved_at = $at", at=new.created_at - 1)
    second = world.run(report(world.bob, new))
    world.run(resolve_report(moderator, first, ACTIONED))
    assert second != first
    assert _states(world, second) == [OPEN]
    assert _entries(world) == [(moderator.user_id, first, "ACTIONED")]


def test_however_many_are_open_a_decision_reaches_them_all(
    world: World, moderator: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verdicts, "_RESOLVED_AT_ONCE", 1)
    post = world.post(world.alice)
    made = [_report(world, viewer, post) for viewer in (world.bob, world.carol, moderator)]
    world.run(resolve_report(moderator, made[1], ACTIONED))
    assert {state[0] for state in _states(world, *made)} == {"ACTIONED"}
    assert len(_entries(world)) == 1


def test_of_two_who_decide_at_once_the_second_finds_it_decided(
    world: World, moderator: Viewer
) -> None:
    for name in ("alice", "bob"):
        world.run(appoint(name, Role.MODERATOR))
    others = [
        Viewer(viewer.user_id, viewer.session_id, Role.MODERATOR)
        for viewer in (world.alice, world.bob)
    ]
    for _ in range(3):
        post = world.post(world.carol)
        made = [_report(world, viewer, post) for viewer in (*others, moderator)]
        world.cypher("MATCH (e:AuditEntry) DELETE e")

        def decide(number: int, made: list[str] = made) -> bool:
            outcome = (ACTIONED, DISMISSED)[number % 2]
            try:
                world.run(resolve_report((*others, moderator)[number], made[number], outcome))
            except Conflict:
                return False
            return True

        with ThreadPoolExecutor(3) as pool:
            decided = [*pool.map(decide, range(3))]
        (outcome,) = {state[0] for state in _states(world, *made)}
        assert decided == [outcome == each for each in ("ACTIONED", "DISMISSED", "ACTIONED")]
        assert len(_entries(world)) == 1


@pytest.mark.parametrize("note", ["", " ", "x" * 501])
def test_a_note_has_a_length(note: str) -> None:
    with pytest.raises(InvalidInput, match="note"):
        resolve_report(Viewer("u_1", "s_1"), "r_1", ACTIONED, note)


@pytest.mark.parametrize("bad", ["r_none", "p_1", "", "\x00"])
def test_what_is_not_there_is_not_resolved(world: World, moderator: Viewer, bad: str) -> None:
    with pytest.raises(NotFound):
        world.run(resolve_report(moderator, bad, ACTIONED))
    assert _entries(world) == []


def _case(world: World, moderator: Viewer, report_id: str) -> tuple[Any, ...]:
    """Give what a moderator sees of a report's subject: its text then, its text now, its state."""
    content = below("subject", "ModeratedContent", "text", below("author", "Account", "id"))
    row = world.run(find_report(moderator, report_id, pick("text", content)))
    assert row is not None
    now = row["subject"]
    return row["text"], now["text"], now["removed"], now["deleted"], now["open_reports"]


def test_moderators_read_what_was_reported_whatever_became_of_it(
    world: World, moderator: Viewer
) -> None:
    post = world.post(world.alice, "first")
    comment = world.comment(world.alice, post, text="first")
    for subject, update in ((comment, update_comment), (post, update_post)):
        early = _report(world, world.bob, subject)
        assert _case(world, moderator, early) == ("first", "first", False, False, 1)
        world.run(update(world.alice, subject, "second"))
        late = _report(world, world.carol, subject)
        world.run(update(world.alice, subject, "third"))
        assert _case(world, moderator, early) == ("first", "third", False, False, 2)
        world.run(remove_content(moderator, subject, "spam"))
        world.run(resolve_report(moderator, early, ACTIONED))
        assert _case(world, moderator, late) == ("second", "third", True, False, 0)
    world.run(restore_content(moderator, post))
    world.run(delete_post(world.alice, post))
    assert _case(world, moderator, early) == (None, None, False, True, 0)
