"""Authorisation, over every root field that the schema has."""

from collections.abc import AsyncGenerator
from typing import Any

import pytest
from ariadne import SubscriptionType, make_executable_schema
from graphql import GraphQLSchema

from app.directives import AuthDirective, PublicDirective, check_every_root_field
from app.execution import Executor
from app.realtime.operations import OperationError
from app.schema import build_schema
from app.tokens import Tokens
from graph.runner import Graph
from graph.viewer import Role, Viewer
from tests.app.client import Client
from tests.app.documents import root_fields, smallest_operation
from tests.app.test_tokens import FORGED
from tests.graph.world import run
from tests.images import picture

SCHEMA = build_schema()
PUBLIC = {"mutation.signUp", "mutation.logIn", "mutation.refreshToken"}
ADMINS = {"mutation.setRole", "mutation.replayDeadLetter", "mutation.discardDeadLetter"}
MODERATORS = {
    "query.admin",
    "mutation.resolveReport",
    "mutation.removeContent",
    "mutation.restoreContent",
    "mutation.suspendUser",
    "mutation.reinstateUser",
}
FIELDS = root_fields(SCHEMA)
GUARDED = sorted(FIELDS.keys() - PUBLIC)
HEAD = """
directive @auth(role: Role! = USER) on FIELD_DEFINITION
directive @public on FIELD_DEFINITION
enum Role { USER MODERATOR ADMIN }
"""


async def _code(client: Client, document: str) -> str:
    return await client.code(document, **({"file": picture()} if "$file" in document else {}))


async def _refused(executor: Executor, client: Client, name: str, tokens: Tokens) -> str:
    """Give the code with which a field is refused, over whichever transport it has."""
    document = smallest_operation(SCHEMA, name)
    if not name.startswith("subscription."):
        return await _code(client, document)
    caller = tokens.read_access(client.token).viewer if client.token else None
    with pytest.raises(OperationError) as refused:
        await executor.subscribe(executor.prepare({"query": document}), caller)
    (error,) = refused.value.errors
    code: str = error["extensions"]["code"]
    return code


def test_these_are_public_and_no_others() -> None:
    said = {
        name
        for name, field in FIELDS.items()
        if field.ast_node and any(d.name.value == "public" for d in field.ast_node.directives or ())
    }
    assert said == PUBLIC


@pytest.mark.parametrize("name", GUARDED)
async def test_a_field_needs_somebody(
    name: str, executor: Executor, http: Any, tokens: Tokens
) -> None:
    assert await _refused(executor, Client(http, tokens), name, tokens) == "UNAUTHENTICATED"


@pytest.mark.parametrize("name", [n for n in GUARDED if not n.startswith("subscription.")])
async def test_a_forged_token_is_nobody(name: str, http: Any, tokens: Tokens) -> None:
    document = smallest_operation(SCHEMA, name)
    expired = Tokens("a-secret-of-the-tests-that-is-long-enough", -1, 1)
    viewer = Viewer("u_alice", "s_alice")
    for token in (*FORGED.values(), expired.access(viewer), tokens.refresh(viewer, "r")):
        if token.isascii() and token and len(token) < 2_000:
            assert await _code(Client(http, tokens, token), document) == "UNAUTHENTICATED"


@pytest.mark.parametrize("name", sorted(PUBLIC))
async def test_a_public_field_is_open_even_to_a_stale_token(name: str, nobody: Client) -> None:
    document = smallest_operation(SCHEMA, name)
    for client in (nobody, nobody.bearing("stale")):
        answer = await client.ask(document)
        assert "errors" not in answer
        (payload,) = answer["data"].values()
        assert payload["__typename"] == "AuthPayload"


async def test_a_revoked_session_opens_no_field(
    executor: Executor, alice: Client, tokens: Tokens, sync_graph: Graph
) -> None:
    run(sync_graph, "MATCH (s:Session {id: 's_alice'}) SET s.revoked_at = 1")
    admin = alice.as_("alice", Role.ADMIN)
    run(sync_graph, "MATCH (u:User {id: 'u_alice'}) SET u.role = 'ADMIN'")
    for name in GUARDED:
        assert await _refused(executor, admin, name, tokens) == "UNAUTHENTICATED", name


async def test_the_token_of_an_admin_that_was_opens_no_field(
    executor: Executor, client: Client, tokens: Tokens
) -> None:
    was_admin = client.as_("alice", Role.ADMIN)
    for name in GUARDED:
        assert await _refused(executor, was_admin, name, tokens) == "UNAUTHENTICATED", name


LOWER_ROLES = [
    *((name, role) for name in sorted(ADMINS) for role in (Role.USER, Role.MODERATOR)),
    *((name, Role.USER) for name in sorted(MODERATORS)),
]


@pytest.mark.parametrize(("name", "role"), LOWER_ROLES)
async def test_a_lower_role_is_forbidden(name: str, role: Role, client: Client) -> None:
    code = await client.as_("alice", role).code(smallest_operation(SCHEMA, name))
    assert code == "FORBIDDEN"


def _built(sdl: str, *bindables: Any) -> GraphQLSchema:
    directives: Any = {"auth": AuthDirective, "public": PublicDirective}
    return make_executable_schema(HEAD + sdl, *bindables, directives=directives)


@pytest.mark.parametrize("root", ["Query", "Mutation", "Subscription"])
@pytest.mark.parametrize("said", ["", "@auth @public"])
def test_a_root_field_that_does_not_say_who_may_use_it_does_not_build(root: str, said: str) -> None:
    query = "" if root == "Query" else "type Query { open: Int @public }"
    schema = _built(f"{query} type {root} {{ it: Int {said} }}")
    with pytest.raises(TypeError, match=f"{root}.it needs @auth or @public"):
        check_every_root_field(schema)


def test_a_subscription_is_guarded_before_its_source() -> None:
    subscription = SubscriptionType()

    @subscription.source("it")
    async def source(*_: Any) -> AsyncGenerator[int, None]:
        yield 1

    sdl = "type Query { open: Int @public } type Subscription { it: Int @auth }"
    schema = _built(sdl, subscription)
    assert schema.subscription_type is not None
    guarded: Any = schema.subscription_type.fields["it"].subscribe
    assert guarded.__wrapped__ is source
