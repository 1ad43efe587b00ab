"""A page is a Relay connection, and an order takes its own cursors alone."""

from typing import Any

import pytest

from graph.connections import connection
from graph.errors import InvalidInput
from graph.interaction_order import of_kinds
from graph.orders import AUTHOR_POSTS, COMMENTS, FOLLOWERS, FOLLOWING, TAG_POSTS, CommentSort
from graph.pages import PageRequest, encode_cursor

pytestmark = pytest.mark.unit
ORDERS = [AUTHOR_POSTS, FOLLOWERS, FOLLOWING, *COMMENTS.values(), TAG_POSTS, of_kinds(None)]


def _rows(count: int) -> list[dict[str, object]]:
    return [{"at": [f"k{n}"], "node": n} for n in range(count)]


def test_the_item_that_was_asked_for_beyond_the_page_only_tells_of_a_next_page() -> None:
    page = connection(AUTHOR_POSTS, PageRequest(2), _rows(3))

    assert [edge["node"] for edge in page["edges"]] == [0, 1]
    assert page["page_info"] == {
        "has_next_page": True,
        "has_previous_page": False,
        "start_cursor": encode_cursor("author-posts", ["k0"]),
        "end_cursor": encode_cursor("author-posts", ["k1"]),
    }


def test_an_empty_page_keeps_the_cursor_it_was_asked_with() -> None:
    after = encode_cursor("author-posts", ["k1"])

    page = connection(AUTHOR_POSTS, PageRequest(2, after), [])

    assert page["edges"] == []
    assert page["page_info"]["end_cursor"] == after
    assert page["page_info"]["start_cursor"] is None
    assert page["page_info"]["has_previous_page"]


def test_every_order_takes_its_own_cursors_alone() -> None:
    for order in ORDERS:
        own = encode_cursor(order.name, list(order.start.values()))
        assert order.parameters(PageRequest(1, own)) == order.parameters(PageRequest(1))
        for other in ORDERS:
            if other.name != order.name:
                with pytest.raises(InvalidInput, match="no cursor of this list"):
                    other.parameters(PageRequest(1, own))


def test_orders_have_names_of_their_own() -> None:
    assert len({order.name for order in ORDERS}) == len(ORDERS)


@pytest.mark.parametrize("sort", list(CommentSort))
def test_a_tampered_position_is_refused(sort: CommentSort) -> None:
    order = COMMENTS[sort]
    positions: list[list[Any]] = [
        [],
        [None] * len(order.start),
        [*order.start.values(), "more"],
        [{}, []],
    ]
    for position in positions:
        with pytest.raises(InvalidInput, match="no cursor of this list"):
            order.parameters(PageRequest(1, encode_cursor(order.name, position)))


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        (None, {"likes": 3, "shares": 3, "comments": 3}),
        ([], {"likes": 0, "shares": 0, "comments": 0}),
        (["LIKE"], {"likes": 3, "shares": 0, "comments": 0}),
        (["SHARE", "COMMENT", "SHARE"], {"likes": 0, "shares": 3, "comments": 3}),
    ],
)
def test_only_the_kinds_that_were_asked_for_are_read(
    kinds: list[str] | None, expected: dict[str, int]
) -> None:
    parameters = of_kinds(kinds).parameters(PageRequest(2))
    assert {name: parameters[name] for name in expected} == expected
