"""What was given up is listed, done again when an admin says so, and forgotten in the end."""

from typing import Any

import pytest

from graph.attempts import Attempt, JobState, begin
from graph.dead_letters import (
    LostMessage,
    bury,
    discard_as_operator,
    list_letters,
    prune_dead_letters,
    replay_as_operator,
    show_letter,
)
from graph.errors import Conflict, NotFound
from graph.health import Problem, probe_health
from graph.jobs import close_job, due_jobs
from graph.pages import PageRequest
from graph.runner import Graph
from tests.graph.world import run

pytestmark = pytest.mark.usefixtures("clean")
_KEY = "e_1:notify"


def _lost(message_id: str = "1", job: str | None = None, event: str | None = None) -> LostMessage:
    error = {"error_type": "DecodeError", "error_message": "no JSON"}
    return LostMessage.of(message_id, job, event, "{", "r-2", **error)


def _die(graph: Graph, now: int = 5) -> str:
    """Let the workers give a job up, and give the letter's id."""
    run(
        graph,
        """\
MERGE (:Event {id: 'e_1', kind: 'PostLiked', numbered_at: 1, position: 1, channels: []})
MERGE (job:Job {key: $key})
SET job += {name: 'notify', event_id: 'e_1', request_id: 'r-1', attempt_count: 3,
            enqueued_count: 0}""",
        key=_KEY,
    )
    assert graph.run(begin(Attempt.of(_KEY, now, 10, 3))).state is JobState.SPENT
    (row,) = run(graph, "MATCH (l:DeadLetter {key: $key}) RETURN l.id AS id", key=_KEY)
    return str(row["id"])


def _ids(graph: Graph, page: PageRequest) -> tuple[list[str], Any]:
    found = graph.run(list_letters(page))
    return [edge["node"]["id"] for edge in found["edges"]], found["page_info"]


def test_letters_are_listed_newest_first_page_by_page(sync_graph: Graph) -> None:
    for n in range(5):
        sync_graph.run(bury(_lost(str(n)), now=n))
    whole, _ = _ids(sync_graph, PageRequest(10))
    (newest, *_) = whole
    assert sync_graph.run(show_letter(newest))["died_at"] == 4

    joined: list[str] = []
    page = PageRequest(2)
    while True:
        ids, info = _ids(sync_graph, page)
        joined += ids
        if not info["has_next_page"]:
            break
        page = PageRequest(2, info["end_cursor"])
    assert joined == whole
    assert len(whole) == 5


def test_the_same_message_is_one_letter(sync_graph: Graph) -> None:
    for now in (5, 6):
        sync_graph.run(bury(_lost(), now))

    (letter,) = run(sync_graph, "MATCH (l:DeadLetter) RETURN l.died_at AS at, l.key AS key")
    assert letter == {"at": 5, "key": "message:1"}


def test_a_replayed_job_is_open_with_all_its_attempts(sync_graph: Graph) -> None:
    letter_id = _die(sync_graph)

    for _ in range(2):
        assert sync_graph.run(replay_as_operator(letter_id)) == letter_id

    (job,) = sync_graph.run(due_jobs(10**15, 9))
    assert (job.key, job.argument, job.enqueued_count) == (_KEY, "e_1", 0)
    letter = sync_graph.run(show_letter(letter_id))
    assert letter["replayed_at"]
    assert letter["request_id"] == "r-1"
    log = run(sync_graph, "MATCH (e:AuditEntry) RETURN e.action AS act, e.subject_id AS id")
    assert log == [{"act": "REPLAY_DEAD_LETTER", "id": letter_id}]

    assert sync_graph.run(begin(Attempt.of(_KEY, 10**14, 10, 3))).attempt_count == 1
    assert sync_graph.run(close_job(_KEY, 9, "MERGE (:Tag {name: 'x'})\n", {}))
    with pytest.raises(NotFound, match="done since"):
        sync_graph.run(show_letter(letter_id))


def test_a_replayed_job_that_dies_again_has_the_same_letter(sync_graph: Graph) -> None:
    letter_id = _die(sync_graph)
    sync_graph.run(replay_as_operator(letter_id))

    assert _die(sync_graph, now=99) == letter_id

    letter = sync_graph.run(show_letter(letter_id))
    assert (letter["died_at"], letter["replayed_at"]) == (99, None)


def test_a_message_that_names_a_job_of_an_event_can_be_done_again(sync_graph: Graph) -> None:
    sync_graph.run(bury(_lost(job="dance", event="e_1"), now=5))
    ((letter_id,), _) = _ids(sync_graph, PageRequest())

    sync_graph.run(replay_as_operator(letter_id))

    (job,) = sync_graph.run(due_jobs(10**15, 9))
    assert (job.name, job.argument, job.request_id) == ("dance", "e_1", "r-2")


def test_a_message_that_nobody_understands_can_only_be_read(sync_graph: Graph) -> None:
    sync_graph.run(bury(_lost(), now=5))
    ((letter_id,), _) = _ids(sync_graph, PageRequest())

    with pytest.raises(Conflict, match="nothing to do again"):
        sync_graph.run(replay_as_operator(letter_id))
    with pytest.raises(NotFound):
        sync_graph.run(replay_as_operator("d_none"))
    assert run(sync_graph, "MATCH (n:Job|AuditEntry) RETURN n") == []


def test_what_is_discarded_is_wrong_no_more_and_can_still_be_read(sync_graph: Graph) -> None:
    sync_graph.run(bury(_lost(), now=5))
    ((letter_id,), _) = _ids(sync_graph, PageRequest())
    assert Problem.DEAD_LETTERS in sync_graph.run(probe_health()).problems()

    for _ in range(2):
        assert sync_graph.run(discard_as_operator(letter_id)) == letter_id

    health = sync_graph.run(probe_health())
    assert health.dead_count == 0
    assert Problem.DEAD_LETTERS not in health.problems()
    assert sync_graph.run(show_letter(letter_id))["discarded_at"]
    log = run(sync_graph, "MATCH (e:AuditEntry) RETURN e.action AS act, e.subject_id AS id")
    assert log == [{"act": "DISCARD_DEAD_LETTER", "id": letter_id}]
    with pytest.raises(NotFound):
        sync_graph.run(discard_as_operator("d_none"))


def test_a_discarded_job_can_be_done_after_all(sync_graph: Graph) -> None:
    letter_id = _die(sync_graph)
    sync_graph.run(discard_as_operator(letter_id))
    assert sync_graph.run(due_jobs(10**15, 9)) == []

    sync_graph.run(replay_as_operator(letter_id))

    assert len(sync_graph.run(due_jobs(10**15, 9))) == 1
    assert sync_graph.run(show_letter(letter_id))["discarded_at"] is None
    with pytest.raises(Conflict, match="being done again"):
        sync_graph.run(discard_as_operator(letter_id))


def test_old_letters_go_with_their_jobs(sync_graph: Graph) -> None:
    _die(sync_graph)
    sync_graph.run(bury(_lost(), now=6))

    assert sync_graph.run(prune_dead_letters(before=6, limit=9)) == 1

    left = run(sync_graph, "MATCH (n:Job|DeadLetter) RETURN n.key AS key")
    assert left == [{"key": "message:1"}]
