"""Lists of posts: everybody's, an author's, those under a tag, in each order."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, LiteralString

from graph import ids, projections, reads
from graph.connections import Order, newest_first
from graph.engagement import LENGTH_MS, TimeWindow, TopBy, Weights, engagement
from graph.entities import TagName
from graph.ids import KEY_LAST
from graph.pages import PageRequest
from graph.projection import Row
from graph.selection import Selection
from graph.statement import Statement
from graph.viewer import Viewer
from graph.visibility import visible_post

_HIGHEST_SCORE: Final = 1e300
_MOST_CANDIDATES: LiteralString = "1000"
_FOR_EVER_MS: Final = 2**53
_HOUR_MS: LiteralString = "3600000"


class PostSort(StrEnum):
    """Orders of posts."""

    NEW = "NEW"
    HOT = "HOT"
    TOP = "TOP"


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose posts a list holds, and what they name.

    Args:
        author_id: Only this person's.
        tag: Only those that name this tag, however it is written.
    """

    author_id: str | None = None
    tag: str | None = None

    @property
    def parameters(self) -> dict[str, str]:
        """The `$author_id` and `$tag` of the clauses."""
        named = {} if self.tag is None else {"tag": TagName.given(self.tag).name}
        return named if self.author_id is None else {**named, "author_id": self.author_id}

    def newest(
        self,
        post: LiteralString,
        before: LiteralString,
        condition: LiteralString,
        limit: LiteralString,
    ) -> LiteralString:
        """Give the clauses that bind its newest posts below a key, from one index range."""
        if self.tag is None:
            is_theirs, order = self._newest_of_people(post)
            bound: LiteralString = f"MATCH ({post}:Post) WHERE {is_theirs}{post}.k < {before}"
            kept: LiteralString = post
        else:
            tagged: LiteralString = f"{post}_r"
            is_theirs, order = self._newest_of_people(tagged)
            bound = (
                f"MATCH ({post}:Post)-[{tagged}:TAGGED]->() "
                f"WHERE {tagged}.tag = $tag AND {is_theirs}{tagged}.k < {before}"
            )
            kept, order = f"{post}, {tagged}", f"{tagged}.tag DESC, {order}"
        return (
            f"{bound} AND {condition} WITH {kept}, [{post}.k] AS {post}_at "
            f"ORDER BY {order} LIMIT {limit}"
        )

    def _newest_of_people(self, holder: LiteralString) -> tuple[LiteralString, LiteralString]:
        if self.author_id is None:
            return "", f"{holder}.k DESC"
        return (
            f"{holder}.author_id = $author_id AND ",
            f"{holder}.author_id DESC, {holder}.k DESC",
        )

    def newest_page(
        self, _: LiteralString, post: LiteralString, path: LiteralString
    ) -> LiteralString:
        """Give the clauses that bind a page by time."""
        return self.newest(post, f"{path}.k", visible_post(post), f"{path}.limit")

    def hottest_page(
        self, _: LiteralString, post: LiteralString, path: LiteralString
    ) -> LiteralString:
        """Give the clauses that bind a page by HOT: of all posts, or of its newest thousand."""
        page: LiteralString = f"{post}.hot_k < {path}.hot_k AND {visible_post(post)}"
        ordered: LiteralString = (
            f"WITH {post}, [{post}.hot_k] AS {post}_at "
            f"ORDER BY {post}.hot_k DESC LIMIT {path}.limit"
        )
        if self == Scope():
            return f"MATCH ({post}:Post) WHERE {page} {ordered}"
        candidates = self.newest(post, "'~'", "true", _MOST_CANDIDATES)
        return f"{candidates} WITH {post} WHERE {page} {ordered}"

    def top_page(self, _: LiteralString, post: LiteralString, path: LiteralString) -> LiteralString:
        """Give the clauses that bind a page by engagement until the first page's instant.

        A window begins with a whole UTC hour, as that of every other figure does. Who may see a
        post is asked last, of as many as a page needs.
        """
        score: LiteralString = f"{post}_score"
        return (
            engagement(
                f"toInteger({path}.upto - 1) / {_HOUR_MS} * {_HOUR_MS} - $length", f"{path}.upto"
            )
            + f"WITH id, toFloat(likes * $weights.likes + comments * $weights.comments "
            f"+ shares * $weights.shares) AS {score} WHERE 0 < {score} <= {path}.score "
            f"MATCH ({post}:Post {{id: id}}) WHERE {score} < {path}.score OR {post}.k < {path}.k "
            f"WITH {post}, {score} ORDER BY {score} DESC, {post}.k DESC "
            f"WITH {post}, {score} WHERE {self._holds(post)} WITH {post}, {score} "
            f"LIMIT {path}.limit WITH {post}, [{path}.upto, {score}, {post}.k] AS {post}_at"
        )

    def _holds(self, post: LiteralString) -> LiteralString:
        conditions: list[LiteralString] = []
        if self.author_id is not None:
            conditions.append(f"{post}.author_id = $author_id")
        if self.tag is not None:
            conditions.append(f"EXISTS {{ ({post})-[:TAGGED {{tag: $tag}}]->() }}")
        return " AND ".join([*conditions, visible_post(post)])


def _order(sort: PostSort, scope: Scope) -> Order:
    match sort:
        case PostSort.NEW:
            return newest_first("posts-new", scope.newest_page)
        case PostSort.HOT:
            return Order("posts-hot", {"hot_k": KEY_LAST}, scope.hottest_page)
        case PostSort.TOP:
            start = {"upto": float(ids.now_ms() + 1), "score": _HIGHEST_SCORE, "k": KEY_LAST}
            return Order("posts-top", start, scope.top_page)


_EVERYTHING: Final = Scope()


def read_page(
    viewer: Viewer,
    page: PageRequest,
    selection: Selection,
    scope: Scope = _EVERYTHING,
    sort: PostSort = PostSort.NEW,
    window: TimeWindow = TimeWindow.DAY,
    weights: Weights = Weights(),  # noqa: B008 - frozen
) -> Statement[Row]:
    """Read posts, everybody's or those of a scope.

    A page by TOP counts what happened until the first page was read, so that what happens between
    pages moves nothing.

    Args:
        viewer: Who reads.
        page: Which page.
        selection: What is wanted of each post.
        scope: Of whom, and under which tag.
        sort: In which order.
        window: How far back TOP counts.
        weights: What counts how much for TOP.

    Cost: NEW and HOT, one index range, whatever the number of posts; HOT in a scope, its newest
        thousand; TOP, everything that happened in the window.
    """
    projection = projections.post(selection, "post", "$s")
    parameters = {
        **scope.parameters,
        "length": LENGTH_MS.get(window, _FOR_EVER_MS),
        "weights": weights.scores(TopBy.ENGAGEMENT),
    }
    return reads.read_page(viewer, _order(sort, scope), page, projection, parameters=parameters)
