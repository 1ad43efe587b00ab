"""The recount of words: those of each post are made of its text anew.

They are made in Python, so that a page is two statements: one reads, one mends what differs and has
not been changed since.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any, Final, LiteralString

from graph.ids import KEY_FIRST
from graph.recount import LOCK, Page, Recount, end
from graph.statement import Access, Record, Statement
from graph.visibility import standing
from graph.words import searchable

_STORED: LiteralString = "[coalesce(post.words, ''), coalesce(post.once_words, '')]"
_MADE: LiteralString = f"CASE WHEN {standing('post')} THEN [row.words, ''] ELSE ['', row.words] END"
_READ: LiteralString = """\
MATCH (post:Post) WHERE post.k > $after
RETURN post.k AS place, post.id AS id, post.text AS text ORDER BY post.k LIMIT $posts"""
_MEND: LiteralString = f"""\
CALL () {{
  UNWIND $rows AS row
  MATCH (post:Post {{id: row.id}}) WHERE post.text = row.text AND {_STORED} <> {_MADE}
  SET post.lk = true
  WITH post, row, {_STORED} AS stored, {_MADE} AS made
  WHERE post.text = row.text AND stored <> made
  SET post.words = CASE WHEN {standing("post")} THEN row.words END
  SET post.once_words = CASE WHEN NOT {standing("post")} THEN row.words END
  RETURN collect({{id: post.id, at: null, stored: [each IN stored | size(each)],
    counted: [each IN made | size(each)]}}) AS drifts
}}
WITH tallied, $place AS place, drifts
"""
"""What people wrote is told to no log: a drift says how long the words are and were."""


class WordRecount(Recount):
    """A way through all posts, whose words are made of what they say."""

    def page(self, after: Any = None, step: int | None = None) -> Statement[Page]:
        """Make the words of one page anew, and mend those that differ; as `Recount.page`."""
        parameters = self.parameters(after, step)
        return Statement(_READ, parameters, partial(self._mend, parameters=parameters))

    def _mend(
        self, records: Sequence[Record], parameters: dict[str, Any]
    ) -> Page | Statement[Page]:
        if not records:
            return Page(None, [])
        rows = [
            {"id": each["id"], "text": each["text"], "words": searchable(each["text"])}
            for each in records
        ]
        mending = {**parameters, "rows": rows, "place": records[-1]["place"]}
        return Statement(LOCK + _MEND + end(), mending, self.decode, Access.WRITE)


WORDS: Final = WordRecount("words", KEY_FIRST, "")
"""The words of posts, in the index of searches while these stand, and beside it otherwise."""
