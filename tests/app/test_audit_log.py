"""Every mutation that needs a role writes one entry: none when it changes nothing or is refused."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

import pytest

from app.schema import build_schema
from graph.dead_letters import LostMessage, bury
from graph.runner import Graph
from graph.viewer import Role
from tests.app.client import Client
from tests.app.documents import root_fields
from tests.graph.world import run

FIELDS: Final = root_fields(build_schema())
Prepare = Callable[[Client], Awaitable[str]]


def _given(subject_id: str, *before: str) -> Prepare:
    """Make what does something first and gives the id of what the deed is about."""

    async def prepare(admin: Client) -> str:
        for name in before:
            await admin.do(DEEDS[name].document, id=subject_id)
        return subject_id

    return prepare


async def _reported(admin: Client) -> str:
    told = await admin.as_("carol").do(
        'mutation { report(subjectId: "c_1", reason: SPAM) { report { id } userErrors { code } } }'
    )
    report_id: str = told["report"]["id"]
    return report_id


async def _dead(admin: Client) -> str:
    """Find the letter of a job that was given up."""
    listed = await admin.data("{ admin { deadLetters { edges { node { id } } } } }")
    letter_id: str = listed["admin"]["deadLetters"]["edges"][0]["node"]["id"]
    return letter_id


@dataclass(frozen=True)
class Deed:
    """A mutation that needs a role.

    Args:
        arguments: What it is given beside the id.
        prepare: Makes what it is about.
        entry: Action and reason of its entry.
    """

    field: str
    arguments: str
    prepare: Prepare
    entry: tuple[str, str | None]

    @property
    def document(self) -> str:
        """The operation, by `$id`."""
        call = f"{self.field}({self.arguments})"
        return f"mutation ($id: ID!) {{ {call} {{ userErrors {{ code path message }} }} }}"


def _deeds(*deeds: Deed) -> dict[str, Deed]:
    return {deed.field: deed for deed in deeds}


DEEDS: Final = _deeds(
    Deed(
        "removeContent",
        'subjectId: $id, reason: "ads"',
        _given("c_1"),
        ("REMOVE_CONTENT", "ads"),
    ),
    Deed(
        "restoreContent",
        "subjectId: $id",
        _given("c_1", "removeContent"),
        ("RESTORE_CONTENT", None),
    ),
    Deed("suspendUser", 'userId: $id, reason: "ads"', _given("u_dan"), ("SUSPEND_USER", "ads")),
    Deed("reinstateUser", "userId: $id", _given("u_dan", "suspendUser"), ("REINSTATE_USER", None)),
    Deed(
        "resolveReport",
        'reportId: $id, outcome: ACTIONED, note: "ads"',
        _reported,
        ("RESOLVE_REPORT", "ACTIONED: ads"),
    ),
    Deed(
        "setRole",
        "userId: $id, role: MODERATOR",
        _given("u_dan"),
        ("SET_ROLE", "USER → MODERATOR"),
    ),
    Deed("replayDeadLetter", "id: $id", _dead, ("REPLAY_DEAD_LETTER", None)),
    Deed("discardDeadLetter", "id: $id", _dead, ("DISCARD_DEAD_LETTER", None)),
)


def _entries(graph: Graph) -> list[dict[str, Any]]:
    return run(
        graph,
        "MATCH (e:AuditEntry) RETURN e.actor_id AS actor, e.action AS action, "
        "e.subject_id AS id, e.reason AS reason",
    )


@pytest.mark.parametrize("name", DEEDS)
async def test_a_deed_is_in_the_log_once(client: Client, sync_graph: Graph, name: str) -> None:
    run(sync_graph, "MATCH (u:User {id: 'u_alice'}) SET u.role = 'ADMIN', u.admin_since = 1")
    sync_graph.run(bury(LostMessage("e_1:notify", "notify", "e_1", "[]", "x", "x"), 1))
    admin, deed = client.as_("alice", Role.ADMIN), DEEDS[name]
    subject = await deed.prepare(admin)
    run(sync_graph, "MATCH (e:AuditEntry) DELETE e")

    assert await admin.fail(deed.document, id="x") == ("NOT_FOUND", [_argument(deed)])
    for role in (Role.USER, Role.MODERATOR):
        code = await client.as_("bob", role).code(deed.document, id=subject)
        assert code == ("UNAUTHENTICATED" if _needs(name) <= role else "FORBIDDEN")
    assert await client.as_("bob", Role.ADMIN).code(deed.document, id=subject) == "UNAUTHENTICATED"
    assert _entries(sync_graph) == []

    action, reason = deed.entry
    for _ in range(2):
        await admin.do(deed.document, id=subject)
        assert _entries(sync_graph) == [
            {"actor": "u_alice", "action": action, "id": subject, "reason": reason}
        ]


def _argument(deed: Deed) -> str:
    return deed.arguments.partition(":")[0]


def _needs(name: str) -> Role:
    """Give the role that a mutation needs, by its `@auth`."""
    node = FIELDS[f"mutation.{name}"].ast_node
    (auth,) = (each for each in node.directives or () if each.name.value == "auth") if node else ()
    given = {argument.name.value: argument.value for argument in auth.arguments or ()}
    role: Any = given.get("role")
    return Role[role.value] if role else Role.USER


@pytest.mark.unit
def test_every_mutation_that_needs_a_role_is_in_the_table() -> None:
    guarded = {
        name.partition(".")[2]
        for name, field in FIELDS.items()
        if name.startswith("mutation.")
        and field.ast_node
        and any(each.name.value == "auth" for each in field.ast_node.directives or ())
    }
    assert {name for name in guarded if _needs(name) > Role.USER} == set(DEEDS)
