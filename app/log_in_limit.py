"""How often somebody may try to log in: counted in Redis, for all processes together.

While Redis is away nobody logs in: a guard that opens when it is pushed over guards nothing. Who is
logged in does not notice.
"""

import hashlib
from typing import Final, Self

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from app.errors import RateLimited
from graph.errors import Unavailable

_TIMEOUT_S: Final = 1.0


class LogInLimit:
    """Counts attempts to log in by the name that is tried, whether anybody has it or not.

    Args:
        redis_url: Where it counts.
        attempts: How many are allowed, one that succeeds being the last of them.
        window_s: For how long they are remembered, from the first on.
    """

    def __init__(self, redis_url: str, attempts: int, window_s: int) -> None:
        self._redis = Redis.from_url(
            redis_url,
            socket_timeout=_TIMEOUT_S,
            socket_connect_timeout=_TIMEOUT_S,
            retry=Retry(NoBackoff(), 0),
        )
        self._attempts = attempts
        self._window_s = window_s

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._redis.aclose()

    async def count(self, username: str) -> None:
        """Count an attempt, before it is known what comes of it.

        Raises:
            RateLimited: There were too many.
            Unavailable: Redis is away.
        """
        key = _key(username)
        try:
            async with self._redis.pipeline() as commands:
                commands.set(key, 0, ex=self._window_s, nx=True)
                commands.incr(key)
                commands.ttl(key)
                _, count, rest_s = await commands.execute()
        except (RedisError, OSError) as error:
            raise Unavailable("Nobody can log in at the moment. Try again.") from error
        if count > self._attempts:
            message = f"Too many attempts to log in as {username!r}; try again in {rest_s} s."
            raise RateLimited(message, retry_after_s=max(rest_s, 1))

    async def forget(self, username: str) -> None:
        """Begin anew, after an attempt that succeeded; if Redis went away, the count runs out."""
        try:
            await self._redis.delete(_key(username))
        except (RedisError, OSError):
            return


def _key(username: str) -> str:
    name = username.strip().lower().encode(errors="surrogatepass")
    return f"nexus:log-in:{hashlib.blake2b(name, digest_size=16).hexdigest()}"
