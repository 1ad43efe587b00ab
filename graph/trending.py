"""Trending tags: what most people write about in a span, prepared by a task and read from there.

Only posts that are there for everybody count, and nobody's whose account is suspended. Different
people are counted before posts, so that one person alone makes nothing trend. A tag of which a
viewer may see no post is left out for them.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, LiteralString

from graph import projections, reads
from graph.engagement import TimeWindow
from graph.errors import InvalidInput
from graph.ids import key
from graph.pages import LONGEST_PAGE
from graph.projection import Pending, Projection, Row
from graph.selection import Selection
from graph.series import Span
from graph.statement import Access, Record, Statement
from graph.viewer import Viewer
from graph.visibility import visible_tag

_STALE_MS: Final = 600_000
"""A ranking that is older than this is not read: no worker makes rankings."""

_COUNTED: LiteralString = """\
CALL () {
  MATCH (post:Post)-[tagged:TAGGED]->() WHERE tagged.k >= $from_k AND tagged.k < $to_k
  MATCH (author:User {id: tagged.author_id})
  WHERE author.suspended_at IS NULL AND post.visibility = 'PUBLIC'
  WITH tagged.tag AS name, count(*) AS posts, count(DISTINCT author) AS people
  RETURN name, posts, people ORDER BY people DESC, posts DESC, name LIMIT $most
}
"""
"""Binds `name`, `posts` and `people` of the tags that most people wrote about."""


def rank_tags(window: TimeWindow, now: int) -> Statement[int]:
    """Prepare the trending tags of a window that ends now.

    Returns:
        How many there are, at most 100.

    Cost: linear in the tags that posts of the window name.
    """
    span = Span.of(window, None, None, now)

    def decode(records: Sequence[Record]) -> int:
        return int(records[0]["count"])

    return Statement(
        f"""\
{_COUNTED}WITH collect(name) AS names, collect(posts) AS posts, collect(people) AS people
MERGE (ranking:Ranking {{name: $name}})
SET ranking.tags = names, ranking.posts = posts, ranking.people = people, ranking.as_of = $now,
  ranking.start_at = $start_at, ranking.end_at = $end_at
RETURN size(names) AS count""",
        {"name": _name(window), **_parameters(span, now)},
        decode,
        Access.WRITE,
    )


def read_trending_tags(
    viewer: Viewer, window: TimeWindow, first: int, now: int, selection: Selection
) -> Statement[Row]:
    """Read the trending tags of a window, most people first, then most posts, then by name.

    Row: `{tags, from, to, as_of}`; of each tag `{tag, posts, people}`.

    Args:
        viewer: Who reads.
        window: How far back posts count.
        first: How many, 1 to 100.
        now: ms since 1970 UTC.
        selection: What is read of each tag.

    Raises:
        InvalidInput: `first` is out of range.

    Cost: an index seek for each tag; where no task prepared them, linear in the tags that posts of
        the window name, in a second statement.
    """
    if not 1 <= first <= LONGEST_PAGE:
        raise InvalidInput(f"`first` is {first}; give 1 to {LONGEST_PAGE}.", ("first",))
    tag = projections.tag(selection, "tag", "$s")
    value: LiteralString = f"""\
head(COLLECT {{
  MATCH (ranking:Ranking {{name: $name}}) WHERE ranking.as_of >= $oldest
  RETURN {{as_of: ranking.as_of, from: ranking.start_at, to: ranking.end_at, tags: COLLECT {{
    UNWIND range(0, size(ranking.tags) - 1) AS place
    MATCH (tag:Tag {{name: ranking.tags[place]}}) WHERE {visible_tag("tag")}
    WITH place, tag LIMIT $first
    RETURN {{tag: {tag.text}, posts: ranking.posts[place], people: ranking.people[place]}} AS each
    ORDER BY place
  }}}} AS row
}})"""
    span = Span.of(window, None, None, now)
    counted = _count(viewer, span, tag, {**_parameters(span, now), "shown": first})
    parameters = {
        "s": tag.parameters,
        "name": _name(window),
        "first": first,
        "oldest": now - _STALE_MS,
    }

    def finish(row: Row | None, pending: list[Pending]) -> Any:
        if row is None:
            return counted
        for each in row["tags"]:
            tag.finish(each["tag"], pending)
        return row

    return reads.read_value(viewer, value, parameters, finish)


def _count(
    viewer: Viewer, span: Span, tag: Projection, parameters: Mapping[str, Any]
) -> Statement[Row]:
    value: LiteralString = f"""\
COLLECT {{
  {_COUNTED}  MATCH (tag:Tag {{name: name}}) WHERE {visible_tag("tag")}
  WITH name, posts, people, tag ORDER BY people DESC, posts DESC, name LIMIT $shown
  RETURN {{tag: {tag.text}, posts: posts, people: people}} AS each
  ORDER BY people DESC, posts DESC, name
}}"""

    def finish(rows: list[Row], pending: list[Pending]) -> Row:
        for each in rows:
            tag.finish(each["tag"], pending)
        return {"tags": rows, "from": span.start, "to": span.end, "as_of": parameters["now"]}

    return reads.read_value(viewer, value, {"s": tag.parameters, **parameters}, finish)


def _name(window: TimeWindow) -> str:
    return f"tags:{window.value}"


def _parameters(span: Span, now: int) -> dict[str, Any]:
    return {
        "from_k": key(span.start, ""),
        "to_k": key(span.end, ""),
        "start_at": span.start,
        "end_at": span.end,
        "now": now,
        "most": LONGEST_PAGE,
    }
