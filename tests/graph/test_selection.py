"""Selections join as GraphQL joins fields, and refuse what one statement cannot tell apart."""

import pytest

from graph.errors import InvalidInput
from graph.selection import SLOTS, Field, Selection, merge
from tests.graph.people import below, page_of, pick

pytestmark = pytest.mark.unit


def test_fields_without_arguments_are_one_whatever_their_aliases() -> None:
    selection = pick(below("author", "User", "id"), below("author", "User", "bio", key="writer"))

    author = selection.child("author", "User")

    assert "id" in author
    assert "bio" in author
    assert "author" in selection
    assert "writer" not in selection


def test_the_same_key_with_the_same_arguments_joins_what_is_below() -> None:
    one, two = (pick(page_of("posts", "Post", name, first=3)) for name in ("id", "text"))

    joined = merge(iter([one, two]))

    (posts,) = joined.fields
    edges = posts.children["PostConnection"].child("edges", "PostEdge")
    assert [f.name for f in edges.child("node", "Post").fields] == ["id", "text"]


def test_the_same_key_with_other_arguments_is_refused() -> None:
    one, two = (pick(page_of("posts", "Post", "id", first=first)) for first in (3, 4))
    with pytest.raises(InvalidInput, match="alias of its own"):
        merge(iter([one, two]))


def test_what_a_fragment_selects_on_another_type_is_kept_apart() -> None:
    selection = pick(Field("subject", "subject", {}, {"Post": pick("id"), "Comment": pick("text")}))

    assert selection.child("subject", "Post") == pick("id")
    assert selection.child("subject", "Comment") == pick("text")
    assert selection.child("subject", "User") == Selection()


def test_each_use_of_a_field_with_arguments_gets_an_ending_of_its_own() -> None:
    uses = [page_of("comments", "Comment", "id", key=f"c{n}") for n in range(len(SLOTS))]

    assert [slot for slot, _ in pick(*uses).slotted("comments")] == list(SLOTS)
    with pytest.raises(InvalidInput, match="at most 8 times"):
        pick(*uses, page_of("comments", "Comment", "id", key="c9")).slotted("comments")
