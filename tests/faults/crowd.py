"""People who use Nexus over HTTP, and remember what was acknowledged."""

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


@dataclass
class Person:
    """Somebody, and what they were told is so.

    Args:
        edges: What they like, share, follow and block: kind and id.
        comments: Ids of their comments, each with its post's.
        posts: Ids of their posts, each with its text.
    """

    id: str
    token: str
    edges: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    comments: dict[str, str] = field(default_factory=dict[str, str])
    posts: dict[str, str] = field(default_factory=dict[str, str])


@dataclass
class Crowd:
    """People and their posts.

    Args:
        urls: Addresses of the API processes; each request goes to any of them.
        posts: The first post of each, which stays and is what others like, share and comment.
        bystander: Id of somebody who does nothing, and is blocked now and then.
        unread: How many reads of those who read were not answered.
    """

    urls: Sequence[str]
    http: httpx.AsyncClient
    people: list[Person] = field(default_factory=list[Person])
    posts: dict[str, Person] = field(default_factory=dict[str, Person])
    bystander: str = ""
    acknowledged: int = 0
    refused: int = 0
    reads: int = 0
    unread: int = 0
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
        deadline, answer = time.monotonic() + PATIENCE_S, None
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
        raise TimeoutError(f"not acknowledged in {PATIENCE_S} s: {document}: {answer}")

    async def read(self, document: str, token: str, **variables: Any) -> None:
        """Read once, and note whether there was an answer, and how late."""
        began = time.monotonic()
        answer = await self.ask(document, token, **variables)
        self.longest_s = max(self.longest_s, time.monotonic() - began)
        self.reads += 1
        errors = (answer or {}).get("errors")
        if answer is None or errors:
            self.unread += 1
        if {error["extensions"]["code"] for error in errors or ()} - {"SERVICE_UNAVAILABLE"}:
            self.oddities.append(f"{errors} to {document}")

    async def sign_up(self, name: str) -> Person:
        """Let somebody join; under another name where the answer to the first try was lost."""
        joined = await self.insist(_SIGN_UP, name=name, email=f"{name}@example.org")
        if joined["user"] is None:
            self.oddities.pop()
            return await self.sign_up(f"{name}_")
        return Person(joined["user"]["id"], joined["accessToken"])

    async def write(self, person: Person) -> str:
        """Let somebody write a post, and give its id."""
        written = await self.insist(_POST, person.token, key=self.key())
        post_id: str = written["post"]["id"]
        person.posts[post_id] = "a post"
        return post_id

    async def arrive(self) -> None:
        """Sign up, and write a post each."""
        self.people += [await self.sign_up(f"person_{n}") for n in range(_PEOPLE)]
        self.bystander = (await self.sign_up("bystander")).id
        self.posts |= {await self.write(person): person for person in self.people}

    def forget(self) -> None:
        """Count anew."""
        self.acknowledged, self.refused, self.longest_s = 0, 0, 0.0
        self.reads, self.unread = 0, 0

    def key(self) -> str:
        """Make an idempotency key."""
        return f"key-{next(self._numbers)}"


@asynccontextmanager
async def crowd(urls: Sequence[str]) -> AsyncIterator[Crowd]:
    """Bring people who have signed up."""
    async with httpx.AsyncClient(timeout=_REQUEST_S, trust_env=False) as http:
        people = Crowd(urls, http)
        await people.arrive()
        yield people
