"""A client of the application: speaks GraphQL over HTTP, as nobody or as one of the seeded."""

import json
from dataclasses import dataclass, replace
from typing import Any, Final, Self

import httpx

from app.tokens import Tokens
from graph.viewer import Role, Viewer

PREFLIGHT: Final = {"graphql-require-preflight": "1"}


def form(operation: dict[str, Any], files: dict[str, bytes]) -> list[tuple[str, Any]]:
    """Give the parts of a multipart request; files are variables of the operation."""
    parts = [
        ("operations", (None, json.dumps(operation))),
        ("map", (None, json.dumps({name: [f"variables.{name}"] for name in files}))),
    ]
    return [*parts, *((name, ("image", content)) for name, content in files.items())]


@dataclass(frozen=True)
class Client:
    """Asks the application.

    Args:
        http: Where requests go.
        tokens: Makes the tokens of seeded people.
        token: What is sent as bearer token; None for none.
    """

    http: httpx.AsyncClient
    tokens: Tokens
    token: str | None = None

    def bearing(self, token: str | None) -> Self:
        """Give a client that sends this token."""
        return replace(self, token=token)

    def as_(self, name: str, role: Role = Role.USER) -> Self:
        """Give a client that is one of the people of `tests.graph.world.seed`."""
        return self.bearing(self.tokens.access(Viewer(f"u_{name}", f"s_{name}", role)))

    async def ask(self, document: str, **variables: Any) -> dict[str, Any]:
        """Give the whole answer; a variable of bytes goes as a file."""
        headers = {"authorization": f"Bearer {self.token}"} if self.token else {}
        files = {name: each for name, each in variables.items() if isinstance(each, bytes)}
        body = {"query": document, "variables": variables | dict.fromkeys(files)}
        sent: dict[str, Any] = {"json": body, "headers": headers}
        if files:
            sent = {"files": form(body, files), "headers": headers | PREFLIGHT}
        response = await self.http.post("/graphql", **sent)
        answer: dict[str, Any] = response.json()
        return answer

    async def data(self, document: str, **variables: Any) -> dict[str, Any]:
        """Give the data of an answer that has no errors."""
        answer = await self.ask(document, **variables)
        assert "errors" not in answer, answer["errors"]
        data: dict[str, Any] = answer["data"]
        return data

    async def do(self, document: str, **variables: Any) -> dict[str, Any]:
        """Give the payload of a mutation's only field, which has no user errors."""
        (payload,) = (await self.data(document, **variables)).values()
        assert payload.get("userErrors", []) == []
        found: dict[str, Any] = payload
        return found

    async def fail(self, document: str, **variables: Any) -> tuple[str, list[str] | None]:
        """Give code and path of the one user error of a mutation's only field."""
        (payload,) = (await self.data(document, **variables)).values()
        (error,) = payload["userErrors"]
        assert error["message"]
        assert all(value is None for name, value in payload.items() if name != "userErrors")
        return error["code"], error["path"]

    async def code(self, document: str, **variables: Any) -> str:
        """Give the code of the one top-level error of an answer."""
        (error,) = (await self.ask(document, **variables))["errors"]
        assert error["message"]
        code: str = error["extensions"]["code"]
        return code
