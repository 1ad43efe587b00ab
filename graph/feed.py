"""The home feed: posts of the people one follows, newest first, without copies of anything.

Only the `limit` authors with the newest posts can be on a page, so those are found first (from
their `last_post_k`, or one index seek each below the cursor), then their posts are read from the
index and merged: those that are not older than the last author's newest, for there are enough of
them. Who is blocked, muted or suspended is asked of one author after the other until the page has
enough of them, not of everybody followed. Exact, and the cost grows with the people followed, not
with what they wrote.
"""

from typing import Final, LiteralString

from graph import projections, reads
from graph.connections import Order, newest_first
from graph.pages import PageRequest
from graph.projection import Row
from graph.selection import Selection
from graph.statement import Statement
from graph.viewer import Viewer
from graph.visibility import visible_post, welcome_user


def _merged(
    newest: LiteralString, reader: LiteralString, post: LiteralString, path: LiteralString
) -> LiteralString:
    return (
        f"MATCH ({reader})-[:FOLLOWS]->(author:User) "
        f"WITH author, {newest} AS newest WHERE newest IS NOT NULL "
        f"WITH author, newest ORDER BY newest DESC "
        f"WITH author, newest WHERE {welcome_user('author')} "
        f"WITH author, newest ORDER BY newest DESC LIMIT {path}.limit "
        f"WITH collect({{id: author.id, newest: newest}}) AS authors "
        f"WITH authors, CASE size(authors) WHEN {path}.limit THEN last(authors).newest "
        f"ELSE '' END AS floor UNWIND authors AS author "
        f"CALL (viewer, author, floor) {{ MATCH ({post}:Post) "
        f"WHERE {post}.author_id = author.id AND {post}.k >= floor AND {post}.k < {path}.k "
        f"AND {visible_post(post)} "
        f"RETURN {post} ORDER BY {post}.author_id DESC, {post}.k DESC LIMIT {path}.limit }} "
        f"WITH {post}, [{post}.k] AS {post}_at ORDER BY {post}.k DESC LIMIT {path}.limit"
    )


def _first(reader: LiteralString, post: LiteralString, path: LiteralString) -> LiteralString:
    return _merged("author.last_post_k", reader, post, path)


def _later(reader: LiteralString, post: LiteralString, path: LiteralString) -> LiteralString:
    newest: LiteralString = (
        f"head(COLLECT {{ MATCH (next:Post) WHERE next.author_id = author.id "
        f"AND next.k < {path}.k AND {visible_post('next')} "
        f"RETURN next.k ORDER BY next.author_id DESC, next.k DESC LIMIT 1 }})"
    )
    return _merged(newest, reader, post, path)


FIRST_PAGE: Final[Order] = newest_first("feed", _first)
LATER_PAGE: Final[Order] = newest_first("feed", _later)


def read_page(viewer: Viewer, page: PageRequest, selection: Selection) -> Statement[Row]:
    """Read the viewer's feed.

    Cost: on the first page one property of each followed user, then a few seeks and an index range
    for each of `limit` authors; on a later page one more index seek for each followed user.
    """
    order = FIRST_PAGE if page.after is None else LATER_PAGE
    return reads.read_page(viewer, order, page, projections.post(selection, "post", "$s"))
