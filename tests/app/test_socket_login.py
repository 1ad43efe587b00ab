"""How long a login is good for, and who counts as whom."""

import asyncio
import time
from contextlib import suppress

import pytest

from app.realtime.operations import AuthenticationRefused
from app.realtime.seats import Seats, TooManySockets
from app.socket_login import SocketLogin
from app.tokens import Tokens
from graph.viewer import Viewer

pytestmark = pytest.mark.unit

TOKENS = Tokens("a-secret-of-the-tests-that-is-long-enough", 900, 900)
ALICE = Viewer("u_alice", "s_alice")


async def test_nobody_is_let_in_too_and_may_stay() -> None:
    async with SocketLogin(TOKENS, Seats(1))(None) as caller:
        assert caller.viewer is None
        with suppress(TimeoutError):
            async with asyncio.timeout(0.01):
                pytest.fail(await caller.ended())


async def test_a_login_ends_with_its_token() -> None:
    fleeting = Tokens("a-secret-of-the-tests-that-is-long-enough", 1, 900)
    async with SocketLogin(fleeting, Seats(1))(fleeting.access(ALICE)) as caller:
        assert caller.viewer == ALICE
        assert await caller.ended() == "Token expired"
        assert caller.expires_at is not None
        assert abs(time.time() - caller.expires_at) < 4


@pytest.mark.parametrize("token", ["", "x", TOKENS.refresh(ALICE, "r")])
async def test_what_is_no_access_token_is_refused(token: str) -> None:
    with pytest.raises(AuthenticationRefused, match="not valid"):
        async with SocketLogin(TOKENS, Seats(1))(token):
            pytest.fail("it was let in")


async def test_sockets_are_counted_by_user_whatever_their_session() -> None:
    log_in = SocketLogin(TOKENS, Seats(1))
    other = TOKENS.access(Viewer("u_alice", "s_other"))
    async with log_in(TOKENS.access(ALICE)), log_in(TOKENS.access(Viewer("u_bob", "s_bob"))):
        with pytest.raises(TooManySockets):
            async with log_in(other):
                pytest.fail("it was let in")
    async with log_in(other):
        pass
