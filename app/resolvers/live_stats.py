"""`statsChanged`: a post's counts as they are now."""

from collections.abc import AsyncGenerator, Hashable
from typing import Any

from ariadne import SubscriptionType

from app.context import Info, RequestContext
from app.realtime.edition import Told
from app.realtime.outlet import Outlet
from app.realtime.source import Render, Source
from app.realtime.stats_board import Watcher
from app.resolvers.streams import bind_source
from graph.errors import NotFound
from graph.posts import find_post
from graph.projection import Row
from graph.selection import Field, Selection

subscription = SubscriptionType()
_STATS = Selection((Field("stats", "stats"),))


class StatsSource(Source):
    """A subscription's source of counts.

    Args:
        context: Of the subscription.
        post_id: Whose counts.
        stats: The counts when it was opened, which are told first.
    """

    def __init__(self, context: RequestContext, post_id: str, stats: Row) -> None:
        self._context = context
        self._post_id = post_id
        self._stats = stats

    async def events(  # noqa: D102 - as `Source` says
        self, group: Hashable, render: Render, outlet: Outlet
    ) -> AsyncGenerator[Row | Told, None]:
        yield self._stats
        watcher = Watcher(self._context.viewer.user_id, group, render, self._stats, outlet.push)
        async with self._context.services.stats_board.watching(self._post_id, watcher):
            while True:
                yield await watcher.take()


async def source_stats_changed(_: Any, info: Info, post_id: str) -> StatsSource:
    """Tell a post's counts, now and whenever they change.

    Raises:
        NotFound: There is no such post, or it is not to be seen.
    """
    found = await info.context.run(find_post(info.context.viewer, post_id, _STATS))
    if found is None:
        raise NotFound("There is no such post, or you may not see it.")
    return StatsSource(info.context, post_id, found["stats"])


bind_source(subscription, "statsChanged", source_stats_changed)

BINDABLES = [subscription]
