"""Have Neo4j plan what people ask for first, before they ask.

A Neo4j that was just started takes seconds for its first plans, longer on a busy machine than a
statement may take: whoever came first was refused. Plans go by the text of a statement, so each of
these operations is run once, for a viewer who is not there: it finds nobody, and neither reads nor
writes anything.
"""

import asyncio
import logging
import time
from typing import Final, Self

from app.execution import Executor
from app.realtime.backoff import Backoff
from graph.viewer import Viewer

_logger = logging.getLogger(__name__)
NOBODY: Final = Viewer("u_nobody", "s_nobody")
_PERSON: Final = "id username displayName avatar { url }"
_POST: Final = """\
id text createdAt author { id username displayName } stats { likes comments shares }
viewer { hasLiked hasShared } media { url thumbnailUrl blurhash }"""
_COMMENT: Final = """\
id text depth tombstone author { username displayName } stats { likes replies }
viewer { hasLiked }"""
_SAID: Final = '{postId: "p_", text: "_"}'
_DONE: Final = "userErrors { code message path }"
OPERATIONS: Final = (
    f"{{ feed {{ edges {{ node {{ {_POST} }} }} pageInfo {{ hasNextPage endCursor }} }} }}",
    f"{{ posts {{ edges {{ node {{ {_POST} }} }} pageInfo {{ hasNextPage endCursor }} }} }}",
    f'{{ post(id: "p_") {{ {_POST} comments {{ edges {{ node {{ {_COMMENT} }} }} }} }} }}',
    f'{{ post(id: "p_") {{ {_POST} }} }}',
    f'{{ comment(id: "c_") {{ {_COMMENT} }} }}',
    f'{{ post(id: "p_") {{ thread {{ nodes {{ comment {{ {_COMMENT} }} }} }} }} }}',
    f"{{ me {{ {_PERSON} stats {{ followers following posts }} }} }}",
    f'{{ user(by: {{username: "_"}}) {{ {_PERSON} viewer {{ following }} }} }}',
    "{ notifications { unreadCount edges { node { kind actors { users { username } } } } } }",
    "{ streamCursor }",
    f'mutation {{ createPost(input: {{text: "_"}}) {{ post {{ {_POST} }} {_DONE} }} }}',
    f"mutation {{ createComment(input: {_SAID}) {{ comment {{ {_COMMENT} }} {_DONE} }} }}",
    *(
        f'mutation {{ {name}({argument}: "{id_}") {{ {_DONE} }} }}'
        for name, argument, id_ in (
            ("like", "subjectId", "p_"),
            ("unlike", "subjectId", "p_"),
            ("like", "subjectId", "c_"),
            ("share", "postId", "p_"),
            ("follow", "userId", "u_"),
        )
    ),
)
"""Each for a statement of its own; what a mutation reads back is among the queries."""


class WarmUp:
    """Plans ahead while it is entered; whatever goes wrong there is only slower later.

    Args:
        executor: Runs operations.
        most_s: When to give up, in seconds after the beginning; 0 plans nothing.
    """

    def __init__(self, executor: Executor, most_s: float) -> None:
        self._executor = executor
        self._most_s = most_s
        self._task: asyncio.Task[None] | None = None
        self.over = asyncio.Event()
        """Set when it is done, or has given up."""

    async def __aenter__(self) -> Self:
        if self._most_s:
            self._task = asyncio.create_task(self._run())
        else:
            self.over.set()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _run(self) -> None:
        """Plan all operations, one after the other: several would only wait for each other."""
        began = time.monotonic()
        try:
            async with asyncio.timeout(self._most_s):
                for document in OPERATIONS:
                    await self._plan(document)
        except TimeoutError:
            _logger.warning("First answers may be slow: planning took %g s.", self._most_s)
        except Exception:
            _logger.exception("First answers may be slow: they could not be planned.")
        else:
            _logger.info("Planned in %.1f s.", time.monotonic() - began)
        finally:
            self.over.set()

    async def _plan(self, document: str) -> None:
        """Run an operation until there was time to; what takes too long is planned meanwhile."""
        operation = self._executor.prepare({"query": document})
        backoff = Backoff()
        while True:
            answer = await self._executor.execute(operation, NOBODY)
            codes = {error["extensions"]["code"] for error in answer.get("errors", ())}
            if "SERVICE_UNAVAILABLE" not in codes:
                return
            await asyncio.sleep(backoff.next_s())
