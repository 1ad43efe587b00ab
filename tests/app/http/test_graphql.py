import json
from typing import Any

import httpx
import pytest

JSON, GRAPHQL_JSON = "application/json", "application/graphql-response+json"
OPEN = "{ __typename }"
ANSWER = {"data": {"__typename": "Query"}}


async def post(
    http: httpx.AsyncClient, content: Any, accept: str = JSON, content_type: str = JSON
) -> httpx.Response:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    headers = {"content-type": content_type, "accept": accept}
    return await http.post("/graphql", content=body, headers=headers)


def the_code(response: httpx.Response) -> str:
    answer = response.json()
    assert "data" not in answer
    assert all(error["message"] for error in answer["errors"])
    (code,) = {error["extensions"]["code"] for error in answer["errors"]}
    return str(code)


@pytest.mark.parametrize(
    ("accept", "answered"),
    [
        (JSON, JSON),
        ("*/*", JSON),
        ("", JSON),
        (GRAPHQL_JSON, GRAPHQL_JSON),
        (f"{GRAPHQL_JSON}, {JSON};q=0.9", GRAPHQL_JSON),
    ],
)
async def test_the_answer_has_the_type_that_was_asked_for(
    http: httpx.AsyncClient, accept: str, answered: str
) -> None:
    response = await post(http, {"query": OPEN}, accept)
    assert response.status_code == 200
    assert response.headers["content-type"] == f"{answered}; charset=utf-8"
    assert "accept" in response.headers["vary"]
    assert response.json() == ANSWER


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "Application/JSON"])
async def test_json_is_json_however_it_is_written(
    http: httpx.AsyncClient, content_type: str
) -> None:
    assert (await post(http, {"query": OPEN}, content_type=content_type)).json() == ANSWER


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "text/plain",
        "application/graphql",
        "application/x-www-form-urlencoded",
        "text/plain; application/json",
    ],
)
async def test_a_type_that_browsers_send_unasked_is_refused(
    http: httpx.AsyncClient, content_type: str
) -> None:
    response = await post(http, {"query": OPEN}, content_type=content_type)
    assert (response.status_code, the_code(response)) == (415, "BAD_USER_INPUT")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff",
        b"[" * 50_000,
        b"null",
        b"5",
        b'"{ __typename }"',
        [{"query": OPEN}],
        [],
        {},
        {"query": None},
        {"query": 5},
        {"query": [OPEN]},
        {"query": OPEN, "variables": []},
        {"query": OPEN, "variables": "{}"},
        {"query": OPEN, "variables": 5},
        {"query": OPEN, "extensions": []},
        {"query": OPEN, "operationName": 5},
        {"query": OPEN, "operationName": {}},
    ],
)
@pytest.mark.parametrize("accept", [JSON, GRAPHQL_JSON])
async def test_what_is_no_request_is_400(http: httpx.AsyncClient, body: Any, accept: str) -> None:
    response = await post(http, body, accept)
    assert (response.status_code, the_code(response)) == (400, "BAD_USER_INPUT")


@pytest.mark.parametrize("name", ["variables", "extensions", "operationName"])
async def test_null_is_as_good_as_left_out(http: httpx.AsyncClient, name: str) -> None:
    assert (await post(http, {"query": OPEN, name: None})).json() == ANSWER


async def test_a_large_body_is_413(http: httpx.AsyncClient) -> None:
    response = await post(http, {"query": OPEN, "extensions": {"x": "x" * 100_000}})
    assert (response.status_code, the_code(response)) == (413, "BAD_USER_INPUT")
    assert (await post(http, {"query": OPEN, "extensions": {"x": "x" * 90_000}})).json() == ANSWER


def _doubled(leaf: str, count: int = 60) -> str:
    """Fragments that spread each other twice: 2 to the power of `count` ways to the leaf."""
    fragments = [f"fragment F{n} on User {{ ...F{n + 1} ...F{n + 1} }}" for n in range(count)]
    return "{ me { ...F0 } } " + " ".join([*fragments, f"fragment F{count} on User {{ {leaf} }}"])


def _branching(count: int = 20) -> str:
    """Fields that branch twice at each level, by fragments."""
    branch = "{{ edges {{ node {{ author {{ ...F{n} }} }} }} }}"
    fragments = [
        f"fragment F{n} on User {{ a: posts {branch.format(n=n + 1)} "
        f"b: posts {branch.format(n=n + 1)} }}"
        for n in range(count)
    ]
    return "{ me { ...F0 } } " + " ".join([*fragments, f"fragment F{count} on User {{ id }}"])


NOT_PARSED = {
    "nothing": "",
    "blanks": " \n",
    "no GraphQL": "hello",
    "half of it": "{ me { id }",
    "half a surrogate pair": '{ post(id: "\\ud800") { id } }',
    "too many words": "{ " + "a " * 5_000 + "}",
    "too deep": "{ me" + " { posts { edges { node { author" * 200 + " { id }" + " } } } }" * 200,
    "lists too deep": "{ post(id: " + "[" * 2_000 + "]" * 2_000 + ") { id } }",
}
NOT_VALID = {
    "no such field": "{ nothing }",
    "no such argument": "{ me(id: 1) { id } }",
    "no selection": "{ me }",
    "a missing argument": "{ post { id } }",
    "an int that is none": '{ posts(first: "1") { __typename } }',
    "an int out of range": "{ posts(first: 99999999999) { __typename } }",
    "null for what is needed": "{ posts(first: null) { __typename } }",
    "an unknown fragment": "{ me { ...F } }",
    "a fragment of itself": "{ me { ...F } } fragment F on User { ...F }",
    "two of one name": "query A { __typename } query A { __typename }",
    "an input of two names": '{ user(by: {id: "x", username: "x"}) { id } }',
    "one name for all": "{ " + "me { id } " * 1_200 + "}",
    "introspection without end": "{ __schema { types" + " { fields { type" * 8
    + " { name }" + " } }" * 8 + " } }",
}  # fmt: skip


@pytest.mark.parametrize(
    ("document", "code"),
    [
        *[pytest.param(each, "GRAPHQL_PARSE_FAILED", id=n) for n, each in NOT_PARSED.items()],
        *[pytest.param(each, "GRAPHQL_VALIDATION_FAILED", id=n) for n, each in NOT_VALID.items()],
        pytest.param("{ __typename } #" + "x" * 65_536, "BAD_USER_INPUT", id="too long"),
    ],
)
async def test_what_cannot_be_run_is_400_to_those_who_ask_for_it(
    http: httpx.AsyncClient, document: str, code: str
) -> None:
    for accept, status in ((GRAPHQL_JSON, 400), (JSON, 200)):
        response = await post(http, {"query": document}, accept)
        answer = response.json()
        assert response.status_code == status
        assert "data" not in answer
        assert {error["extensions"]["code"] for error in answer["errors"]} == {code}


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        ("query ($n: Int!) { posts(first: $n) { __typename } }", {}),
        ("query ($n: Int!) { posts(first: $n) { __typename } }", {"n": None}),
        ("query ($n: Int!) { posts(first: $n) { __typename } }", {"n": "1"}),
        ("query ($n: Int!) { posts(first: $n) { __typename } }", {"n": 2**31}),
        ("query ($n: Int!) { posts(first: $n) { __typename } }", {"n": 10**30}),
        ("query ($n: Int!) { posts(first: $n) { __typename } }", {"n": 1.5}),
        ("query ($id: ID!) { post(id: $id) { id } }", {"id": True}),
        ("query ($id: ID!) { post(id: $id) { id } }", {"id": ["p_1"]}),
        ("query ($by: UserBy!) { user(by: $by) { id } }", {"by": {"name": "x"}}),
    ],
)
async def test_variables_that_do_not_fit_are_a_bad_request(
    http: httpx.AsyncClient, query: str, variables: dict[str, Any]
) -> None:
    for accept, status in ((GRAPHQL_JSON, 400), (JSON, 200)):
        response = await post(http, {"query": query, "variables": variables}, accept)
        assert (response.status_code, the_code(response)) == (status, "BAD_USER_INPUT")


async def test_a_field_that_fails_is_a_request_that_went_well(http: httpx.AsyncClient) -> None:
    response = await post(http, {"query": "{ me { id } }"}, GRAPHQL_JSON)
    assert response.status_code == 200
    assert response.json()["data"] is None


async def test_an_operation_is_chosen_by_name(http: httpx.AsyncClient) -> None:
    two = "query A { a: __typename } query B { b: __typename }"
    assert (await post(http, {"query": two, "operationName": "B"})).json() == {
        "data": {"b": "Query"}
    }
    for wrong in (None, "", "C"):
        response = await post(http, {"query": two, "operationName": wrong}, GRAPHQL_JSON)
        assert (response.status_code, the_code(response)) == (400, "BAD_USER_INPUT")
    none = await post(http, {"query": "fragment F on User { id }"}, GRAPHQL_JSON)
    assert none.status_code == 400


async def test_get_reads(http: httpx.AsyncClient) -> None:
    query = "query A($yes: Boolean!) { __typename @include(if: $yes) } query B { b: __typename }"
    parameters = {"query": query, "operationName": "A", "variables": '{"yes": true}'}
    assert (await http.get("/graphql", params=parameters)).json() == ANSWER
    assert (await http.get("/graphql", params={"query": OPEN})).json() == ANSWER


async def test_get_never_writes(http: httpx.AsyncClient) -> None:
    mutation = 'mutation { logIn(input: {username: "x", password: "x"}) { accessToken } }'
    response = await http.get("/graphql", params={"query": mutation})
    assert (response.status_code, response.headers["allow"]) == (405, "POST")
    assert the_code(response) == "BAD_USER_INPUT"


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"query": OPEN, "variables": "x"},
        {"query": OPEN, "variables": "[]"},
        {"query": OPEN, "variables": ""},
        {"query": OPEN, "extensions": "5"},
    ],
)
async def test_a_get_that_is_no_request_is_400(
    http: httpx.AsyncClient, parameters: dict[str, str]
) -> None:
    response = await http.get("/graphql", params=parameters)
    assert (response.status_code, the_code(response)) == (400, "BAD_USER_INPUT")


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
async def test_other_methods_are_405(http: httpx.AsyncClient, method: str) -> None:
    assert (await http.request(method, "/graphql")).status_code == 405


async def test_a_subscription_is_sent_to_the_socket(http: httpx.AsyncClient) -> None:
    response = await post(http, {"query": "subscription { notificationAdded { __typename } }"})
    assert (response.status_code, the_code(response)) == (400, "BAD_USER_INPUT")
    assert "WebSocket" in response.text


@pytest.mark.parametrize("leaf", ["id", "__typename", "id @skip(if: true)"])
async def test_fragments_that_double_each_other_cost_nothing(
    http: httpx.AsyncClient, leaf: str
) -> None:
    response = await post(http, {"query": _doubled(leaf)})
    (error,) = response.json()["errors"]
    assert error["extensions"]["code"] == "UNAUTHENTICATED"


async def test_fields_that_branch_without_end_are_refused(alice: Any) -> None:
    assert await alice.code(_branching()) == "BAD_USER_INPUT"
    assert (await alice.data(_doubled("id")))["me"] == {"id": "u_alice"}
