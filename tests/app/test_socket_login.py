"""How long a login is good for, and who counts as whom."""

import asyncio
import time
from typing import Any

import pytest

from app.realtime.operations import AuthenticationRefused
from app.realtime.seats import Seats, TooManySockets
from app.realtime.session_watch import SessionWatch
from app.socket_login import SocketLogin
from app.tokens import Tokens
from graph.viewer import Viewer

pytestmark = pytest.mark.unit

SECRET = "a-secret-of-the-tests-that-is-long-enough"
TOKENS = Tokens(SECRET, 900, 900)
ALICE, BOB = Viewer("u_alice", "s_alice"), Viewer("u_bob", "s_bob")


class Ended:
    """A graph in which alice's session has ended."""

    async def run(self, statement: Any) -> Any:
        del statement
        return [ALICE]


@pytest.fixture
def watch() -> SessionWatch:
    return SessionWatch(Ended())


@pytest.fixture
def log_in(watch: SessionWatch) -> SocketLogin:
    return SocketLogin(TOKENS, Seats(1), watch)


async def _is_over(caller: Any, watch: SessionWatch) -> bool:
    end = asyncio.create_task(caller.ended())
    await asyncio.sleep(0)
    await watch.look()
    await asyncio.wait([end], timeout=0.01)
    return not end.cancel()


async def test_nobody_is_let_in_too_and_may_stay(log_in: SocketLogin, watch: SessionWatch) -> None:
    async with log_in(None) as caller:
        assert caller.viewer is None
        assert not await _is_over(caller, watch)


async def test_a_login_ends_with_its_token(watch: SessionWatch) -> None:
    tokens = Tokens(SECRET, 1, 900)
    async with SocketLogin(tokens, Seats(1), watch)(tokens.access(BOB)) as caller:
        assert caller.viewer == BOB
        async with asyncio.timeout(5):
            assert await caller.ended() == "Token expired"
        assert time.time() >= tokens.read_access(tokens.access(BOB)).expires_at - 2


async def test_a_login_ends_with_its_session(log_in: SocketLogin, watch: SessionWatch) -> None:
    async with log_in(TOKENS.access(ALICE)) as alice, log_in(TOKENS.access(BOB)) as bob:
        assert await _is_over(alice, watch)
        assert not await _is_over(bob, watch)


@pytest.mark.parametrize("token", ["", "x", TOKENS.refresh(ALICE, "r")])
async def test_what_is_no_access_token_is_refused(log_in: SocketLogin, token: str) -> None:
    with pytest.raises(AuthenticationRefused, match="not valid"):
        async with log_in(token):
            pytest.fail("it was let in")


async def test_sockets_are_counted_by_user_whatever_their_session(log_in: SocketLogin) -> None:
    other = TOKENS.access(Viewer("u_alice", "s_other"))
    async with log_in(TOKENS.access(ALICE)), log_in(TOKENS.access(BOB)), log_in(None), log_in(None):
        with pytest.raises(TooManySockets):
            async with log_in(other):
                pytest.fail("it was let in")
    async with log_in(other):
        pass
