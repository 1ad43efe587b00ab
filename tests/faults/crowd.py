"""People who use Nexus over HTTP all the while, and remember what was acknowledged."""

import asyncio
import itertools
import random
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

PATIENCE_S: Final = 120
_PAUSE_S: Final = 0.2
_REST_S: Final = 0.15
_REQUEST_S: Final = 15
_PEOPLE: Final = 4
_SIGN_UP: Final = """
mutation ($name: String!, $email: String!) {
  signUp(input: {username: $name, email: $email, password: "correct horse battery"}) {
    accessToken user { id } userErrors { message }
  }
}"""
_POST: Final = """
mutation ($key: String!) { createPost(input: {text: "a post", idempotencyKey: $key}) {
  post { id } userErrors { message } } }"""
_COMMENT: Final = """
mutation ($id: ID!, $key: String!) {
  createComment(input: {postId: $id, text: "a comment", idempotencyKey: $key}) {
    comment { id } userErrors { message } } }"""
_DELETE: Final = """
mutation ($id: ID!) { deleteComment(id: $id) { userErrors { message } } }"""
_EDGE: Final = """
mutation ($id: ID!) {{ {0}({1}: $id) {{ userErrors {{ message }} }} }}"""
_UNDO: Final = {"like": "unlike", "share": "unshare", "follow": "unfollow"}
_ARGUMENT: Final = {"like": "subjectId", "share": "postId", "follow": "userId"}


@dataclass
class Person:
    """Somebody, and what they were told is so."""

    id: str
    token: str
    edges: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    comments: dict[str, str] = field(default_factory=dict[str, str])


@dataclass
class Crowd:
    """People and their posts.

    Args:
        urls: Addresses of the API processes; each request goes to any of them.
    """

    urls: Sequence[str]
    http: httpx.AsyncClient
    people: list[Person] = field(default_factory=list[Person])
    posts: dict[str, Person] = field(default_factory=dict[str, Person])
    acknowledged: int = 0
    refused: int = 0
    longest_s: float = 0.0
    oddities: list[str] = field(default_factory=list[str])
    _numbers: Any = field(default_factory=itertools.count)

    async def ask(self, document: str, token: str | None = None, **variables: Any) -> Any:
        """Send an operation once, to any of the processes; None where there is no answer."""
        headers = {"authorization": f"Bearer {token}"} if token else {}
        body = {"query": document, "variables": variables}
        try:
            url = f"{random.choice(self.urls)}/graphql"  # noqa: S311 - no secret
            answer = await self.http.post(url, json=body, headers=headers)
            return answer.json()
        except (httpx.HTTPError, ValueError):
            return None

    async def insist(self, document: str, token: str | None = None, **variables: Any) -> Any:
        """Send an operation until it is acknowledged, as a patient client does; give the payload.

        Raises:
            TimeoutError: It was not, for minutes.
        """
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            began = time.monotonic()
            answer = await self.ask(document, token, **variables)
            self.longest_s = max(self.longest_s, time.monotonic() - began)
            errors = (answer or {}).get("errors")
            if answer and not errors:
                (payload,) = answer["data"].values()
                if isinstance(payload, dict) and payload.get("userErrors"):
                    self.oddities.append(f"{payload['userErrors']} to {document}")
                self.acknowledged += 1
                return payload
            codes = {error["extensions"]["code"] for error in errors or ()}
            if codes - {"SERVICE_UNAVAILABLE"}:
                self.oddities.append(f"{errors} to {document}")
            self.refused += 1
            await asyncio.sleep(_PAUSE_S)
        raise TimeoutError(f"not acknowledged in {PATIENCE_S} s: {document}")

    async def arrive(self) -> None:
        """Sign up, and write a post each."""
        for number in range(_PEOPLE):
            name = f"person_{number}"
            joined = await self.insist(_SIGN_UP, name=name, email=f"{name}@example.org")
            self.people.append(Person(joined["user"]["id"], joined["accessToken"]))
        for person in self.people:
            written = await self.insist(_POST, person.token, key=self._key())
            self.posts[written["post"]["id"]] = person

    async def act(self, stop: asyncio.Event) -> None:
        """Let everybody do one thing after another until told to stop."""

        async def busy(person: Person) -> None:
            while not stop.is_set():
                await self._do_something(person)
                await asyncio.sleep(_REST_S)

        await asyncio.gather(*(busy(person) for person in self.people))

    async def _do_something(self, person: Person) -> None:
        chance = random.Random()  # noqa: S311 - no secret
        kind = chance.choice(["like", "like", "share", "follow", "comment", "delete"])
        if kind == "comment":
            post, key = chance.choice(list(self.posts)), self._key()
            written = await self.insist(_COMMENT, person.token, id=post, key=key)
            person.comments[written["comment"]["id"]] = post
            return
        if kind == "delete":
            if person.comments:
                comment = chance.choice(list(person.comments))
                await self.insist(_DELETE, person.token, id=comment)
                del person.comments[comment]
            return
        others = [each.id for each in self.people if each is not person]
        target = chance.choice(others if kind == "follow" else list(self.posts))
        edge = (kind, target)
        verb = _UNDO[kind] if edge in person.edges else kind
        await self.insist(_EDGE.format(verb, _ARGUMENT[kind]), person.token, id=target)
        person.edges ^= {edge}

    def _key(self) -> str:
        return f"key-{next(self._numbers)}"


@asynccontextmanager
async def crowd(urls: Sequence[str]) -> AsyncIterator[Crowd]:
    """Bring people who have signed up."""
    async with httpx.AsyncClient(timeout=_REQUEST_S, trust_env=False) as http:
        people = Crowd(urls, http)
        await people.arrive()
        yield people
