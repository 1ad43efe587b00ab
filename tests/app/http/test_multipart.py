"""GraphQL multipart requests: every way to get one wrong is told clearly and stores nothing."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from graph.runner import Graph
from tests.app.client import Client
from tests.app.upload import PREFLIGHT, UPLOAD, form, send, upload
from tests.graph.world import run
from tests.images import picture

FILE = ("a.png", picture())
QUERY = {"query": UPLOAD, "variables": {"file": None}}
OPERATIONS = ("operations", json.dumps(QUERY))
MAP = ("map", json.dumps({"0": ["variables.file"]}))
AT = ("0", FILE)


def operations(variables: Any) -> tuple[str, str]:
    return ("operations", json.dumps({"query": UPLOAD, "variables": variables}))


def mapped(*paths: Any) -> tuple[str, str]:
    return ("map", json.dumps({"0": list(paths)}))


def the_error(response: httpx.Response) -> tuple[int, str, str]:
    answer = response.json()
    assert "data" not in answer
    (error,) = answer["errors"]
    return response.status_code, error["extensions"]["code"], error["message"]


async def test_a_form_is_an_operation_with_files(alice: Client) -> None:
    response = await send(alice, [OPERATIONS, MAP, AT])
    assert response.status_code == 200
    assert response.json()["data"]["uploadMedia"]["media"]["width"] == 40


async def test_a_file_may_lie_deep_and_in_several_places(alice: Client) -> None:
    document = (
        "mutation ($a: Upload!, $b: Upload!) { "
        "a: uploadMedia(file: $a) { media { id } } b: uploadMedia(file: $b) { media { id } } }"
    )
    body = json.dumps({"query": document, "variables": {"a": None, "b": None, "x": {"y": [None]}}})
    paths = ["variables.a", "variables.b", "variables.x.y.0"]
    data = (await send(alice, [("operations", body), mapped(*paths), AT])).json()["data"]
    assert data["a"]["media"]["id"] != data["b"]["media"]["id"]


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        ([OPERATIONS], "`operations` and `map`"),
        ([MAP, OPERATIONS, AT], "in this order"),
        ([AT, OPERATIONS, MAP], "in this order"),
        ([("operations", "{"), MAP, AT], "`operations` is no JSON"),
        ([("operations", "[" * 50_000), MAP, AT], "`operations` is no JSON"),
        ([("operations", "5"), MAP, AT], "no JSON object"),
        ([("operations", json.dumps([QUERY])), MAP, AT], "batch"),
        ([("operations", ("o.json", json.dumps(QUERY).encode())), MAP, AT], "is a file"),
        ([OPERATIONS, ("map", "x"), AT], "`map` is no JSON"),
        ([OPERATIONS, ("map", "[]"), AT], "`map` is no JSON object"),
        ([OPERATIONS, ("map", '{"0": "variables.file"}'), AT], "`map` is no JSON object"),
        ([OPERATIONS, mapped(), AT], "`map` is no JSON object"),
        ([OPERATIONS, mapped(5), AT], "`map` is no JSON object"),
        ([OPERATIONS, MAP], "does not have"),
        ([OPERATIONS, MAP, ("1", FILE)], "does not have"),
        ([OPERATIONS, MAP, ("0", "text")], "Too many fields"),
        ([OPERATIONS, MAP, AT, AT], "two files '0'"),
        ([OPERATIONS, mapped("query"), AT], "begin it with `variables.`"),
        ([OPERATIONS, mapped("variables"), AT], "begin it with `variables.`"),
        ([OPERATIONS, mapped("variables.none"), AT], "no null at"),
        ([OPERATIONS, mapped("variables.file.0"), AT], "no null at"),
        ([OPERATIONS, mapped("variables.file", "variables.file"), AT], "no null at"),
        ([operations({"file": [None]}), mapped("variables.file.1"), AT], "no null at"),
        ([operations({"file": [None]}), mapped("variables.file.x"), AT], "no null at"),
        ([operations({"file": [None]}), mapped("variables.file." + "9" * 5000), AT], "no null at"),
        ([operations({"file": "text"}), MAP, AT], "no null at"),
        ([operations(None), MAP, AT], "no null at"),
        ([operations([None]), mapped("variables.0"), AT], "`variables`"),
        ([OPERATIONS, MAP, *[(str(n), FILE) for n in range(11)]], "Too many files"),
    ],
)
async def test_what_is_no_such_form_is_400(
    alice: Client, sync_graph: Graph, parts: list[tuple[str, Any]], told: str
) -> None:
    response = await send(alice, parts)
    status, code, message = the_error(response)
    assert (status, code) == (400, "BAD_USER_INPUT")
    assert told in message
    assert run(sync_graph, "MATCH (m:Media) RETURN m") == []


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=", b"x"),
        ("multipart/form-data; boundary=x", b"no boundary"),
        ("multipart/form-data; boundary=x", b"--x\r\nbroken"),
        ("multipart/form-data; boundary=x", b'--x\r\ncontent-disposition: form-data; name="a"'),
    ],
)
async def test_what_is_no_form_is_400(alice: Client, content_type: str, body: bytes) -> None:
    headers = {
        **PREFLIGHT,
        "authorization": f"Bearer {alice.token}",
        "content-type": content_type,
    }
    response = await alice.http.post("/graphql", content=body, headers=headers)
    assert the_error(response)[:2] == (400, "BAD_USER_INPUT")


@pytest.mark.parametrize(
    "header", ["graphql-require-preflight", "apollo-require-preflight", "x-apollo-operation-name"]
)
async def test_a_form_needs_a_header_for_which_browsers_ask_leave(
    alice: Client, sync_graph: Graph, header: str
) -> None:
    bare = await send(alice, form(picture()), **{"graphql-require-preflight": ""})
    assert the_error(bare)[:2] == (400, "BAD_USER_INPUT")
    assert "GraphQL-Require-Preflight" in the_error(bare)[2]
    assert run(sync_graph, "MATCH (m:Media) RETURN m") == []
    await upload(alice)
    asked = await send(alice, form(picture()), **{"graphql-require-preflight": "", header: "1"})
    assert asked.json()["data"]["uploadMedia"]["media"]


async def test_files_of_nobody_are_not_read(client: Client) -> None:
    for somebody in (client, client.bearing("made-up")):
        read = 0

        async def body() -> AsyncIterator[bytes]:
            nonlocal read
            for _ in range(1000):
                read += 1
                yield b"x" * 1000

        login = {"authorization": f"Bearer {somebody.token}"} if somebody.token else {}
        headers = {**PREFLIGHT, **login, "content-type": "multipart/form-data; boundary=x"}
        response = await client.http.post("/graphql", content=body(), headers=headers)
        assert the_error(response)[:2] == (401, "UNAUTHENTICATED")
        assert read == 0


async def test_a_body_is_bounded_while_it_streams(alice: Client, sync_graph: Graph) -> None:
    read = 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal read
        yield b'--x\r\ncontent-disposition: form-data; name="0"; filename="a"\r\n\r\n'
        for _ in range(100):
            read += 1
            yield b"x" * 1_000_000

    headers = {
        **PREFLIGHT,
        "authorization": f"Bearer {alice.token}",
        "content-type": "multipart/form-data; boundary=x",
    }
    response = await alice.http.post("/graphql", content=body(), headers=headers)
    assert the_error(response)[:2] == (413, "BAD_USER_INPUT")
    assert read < 12
    announced = await send(alice, form(bytes(10_000_000)))
    assert the_error(announced)[:2] == (413, "BAD_USER_INPUT")
    just_too_large = await send(alice, form(bytes(8_388_609)))
    assert the_error(just_too_large)[:2] == (413, "BAD_USER_INPUT")
    largest = await send(alice, form(bytes(8_388_608)))
    assert largest.json()["data"]["uploadMedia"]["userErrors"][0]["code"] == "VALIDATION"
    assert run(sync_graph, "MATCH (m:Media) RETURN m") == []


async def test_a_file_cannot_be_sent_as_json(alice: Client) -> None:
    for value in ("text", 5, {"name": "a"}):
        assert await alice.code(UPLOAD, file=value) == "BAD_USER_INPUT"
    assert await alice.code(UPLOAD, file=None) == "BAD_USER_INPUT"


async def test_an_operation_without_files_may_come_as_a_form(alice: Client) -> None:
    body = json.dumps({"query": "{ me { username } }"})
    response = await send(alice, [("operations", body), ("map", "{}")])
    assert response.json() == {"data": {"me": {"username": "alice"}}}
