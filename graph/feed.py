"""The home feed: what people one follows wrote and shared, and posts under tags one follows.

A post stands in it once, at the newest of what brought it there: that it was written, or shared.
Nothing is copied: a first statement finds which posts are on the page, by keys alone; a second one
reads them.

A post that was shared may come again further down, where it was written. So a cursor holds, beside
the key at which its page ended, those of the posts shown so far that are not newer than it:
whatever is shared, taken back, followed or muted between two pages, what was shown is not shown
again, and what was not shown still comes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, LiteralString

from graph import projections, reads
from graph.feed_reasons import listed, reasons
from graph.feed_sources import NEAR
from graph.ids import KEY_LAST, LATEST_MS, instant_of, key, unique_of
from graph.pages import PageRequest, encode_cursor, no_cursor
from graph.projection import Pending, Projection, Row
from graph.selection import Selection
from graph.statement import Statement
from graph.viewer import Viewer, viewer_read
from graph.visibility import visible_post

FEW: Final = 400
"""Who follows more has walked what everybody did."""
LONGEST_WALK: Final = 600
"""Posts, and shares, that a walk looks at."""
_FARTHER: Final = 4
"""How many times as far a further look goes, for who follows as many times as many."""
MOST_SHOWN: Final = 500
"""Posts that a cursor remembers; with more, one that was shared long ago may come again."""
_SKEW_MS: Final = 60_000
"""By how much a share may seem older than its post, for two clocks gave their instants."""
_SPARE: Final = 10
"""Looked at beyond what a page holds: a post that two shared, one that may not be seen."""
_MOST_LOOKS: Final = 4
_NAME: Final = "feed"


def read_page(viewer: Viewer, page: PageRequest, edge: Selection) -> Statement[Row]:
    """Read the viewer's feed, as a Relay connection.

    Args:
        viewer: Whose feed.
        page: Which page.
        edge: What is selected of each `FeedEdge`; `reasons` are read only when they are.

    Raises:
        InvalidInput: The cursor is not one of the feed.

    Cost: for few follows a property and a seek of each, for many the newest posts and shares of
        all, some hundreds; then a few seeks for each post. See `docs/decisions/0012`.
    """
    start = _Position.of(page)
    post = projections.post(edge.child("node", "Post"), "post", "$s")
    why = reasons(edge) if "reasons" in edge else None
    cards = _Cards(viewer, page, start, post, why)
    return _Look(cards, start.k).statement()


@dataclass(frozen=True, slots=True)
class _Position:
    """Where a page begins: at a key, without the posts that have these keys."""

    k: str
    shown: tuple[str, ...]

    @classmethod
    def of(cls, page: PageRequest) -> "_Position":
        k, shown = page.position(_NAME, [KEY_LAST, []])
        if len(shown) > MOST_SHOWN or not all(isinstance(each, str) for each in shown):
            raise no_cursor(str(page.after))
        return cls(k, tuple(shown))

    def cursor(self, k: str, rows: Sequence[Row]) -> str:
        """Make the cursor for a key, rows having been shown; what is newer comes no more."""
        newest = key(min(instant_of(k) + _SKEW_MS, LATEST_MS), KEY_LAST)
        shown = [*self.shown, *(row["post_k"] for row in rows)]
        return encode_cursor(_NAME, [k, [each for each in shown if each <= newest][-MOST_SHOWN:]])


@dataclass(frozen=True, slots=True)
class _Cards:
    """Reads the posts of a page, once it is known which they are."""

    viewer: Viewer
    page: PageRequest
    start: _Position
    post: Projection
    why: Projection | None

    def statement(self, found: Sequence[Row], floor: str) -> Row | Statement[Row]:
        """Make the statement; of a page without posts give the answer."""
        rows = found[: self.page.first]
        has_next_page = len(found) > len(rows) or bool(floor)
        if rows and (len(found) > len(rows) or not floor):
            floor = rows[-1]["k"]
        page_info = {
            "has_next_page": has_next_page,
            "has_previous_page": self.page.after is not None,
            "start_cursor": self.start.cursor(rows[0]["k"], rows[:1]) if rows else None,
            "end_cursor": self.start.cursor(floor, rows) if floor else self.page.after,
        }
        if not rows:
            return {"edges": [], "page_info": page_info}

        def finish(cards: list[Row], pending: list[Pending]) -> Row:
            return {"edges": self._edges(rows, cards, pending), "page_info": page_info}

        parameters = {
            **self.post.parameters,
            "ids": [row["id"] for row in rows],
            "why": self.why.parameters if self.why else {},
        }
        return reads.read_value(self.viewer, self._value(), {"s": parameters}, finish)

    def _value(self) -> LiteralString:
        why: LiteralString = f", why: {self.why.text}" if self.why else ""
        return (
            f"COLLECT {{ UNWIND $s.ids AS id MATCH (post:Post {{id: id}}) "
            f"WHERE {visible_post('post')} RETURN {{node: {self.post.text}{why}}} AS row }}"
        )

    def _edges(self, rows: Sequence[Row], cards: list[Row], pending: list[Pending]) -> list[Row]:
        """Make the edges of those posts that may still be seen."""
        nodes = {card["node"]["id"]: card for card in cards}
        edges: list[Row] = []
        for n, row in enumerate(rows, 1):
            if card := nodes.get(row["id"]):
                edge: Row = {
                    "node": self.post.finish(card["node"], pending),
                    "cursor": self.start.cursor(row["k"], rows[:n]),
                }
                if self.why:
                    edge["reasons"] = listed(self.why.finish(card["why"], pending))
                edges.append(edge)
        return edges


@dataclass(frozen=True, slots=True)
class _Look:
    """The search for a page's posts: a statement, and further ones while too few are found."""

    cards: _Cards
    k: str
    reach: int = 1
    found: tuple[Row, ...] = ()
    count: int = 1

    def statement(self) -> Statement[Row]:
        """Make the statement."""
        page = self.cards.page
        shown = [unique_of(each) for each in self.cards.start.shown]
        parameters: dict[str, Any] = {
            "k": self.k,
            "shown": shown + [row["id"] for row in self.found],
            "limit": page.limit - len(self.found),
            "size": self.reach * (page.limit + _SPARE),
            "few": self.reach * FEW,
            "walk": self.reach * LONGEST_WALK,
        }
        return viewer_read(self.cards.viewer, NEAR, {"s": parameters}, self._decode)

    def _decode(self, nears: list[Row]) -> Row | Statement[Row]:
        (near,) = nears
        found, floor = (*self.found, *near["rows"]), near["floor"]
        if len(found) > self.cards.page.first or not floor or self.count == _MOST_LOOKS:
            return self.cards.statement(found, floor)
        look = _Look(self.cards, floor, _FARTHER * self.reach, found, self.count + 1)
        return look.statement()
