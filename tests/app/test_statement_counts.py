"""How many statements each operation costs: a table in `operations/statements.txt`.

A query costs two at most, a command one and its read-back another; what costs more says why in
its file.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import orjson
import pytest
from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    OperationDefinitionNode,
    OperationType,
    parse,
    print_ast,
    validate,
)

from app.http.explorers import example_tabs
from app.log_in import Accounts
from app.log_in_limit import LogInLimit
from app.schema import build_schema
from app.settings import AppSettings
from app.tokens import Tokens
from graph.dead_letters import LostMessage, bury
from graph.pages import encode_cursor
from graph.roles import appoint
from graph.runner import AsyncGraph, Graph
from graph.viewer import Role
from tests.app.client import Client
from tests.app.documents import root_fields
from tests.app.upload import upload
from tests.graph.hours import recount

SCHEMA = build_schema()
OPERATIONS = Path(__file__).parent / "operations"
MOST: Final = 2
MORE_WITH_REASON = {
    "accounts LogIn": 3,
    "comments CreateCommentAndReadOn": 3,
    "feed FeedWithThreads": 3,
    "figures SeveralFigures": 3,
    "moderation SeveralLists": 3,
    "example log in": 3,
    "example comment and like": 4,
}

NEEDS_A_FILE = {"mutation.uploadMedia"}


def _named(file: Path) -> Iterator[tuple[str, str]]:
    """Give each operation of a file by its name, as a document of its own."""
    document = parse(file.read_text())
    fragments = [d for d in document.definitions if isinstance(d, FragmentDefinitionNode)]
    for operation in document.definitions:
        if isinstance(operation, OperationDefinitionNode) and operation.name:
            text = print_ast(operation)
            used = [print_ast(f) for f in fragments if f"...{f.name.value}" in text]
            yield f"{file.stem} {operation.name.value}", "\n".join([text, *used])


DOCUMENTS = {
    name: text for file in sorted(OPERATIONS.glob("*.graphql")) for name, text in _named(file)
}
EXAMPLES = {f"example {tab['name']}": tab for tab in example_tabs()}


def _operation(document: str) -> OperationDefinitionNode:
    (operation,) = (
        d for d in parse(document).definitions if isinstance(d, OperationDefinitionNode)
    )
    return operation


@pytest.fixture
async def world(
    client: Client,
    sync_graph: Graph,
    app_graph: AsyncGraph,
    tokens: Tokens,
    settings: AppSettings,
) -> dict[str, Any]:
    """Ana of the examples, an admin who follows alice and wrote a post; and what variables need."""
    async with LogInLimit(settings.redis_url, 1_000, 60) as limit:
        accounts = Accounts(app_graph, tokens, 1, limit)
        signed_up = await accounts.sign_up("ana", "ana@nexus.example", "nexus-demo", "Ana")
        sync_graph.run(appoint("ana", Role.ADMIN))
        ana = client.bearing((await accounts.log_in("ana", "nexus-demo")).access_token)
    await ana.do('mutation { follow(userId: "u_alice") { userErrors { code } } }')
    mine = await ana.do('mutation { createPost(input: {text: "mine"}) { post { id } } }')
    said = 'mutation { createComment(input: {postId: "p_1", text: "mine"}) { comment { id } } }'
    told = 'mutation { report(subjectId: "c_1", reason: SPAM) { report { id } } }'
    sync_graph.run(bury(LostMessage("e_1:notify", "notify", "e_1", "[]", "x", "x"), 1))
    dead = await ana.data("{ admin { deadLetters { edges { node { id } } } } }")
    recount(sync_graph)
    page = await ana.data("{ feed { pageInfo { endCursor } } }")
    variables = {
        "mine": mine["post"]["id"],
        "reply": (await ana.do(said))["comment"]["id"],
        "report": (await ana.do(told))["report"]["id"],
        "letter": dead["admin"]["deadLetters"]["edges"][0]["node"]["id"],
        "after": page["feed"]["pageInfo"]["endCursor"],
        "upTo": encode_cursor("notifications", ["~"]),
        "refreshToken": signed_up.refresh_token,
    }
    return {"ana": ana, "variables": variables}


async def _count(app_graph: AsyncGraph, client: Client, document: str, variables: Any) -> int:
    before = app_graph.statement_count
    data = await client.data(document, **variables)
    for payload in data.values():
        errors = payload.get("userErrors", []) if isinstance(payload, dict) else []
        assert errors == []
    return app_graph.statement_count - before


async def test_every_operation_costs_what_the_table_says(
    world: dict[str, Any], app_graph: AsyncGraph
) -> None:
    lines = []
    for name, document in DOCUMENTS.items():
        wanted = [v.variable.name.value for v in _operation(document).variable_definitions or ()]
        variables = {each: world["variables"][each] for each in wanted}
        count = await _count(app_graph, world["ana"], document, variables)
        lines.append(f"{count} {name}")
        assert count <= MORE_WITH_REASON.get(name, MOST), name
    table = OPERATIONS / "statements.txt"
    assert lines == table.read_text().splitlines(), f"{table} should be:\n" + "\n".join(lines)


async def test_every_example_runs_in_few_statements(
    world: dict[str, Any], app_graph: AsyncGraph
) -> None:
    for name, tab in EXAMPLES.items():
        if _operation(tab["query"]).operation is OperationType.SUBSCRIPTION:
            continue
        variables = orjson.loads(tab["variables"])
        count = await _count(app_graph, world["ana"], tab["query"], variables)
        assert 0 < count <= MORE_WITH_REASON.get(name, MOST), name


async def test_an_upload_costs_three_statements_and_a_repeated_one_two(
    alice: Client, app_graph: AsyncGraph
) -> None:
    """The node before the bytes, the event after them, and the read-back."""
    before = app_graph.statement_count
    await upload(alice, key="key")
    assert app_graph.statement_count - before == 3
    await upload(alice, key="key")
    assert app_graph.statement_count - before == 5


@pytest.mark.unit
@pytest.mark.parametrize("name", DOCUMENTS)
def test_an_operation_is_valid(name: str) -> None:
    assert validate(SCHEMA, parse(DOCUMENTS[name])) == []


@pytest.mark.unit
def test_every_root_field_is_in_the_table() -> None:
    asked = set()
    for document in DOCUMENTS.values():
        operation = _operation(document)
        for field in operation.selection_set.selections:
            assert isinstance(field, FieldNode)
            asked.add(f"{operation.operation.value}.{field.name.value}")
    wanted = {name for name in root_fields(SCHEMA) if not name.startswith("subscription.")}
    assert asked == wanted - NEEDS_A_FILE
