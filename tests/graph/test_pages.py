"""Cursors are opaque, belong to one order, and nothing made up gets through them."""

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.errors import InvalidInput
from graph.pages import LONGEST_PAGE, PageRequest, decode_cursor, encode_cursor

pytestmark = pytest.mark.unit

_RANKED = [1e300, ""]


@pytest.mark.parametrize("first", [1, LONGEST_PAGE])
def test_a_page_asks_for_one_more_than_it_shows(first: int) -> None:
    assert PageRequest(first).limit == first + 1


@pytest.mark.parametrize("first", [0, -1, LONGEST_PAGE + 1, 2**63, -(2**70)])
def test_a_page_of_any_other_length_is_refused(first: int) -> None:
    with pytest.raises(InvalidInput, match="from 1 to 100") as caught:
        PageRequest(first)
    assert caught.value.path == ("first",)


@given(st.text("abc-_:/ é😀\x00"), st.lists(st.text("~09é😀\x00") | st.integers(0, 9)))
def test_a_cursor_gives_back_what_it_holds(order: str, position: list[Any]) -> None:
    cursor = encode_cursor(order, position)

    assert decode_cursor(order, cursor) == position
    assert set(cursor) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


@given(st.text() | st.binary().map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
def test_what_is_no_cursor_is_refused(made_up: str) -> None:
    with pytest.raises(InvalidInput, match="no cursor of this list"):
        decode_cursor("posts", made_up)


@pytest.mark.parametrize(
    "raw",
    [
        b"{}",
        b"null",
        b'"posts"',
        b"[]",
        b"[null]",
        b"[[]]",
        b'[["posts"],"k"]',
        b'["feed","k"]',
        b'["posts","\\ud800"]',
        b'["posts",NaN]',
        b'["posts",Infinity]',
        b"[" * 3000,
        b'["posts","k"',
    ],
)
def test_json_that_is_no_cursor_of_the_list_is_refused(raw: bytes) -> None:
    with pytest.raises(InvalidInput, match="no cursor of this list"):
        decode_cursor("posts", base64.urlsafe_b64encode(raw).decode())


def test_the_error_names_the_argument() -> None:
    with pytest.raises(InvalidInput, match="`upTo`") as caught:
        decode_cursor("posts", "", "upTo")
    assert caught.value.path == ("upTo",)


@pytest.mark.parametrize(
    "position",
    [
        [],
        ["k"],
        [1],
        [1, "k", "more"],
        ["1", "k"],
        [1, 2],
        [None, "k"],
        [True, "k"],
        [1, None],
        [1, ["k"]],
        [{}, {}],
    ],
)
def test_a_position_of_another_shape_is_refused(position: list[Any]) -> None:
    page = PageRequest(1, encode_cursor("ranked", position))
    with pytest.raises(InvalidInput, match="no cursor of this list"):
        page.position("ranked", _RANKED)


@pytest.mark.parametrize("rank", [3, 3.5, -1, 2**53, 2**63, 2**64 - 1, 1.0986122886681098])
def test_a_rank_fits_the_database(rank: float) -> None:
    page = PageRequest(1, encode_cursor("ranked", [rank, "k"]))

    (given_rank, k) = page.position("ranked", _RANKED)

    assert isinstance(given_rank, float)
    assert (given_rank, k) == (float(rank), "k")


def test_the_first_page_starts_at_the_start() -> None:
    assert PageRequest(1).position("ranked", _RANKED) == _RANKED
