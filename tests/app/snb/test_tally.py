"""What the tally makes of events is what SQL counts, deeds and their undoing alike."""

from collections.abc import Callable
from typing import Any, Final

import pytest

from graph.comments import delete_comment
from graph.events import CREATE_EVENT, EventKind, new_event
from graph.likes import unlike
from graph.posts import delete_post
from graph.runner import Graph
from graph.settings import GraphSettings
from graph.shares import unshare
from graph.statement import Statement
from graph.viewer import Viewer
from tests.app.snb.conftest import SNB, delete_hours, viewer_of
from tests.app.snb.sql import Snb
from tests.graph.hours import settle, stored
from tests.graph.world import run

pytestmark = [
    pytest.mark.skipif(not SNB.exists(), reason=f"{SNB} is absent; set NEXUS_SNB_DIR"),
    pytest.mark.timeout(300),
]

SINCE: Final = 1_296_172_800_000
"""The last days of the file."""
_KINDS: Final = {
    "post": EventKind.POST_CREATED,
    "comment": EventKind.COMMENT_CREATED,
    "share": EventKind.POST_SHARED,
}
_UNDO: Final[dict[str, Callable[[Viewer, str], Statement[Any]]]] = {
    "like": unlike,
    "share": unshare,
    "comment": delete_comment,
    "post": delete_post,
}
_ALONE: Final = """
SELECT 'post', author, id FROM posts WHERE at >= :since
  AND id NOT IN (SELECT post FROM comments) AND id NOT IN (SELECT post FROM shares)
  AND id NOT IN (SELECT subject FROM likes)
UNION ALL
SELECT 'comment', author, id FROM comments WHERE at >= :since
  AND id NOT IN (SELECT parent FROM comments) AND id NOT IN (SELECT subject FROM likes)"""


def _kind(what: str, subject: str) -> EventKind:
    if what == "like":
        return EventKind.POST_LIKED if subject.startswith("p_") else EventKind.COMMENT_LIKED
    return _KINDS[what]


def _tell(graph: Graph, deeds: list[Any]) -> None:
    """Commit the events that commands would have committed with these deeds."""
    for start in range(0, len(deeds), 1_000):
        events = [
            new_event(_kind(what, subject), at, user, subject, post_id).properties()
            for what, user, subject, post_id, at in deeds[start : start + 1_000]
        ]
        run(graph, f"UNWIND $events AS new WITH new AS row {_CREATE}", events=events)


_CREATE: Final = CREATE_EVENT.replace("$event", "row")


def _undo_some(graph: Graph, snb: Snb) -> int:
    """Take back every fifth like and share, and delete every third of what stands alone."""
    undone = [deed[:3] for deed in snb.deeds(SINCE) if deed[0] in {"like", "share"}][::5]
    undone += snb.ask(_ALONE, {"since": SINCE})[::3]
    for what, user, subject in undone:
        graph.run(_UNDO[what](viewer_of(graph, user), subject))
        snb.undo(what, user, subject)
    return len(undone)


@pytest.mark.slow  # thousands of events
def test_hours_made_of_events_are_those_that_sql_counts(
    snb: Snb, imported: Graph, graph_settings: GraphSettings
) -> None:
    """The last test of this world: it is another one afterwards."""
    deeds = snb.deeds(SINCE)
    assert {what for what, *_ in deeds} == {"post", "comment", "like", "share"}
    delete_hours(imported)
    with Graph(graph_settings.model_copy(update={"neo4j_timeout_s": 60.0})) as patient:
        _tell(patient, deeds)
        settle(patient, 500)
        assert stored(patient) == _since(snb)
        assert _undo_some(patient, snb) > 100
        settle(patient, 500)
        assert stored(patient) == _since(snb)


def _since(snb: Snb) -> dict[Any, Any]:
    return {place: figures for place, figures in snb.hours().items() if place[2] >= SINCE}
