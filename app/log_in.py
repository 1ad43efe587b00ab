"""Signing up, logging in, going on: passwords are checked in threads, a few at a time."""

import asyncio
import time
from dataclasses import dataclass
from typing import Final

from adapters.passwords import hash_password, verify_password
from app.log_in_limit import LogInLimit
from app.tokens import Tokens
from graph.errors import InvalidCredentials, InvalidInput
from graph.runner import AsyncGraph
from graph.sessions import NewSession, create_session, renew_session
from graph.users import NewUser, find_credentials, sign_up
from graph.viewer import Role, Viewer

SHORTEST_PASSWORD: Final = 8
LONGEST_PASSWORD: Final = 200


@dataclass(frozen=True, slots=True)
class LogIn:
    """A session with its tokens.

    Args:
        expires_at: When the access token ends, in ms since 1970 UTC.
    """

    viewer: Viewer
    access_token: str
    refresh_token: str
    expires_at: int


class Accounts:
    """Opens sessions.

    Args:
        graph: Where accounts are.
        tokens: Makes and reads tokens.
        workers: How many passwords are hashed at once; each takes 64 MiB and a core.
        limit: How often somebody may try a name.
    """

    def __init__(self, graph: AsyncGraph, tokens: Tokens, workers: int, limit: LogInLimit) -> None:
        self._graph = graph
        self._tokens = tokens
        self._limit = limit
        self._hashing = asyncio.Semaphore(workers)

    async def sign_up(
        self, username: str, email: str, password: str, display_name: str | None
    ) -> LogIn:
        """Make an account and its first session.

        Raises:
            InvalidInput: A value breaks a rule.
            Conflict: The username or the address belongs to somebody.
        """
        _check_password(password)
        draft = NewUser.of(username, email, display_name)
        async with self._hashing:
            hashed = await asyncio.to_thread(hash_password, password)
        user = draft.with_password_hash(hashed)
        session = NewSession.of(user.id, self._tokens.refresh_s)
        await self._graph.run(sign_up(user, session))
        return self._log_in(Viewer(user.id, session.id, Role.USER), session.refresh_id)

    async def log_in(self, username: str, password: str) -> LogIn:
        """Begin a session; it takes as long for a name that nobody has.

        Redis and Neo4j have one deadline for all that they are asked.

        Raises:
            InvalidCredentials: The name or the password is wrong.
            RateLimited: The name was tried too often.
            Unavailable: Neo4j or Redis is away.
        """
        deadline = self._graph.deadline()
        await self._limit.count(username)
        found = await self._graph.run(find_credentials(username), deadline)
        began = time.monotonic()
        async with self._hashing:
            known_hash = found.password_hash if found else None
            is_right = await asyncio.to_thread(verify_password, password, known_hash)
        deadline += time.monotonic() - began  # what is ours to do is nobody's silence
        if found is None or not is_right:
            raise InvalidCredentials("The username or the password is wrong.")
        await self._limit.forget(username)
        session = NewSession.of(found.user_id, self._tokens.refresh_s)
        await self._graph.run(create_session(session), deadline)
        return self._log_in(Viewer(found.user_id, session.id, found.role), session.refresh_id)

    async def refresh(self, refresh_token: str) -> LogIn:
        """Go on with a session.

        Raises:
            InvalidCredentials: The token opens nothing, or was used before.
        """
        session_id, refresh_id = self._tokens.read_refresh(refresh_token)
        renewed = await self._graph.run(
            renew_session(session_id, refresh_id, self._tokens.refresh_s)
        )
        viewer = Viewer(renewed.user_id, renewed.session_id, renewed.role)
        return self._log_in(viewer, renewed.refresh_id)

    def _log_in(self, viewer: Viewer, refresh_id: str) -> LogIn:
        access_token = self._tokens.access(viewer)
        return LogIn(
            viewer,
            access_token,
            self._tokens.refresh(viewer, refresh_id),
            int(self._tokens.read_access(access_token).expires_at * 1000),
        )


def _check_password(password: str) -> None:
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise InvalidInput(
            f"`password` has {len(password)} characters; "
            f"take {SHORTEST_PASSWORD} to {LONGEST_PASSWORD}.",
            ("password",),
        )
