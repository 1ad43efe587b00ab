"""The scheduled task `warm`: prepare what everybody reads and what is dear to count at reading."""

from typing import Final

import structlog

from graph.engagement import TimeWindow, TopBy
from graph.ids import now_ms
from graph.top_posts import rank_posts
from graph.trending import rank_tags
from workers.base import ScheduledTask
from workers.celery import SCHEDULES, app

log = structlog.get_logger(__name__)
_LONG: Final = (TimeWindow.MONTH, TimeWindow.YEAR, TimeWindow.ALL)
"""Windows whose top posts are dear and move little."""


@app.task(name="warm", base=ScheduledTask, bind=True)
def warm(self: ScheduledTask, slot: int) -> None:
    """Prepare the trending tags of every window, and top posts: of long windows one a slot."""
    weights = self.graph.settings.weights
    for window in TimeWindow:
        tags = self.graph.run(rank_tags(window, now_ms()))
        log.info("tags ranked", window=window.value, tags=tags)
    turn = slot // (SCHEDULES["warm"].every_s * 1000) % len(_LONG)
    for window in (each for each in TimeWindow if each not in _LONG or each is _LONG[turn]):
        posts = [self.graph.run(rank_posts(window, by, weights, now_ms())) for by in TopBy]
        log.info("posts ranked", window=window.value, posts=max(posts))
