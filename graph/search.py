"""Search: posts, people and tags by the words in them, best first.

Neo4j's full-text indexes find the thousand that fit best; what the viewer may not see
is left out of them, and a page is a range of places among the rest. The indexes follow what is
written a moment later (`fulltext.eventually_consistent`), so that no write waits for them.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, LiteralString

import regex

from graph import projections, reads
from graph.connections import Order
from graph.entities import TagName
from graph.pages import PageRequest, no_cursor
from graph.projection import Projection, Row
from graph.selection import Selection
from graph.statement import Statement
from graph.text import check_text
from graph.viewer import Viewer
from graph.visibility import visible_post, visible_tag, visible_user
from graph.words import LONGEST_WORD, phrases_of

LONGEST_QUERY: Final = 200
DEEPEST: Final = 1_000
"""How many of what an index finds are looked at: no place is farther."""
MOST_WORDS: Final = 32
"""Words that a name is searched by. One character may hold hundreds, as joined emoji, and the index
takes 1,024 clauses, of which a word is two."""
_NAME: Final = regex.compile(r"[a-z0-9_]{1,30}")
_TAG_LETTERS: Final = regex.compile(r"[\p{L}\p{M}\p{N}_]+")


class SearchKind(StrEnum):
    """What one can search for."""

    POSTS = "POSTS"
    USERS = "USERS"
    TAGS = "TAGS"


def _posts_queries(text: str) -> list[str]:
    """Ask for all that is written together in the text.

    Each audience is asked for by itself, so that nobody fills the places of what all may see with
    what hardly anybody may.
    """
    words = " ".join(f'+words:"{" ".join(phrase)}"' for phrase in phrases_of(text))
    return [f"+visibility:{each}^0 {words}" for each in ("PUBLIC", "FOLLOWERS") if words]


def _users_queries(text: str) -> list[str]:
    name = text.lstrip("@\uff20").lower()
    return _names_queries("username", name if _NAME.fullmatch(name) else "", text)


def _tags_queries(text: str) -> list[str]:
    name = "".join(_TAG_LETTERS.findall(TagName.given(text).name))
    return _names_queries("name", name if len(name) <= LONGEST_WORD else "", text)


def _names_queries(field: str, name: str, text: str) -> list[str]:
    """Ask for a name, for what begins with it, and for words that begin with those of the text.

    Ranges and prefixes count the same wherever they fit, so that an equal rank is equal whatever
    else is written, and tells a whole name from a beginning and that from a word: by 1000, 100, 1.
    """
    words = [*dict.fromkeys(word for phrase in phrases_of(text) for word in phrase)][:MOST_WORDS]
    by_name = f"{field}:[{name} TO {name}]^1000 {field}:{name}*^100" if name else ""
    by_words = " ".join(f"+(words:[{word} TO {word}] words:{word}*)" for word in words)
    query = f"{by_name} ({by_words})" if by_words else by_name
    return [query] if query else []


@dataclass(frozen=True, slots=True)
class _Kind:
    """How one kind is searched.

    Args:
        type_name: Of what is found.
        index: The full-text index.
        queries: Makes queries of the index of a text; none when nothing can be looked for.
        tie: Which goes first of two that fit equally well, the last of it unique.
        condition: Under which one is shown.
        project: Gives what is read of it, its parameters at `$s`.
    """

    type_name: LiteralString
    index: LiteralString
    queries: Callable[[str], list[str]]
    tie: LiteralString
    condition: LiteralString
    project: Callable[[Selection, LiteralString, LiteralString], Projection]

    def clauses(self, _: LiteralString, node: LiteralString, path: LiteralString) -> LiteralString:
        """Give the Cypher that binds one page.

        NOTE: Places are those among what the viewer may see: a place that counted what is hidden
        would tell, word for word, what it says.
        """
        return (
            f"UNWIND {path}.queries AS query "
            f"CALL db.index.fulltext.queryNodes('{self.index}', query, {{limit: {path}.deepest}}) "
            f"YIELD node, score WITH node AS {node}, score WHERE {self.condition} "
            f"WITH {node}, score ORDER BY score DESC, {self.tie} "
            f"WITH collect({node})[..{path}.deepest] AS found "
            f"UNWIND range({path}.place, size(found) - 1) AS place "
            f"WITH found[place] AS {node}, [{path}.of, place + 1] AS {node}_at, place "
            f"ORDER BY place LIMIT {path}.limit"
        )


_KINDS: Final[Mapping[SearchKind, _Kind]] = {
    SearchKind.POSTS: _Kind(
        "Post",
        "post_texts",
        _posts_queries,
        "post.k DESC",
        visible_post("post"),
        projections.post,
    ),
    SearchKind.USERS: _Kind(
        "User",
        "user_words",
        _users_queries,
        "COUNT { (user)<-[:FOLLOWS]-() } DESC, user.username",
        visible_user("user"),
        projections.user,
    ),
    SearchKind.TAGS: _Kind(
        "Tag",
        "tag_words",
        _tags_queries,
        "COUNT { (tag)<-[:TAGGED]-() } DESC, tag.name",
        visible_tag("tag"),
        projections.tag,
    ),
}


@dataclass(frozen=True, slots=True)
class _Ranked(Order):
    """What queries find, best first; a position is a place in that, and of what it is one."""

    queries: list[str]

    @classmethod
    def of(cls, kind: SearchKind, queries: list[str]) -> "_Ranked":
        of = hashlib.blake2b("\n".join(queries).encode(), digest_size=9).hexdigest()
        return cls(f"search-{kind.lower()}", {"of": of, "place": 0}, _KINDS[kind].clauses, queries)

    def parameters(self, page: PageRequest) -> dict[str, Any]:
        found = Order.parameters(self, page)
        if found["of"] != self.start["of"] or found["place"] not in range(DEEPEST + 1):
            raise no_cursor(str(page.after))
        place = int(found["place"])
        return {**found, "place": place, "queries": self.queries, "deepest": DEEPEST}


def read_page(
    viewer: Viewer, text: str, kind: SearchKind, page: PageRequest, selection: Selection
) -> Statement[Row]:
    """Read a page of what fits a text best, as a Relay connection; each node has `__typename`.

    Args:
        viewer: Who searches.
        text: What they typed.
        kind: What they look for.
        page: Which page.
        selection: What is selected of the `SearchConnection`.

    Raises:
        InvalidInput: The text is empty or too long, or the cursor is of another search.

    Cost: the thousand that fit best, and what the selection asks for of a page.
    """
    entered = _KINDS[kind]
    queries = entered.queries(check_text(text, "text", LONGEST_QUERY))
    node: LiteralString = entered.type_name.lower()
    wanted = selection.child("edges", "SearchEdge").child("node", entered.type_name)
    projection = entered.project(wanted, node, "$s")
    projection.add(f"__typename: '{entered.type_name}'")
    return reads.read_page(viewer, _Ranked.of(kind, queries), page, projection)
