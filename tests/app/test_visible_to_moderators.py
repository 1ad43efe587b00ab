"""What moderators and admins see that others do not: every way to it, crossed with every role.

Erin wrote posts and comments: open, for her followers, removed by a moderator. She blocks both the
moderator and the admin. Frank is suspended, and gina deleted what she wrote. Carol reported all of
it, and dan's post, who is a moderator himself. Deletion alone hides from moderators, and what is
about themselves.
"""

import json
from dataclasses import dataclass
from typing import Any, Final

import pytest

from app.schema import build_schema
from graph.runner import Graph
from graph.viewer import Role
from tests.app.client import Client
from tests.app.test_visibility import fields_of, ways_of
from tests.graph.people import add, comment_row, post_row, user_row
from tests.graph.world import run

AUTHORS: Final = {
    "p_open": "erin",
    "p_closed": "erin",
    "p_removed": "erin",
    "p_suspended": "frank",
    "p_gone": "gina",
    "c_open": "erin",
    "c_removed": "erin",
    "c_gone": "gina",
    "p_dan": "dan",
}
CONTENT: Final = {name for name in AUTHORS if name not in ("p_gone", "c_gone")}
OTHERS: Final = CONTENT - {"p_dan"}
PEOPLE: Final = {"erin", "frank"}
WHO: Final = {Role.USER: "carol", Role.MODERATOR: "dan", Role.ADMIN: "ada"}

FRAGMENTS: Final = {
    "A": "fragment A on Account { username status openReports }",
    "M": """fragment M on ModeratedContent {
      subjectId removed deleted text author { ...A } media { altText } openReports
    }""",
    "R": """fragment R on Report {
      id details note text reporter { ...A } resolvedBy { ...A } subject { ...A ...M }
    }""",
}
USES: Final = {"A": "A", "M": "MA", "R": "RMA"}


@dataclass(frozen=True)
class Way:
    """A way to what moderators see.

    Args:
        document: The operation; `$id` is each of `ids` in turn.
        ids: What it is asked about; nothing where it has no variable.
        content: What of the content it shows to admins, who are not reported.
        people: Whom it shows.
        code: With which error it is refused to everybody else; None where it just shows nothing.
    """

    document: str
    ids: tuple[str, ...] = ("",)
    content: frozenset[str] = frozenset()
    people: frozenset[str] = frozenset()
    code: str | None = "FORBIDDEN"


_REPORTS = tuple(f"r_{name}" for name in (*AUTHORS, "u_erin", "u_frank"))
_CONTENT, _PEOPLE = frozenset(CONTENT), frozenset(PEOPLE)
WAYS = {
    "Admin.users": Way("{ admin { users { edges { node { ...A } } } } }", people=_PEOPLE),
    "Admin.reports": Way(
        "{ admin { reports { edges { node { ...R } } } } }", content=_CONTENT, people=_PEOPLE
    ),
    "Admin.auditLog": Way(
        """
        { admin { auditLog { edges { node {
          reason actor { ...A } subject { ...A ...M ...R }
        } } } } }
        """,
        content=_CONTENT,
        people=_PEOPLE,
    ),
    "node of a report": Way(
        "query ($id: ID!) { node(id: $id) { ...R } }", _REPORTS, _CONTENT, _PEOPLE, code=None
    ),
    "nodes that are reports": Way(
        "query ($id: ID!) { nodes(ids: [$id]) { ...R } }", _REPORTS, _CONTENT, _PEOPLE, code=None
    ),
    "resolveReport": Way(
        """
        mutation ($id: ID!) { resolveReport(reportId: $id, outcome: ACTIONED) {
          report { ...R } userErrors { code }
        } }
        """,
        _REPORTS,
        _CONTENT,
        _PEOPLE,
    ),
    "removeContent": Way(
        """
        mutation ($id: ID!) { removeContent(subjectId: $id, reason: "spam") {
          content { ...M } userErrors { code }
        } }
        """,
        tuple(AUTHORS),
        _CONTENT,
        _PEOPLE,
    ),
    "restoreContent": Way(
        """
        mutation ($id: ID!) { restoreContent(subjectId: $id) {
          content { ...M } userErrors { code }
        } }
        """,
        tuple(AUTHORS),
        _CONTENT,
        _PEOPLE,
    ),
    "suspendUser": Way(
        """
        mutation ($id: ID!) { suspendUser(userId: $id, reason: "spam") {
          account { ...A } userErrors { code }
        } }
        """,
        ("u_erin", "u_frank"),
        people=_PEOPLE,
    ),
    "reinstateUser": Way(
        """
        mutation ($id: ID!) { reinstateUser(userId: $id) {
          account { ...A } userErrors { code }
        } }
        """,
        ("u_erin", "u_frank"),
        people=_PEOPLE,
    ),
    "report": Way(
        """
        mutation ($id: ID!) { report(subjectId: $id, reason: SPAM) {
          report { ...R } userErrors { code }
        } }
        """,
        ("p_suspended", "p_removed", "p_closed"),
        code=None,
    ),
}
OF_NOBODY_ELSE: Final = {"Admin.users", "removeContent"}
"""Ways that show moderators what is about themselves, too: it tells nothing of who reported it."""

_STATES: Final = """\
MATCH (closed:Post {id: 'p_closed'}), (gone:Post {id: 'p_gone'}), (removed:Post {id: 'p_removed'})
SET closed.visibility = 'FOLLOWERS', gone.deleted_at = 5, removed.removed_at = 5
WITH 1 AS done
MATCH (gone:Comment {id: 'c_gone'}), (removed:Comment {id: 'c_removed'})
SET gone.deleted_at = 5, removed.removed_at = 5
WITH 1 AS done
MATCH (frank:User {id: 'u_frank'}) SET frank.suspended_at = 5, frank.suspended_name = 'frank'
WITH 1 AS done
MATCH (dan:User {id: 'u_dan'}), (ada:User {id: 'u_ada'}), (erin:User {id: 'u_erin'})
SET dan.role = 'MODERATOR', ada.role = 'ADMIN'
CREATE (:Session {id: 's_ada', user_id: 'u_ada', expires_at: 9999999999999})
WITH erin, [dan, ada] AS blocked
UNWIND blocked AS other
CREATE (erin)-[:BLOCKS {blocker_id: erin.id, blocked_id: other.id, at: 5, k: '5'}]->(other)"""
_SHOW: Final = """\
MATCH (post:Post)
CREATE (post)-[:HAS_MEDIA]->(image:Media {
  id: 'm' + substring(post.id, 1), key: 'key', author_id: post.author_id,
  alt_text: 'image of ' + post.id, created_at: 3, stored_at: 3})
SET post.media_ids = [image.id]"""
_REPORT: Final = """\
MATCH (s:Post|Comment|User) WHERE s.id IN $ids
CREATE (r:Report {id: 'r_' + s.id, k: 'k' + s.id, reporter_id: 'u_carol', subject_id: s.id,
                  reported_id: coalesce(s.author_id, s.id), reason: 'SPAM', status: 'OPEN',
                  details: 'told by carol', note: 'seen by hugo', resolver_id: 'u_hugo',
                  open_key: 'u_carol:' + s.id, created_at: 6})
CREATE (r)-[:ABOUT]->(s)
CREATE (:AuditEntry {id: 'a_' + s.id, k: 'k' + s.id, at: 6, actor_id: 'u_erin',
                     action: 'RESOLVE_REPORT', subject_id: r.id, reason: 'note on ' + s.id})
CREATE (:AuditEntry {id: 'a__' + s.id, k: 'l' + s.id, at: 6, action: 'SUSPEND_USER',
                     subject_id: CASE WHEN s.id = 'p_dan' THEN 'x' ELSE s.id END})"""


@pytest.fixture
def world(client: Client, sync_graph: Graph) -> Client:
    """All of it, there and reported."""
    graph = sync_graph
    add(graph, "user", [user_row(name) for name in ("ada", "erin", "frank", "gina", "hugo")])
    rows = {name: (name, f"u_{author}") for name, author in AUTHORS.items()}
    add(graph, "post", [post_row(*row, 3) for name, row in rows.items() if name[0] == "p"])
    said = [comment_row(*row, "p_1", 4) for name, row in rows.items() if name[0] == "c"]
    add(graph, "comment", said)
    run(graph, _STATES)
    run(graph, _SHOW)
    run(graph, _REPORT, ids=[*AUTHORS, "u_erin", "u_frank"])
    return client


def _operation(way: Way) -> str:
    """Give a way's document with the fragments that it uses."""
    used = {each for name in USES if f"...{name} " in way.document for each in USES[name]}
    return "\n".join([way.document, *(FRAGMENTS[each] for each in sorted(used))])


async def _answers(client: Client, way: Way) -> str:
    """Ask a way about everything, and give all answers as one text."""
    document = _operation(way)
    given = [{"id": each} if "$id" in document else {} for each in way.ids]
    return json.dumps([await client.ask(document, **each) for each in given])


def _content(answer: str) -> set[str]:
    """Give whose text stands in an answer; whose image does has to be the same posts."""
    texts = {name for name in AUTHORS if f'"text of {name}"' in answer}
    images = {name for name in AUTHORS if f'"image of {name}"' in answer}
    assert images == {name for name in texts if name[0] == "p"}
    return texts


@pytest.mark.parametrize("name", WAYS)
async def test_a_way_shows_moderators_what_is_not_deleted_nor_about_them(
    world: Client, name: str
) -> None:
    way = WAYS[name]
    for role in (Role.MODERATOR, Role.ADMIN):
        answer = await _answers(world.as_(WHO[role], role), way)
        hidden = {"p_dan"} if role is Role.MODERATOR and name not in OF_NOBODY_ELSE else set()
        assert _content(answer) == way.content - hidden, role
        assert {each for each in PEOPLE if f'"{each}"' in answer} == way.people, role
        assert name == "Admin.users" or '"gina"' not in answer
        assert ("note on p_dan" in answer) == (name == "Admin.auditLog" and not hidden)
        assert ("r_p_dan" in answer) == ("p_dan" in way.content - hidden and "...R" in way.document)


@pytest.mark.parametrize("name", WAYS)
async def test_nobody_else_is_shown_any_of_it(world: Client, name: str) -> None:
    way = WAYS[name]
    for person in ("alice", "carol"):
        answer = await _answers(world.as_(person), way)
        assert _content(answer) == set(), person
        assert not any(f'"{each}"' in answer for each in (*PEOPLE, "hugo", "gina")), person
        assert "seen by" not in answer
        assert ("told by carol" in answer) <= (person == "carol")
        codes = {error["extensions"]["code"] for a in json.loads(answer) for error in _errors(a)}
        assert codes == ({way.code} if way.code else set())


def _errors(answer: dict[str, Any]) -> list[Any]:
    errors: list[Any] = answer.get("errors", [])
    return errors


@pytest.mark.unit
def test_every_way_of_the_schema_to_what_moderators_see_is_in_the_table() -> None:
    schema = build_schema()
    taken = {field for way in WAYS.values() for field in fields_of(schema, _operation(way))}
    assert ways_of(schema, {"Account", "ModeratedContent"}) - taken == set()
