"""While Neo4j is frozen everybody is told so, soon; afterwards all goes on by itself."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, Final

import httpx
import pytest

from graph.runner import Graph
from local.ephemeral import Servers
from local.ports import free_ports
from local.process import Process
from tests.graph.world import POST, run
from tests.workers.conftest import (
    RELAY,
    WORKER,
    eventually,
    log_of,
    notification_count,
    open_job_count,
)

_ANSWER_S: Final = 6
"""The deadline of five seconds, and the way there and back on a busy machine."""
_SIGN_UP: Final = """\
mutation { signUp(input: {username: "ana", email: "ana@nexus.example", password: "a password"}) {
  accessToken userErrors { code } } }"""
_LIKE: Final = f'mutation {{ like(subjectId: "{POST}") {{ userErrors {{ code }} }} }}'
_READ: Final = "{ feed { pageInfo { endCursor } } }"
_LOG_IN: Final = """\
mutation { logIn(input: {username: "ana", password: "a password"}) { accessToken } }"""


class _Api:
    """One API process, and somebody who asks it."""

    def __init__(self, port: int) -> None:
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30, trust_env=False)

    def status(self, path: str) -> int:
        try:
            return self.http.get(path).status_code
        except httpx.TransportError:
            return 0

    def ask(self, document: str) -> dict[str, Any]:
        answer: dict[str, Any] = self.http.post("/graphql", json={"query": document}).json()
        return answer

    def answers(self, document: str) -> bool:
        return "errors" not in self.ask(document)

    def refusal(self, document: str) -> tuple[str, float]:
        """Give the code of a refusal, and after how many seconds it came."""
        began = time.monotonic()
        (error,) = self.ask(document)["errors"]
        return error["extensions"]["code"], time.monotonic() - began


@pytest.fixture
def api(start: Callable[..., Process]) -> Iterator[_Api]:
    (port,) = free_ports(1)
    settings = ("NEXUS_JWT_SECRET=a-secret-of-the-tests-that-is-long-enough",)
    start("env", *settings, sys.executable, "-m", "app", "--port", str(port))
    api = _Api(port)
    with api.http:
        eventually(lambda: api.status("/readyz") == httpx.codes.OK)
        yield api


@contextmanager
def _frozen(pid: int) -> Iterator[None]:
    os.killpg(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.killpg(pid, signal.SIGCONT)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_while_neo4j_is_frozen_all_are_told_and_afterwards_all_goes_on(
    world: Graph, api: _Api, start: Callable[..., Process], servers: Servers
) -> None:
    relay, worker = start(*RELAY), start(*WORKER)
    eventually(lambda: " ready" in log_of(worker))
    token = api.ask(_SIGN_UP)["data"]["signUp"]["accessToken"]
    api.http.headers["authorization"] = f"Bearer {token}"
    told = notification_count(world)

    with _frozen(servers.neo4j.pid):
        for document in (_LIKE, _READ, _LOG_IN, _SIGN_UP):
            code, waited_s = api.refusal(document)
            assert code == "SERVICE_UNAVAILABLE"
            assert waited_s < _ANSWER_S
            assert api.status("/readyz") == httpx.codes.SERVICE_UNAVAILABLE
            assert api.status("/livez") == httpx.codes.OK

    eventually(lambda: api.status("/readyz") == httpx.codes.OK)
    for document in (_LIKE, _READ, _LOG_IN):
        eventually(partial(api.answers, document))
    eventually(lambda: notification_count(world) == told + 1)
    eventually(lambda: not open_job_count(world))
    assert len(run(world, "MATCH (:User {username: 'ana'})-[l:LIKED]->() RETURN l")) == 1
    assert relay.is_running
    assert worker.is_running
