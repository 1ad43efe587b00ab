"""What people write is kept as they wrote it, or refused with the reason."""

import pytest

from graph.errors import InvalidInput
from graph.text import LONGEST_TEXT, check_text

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    "text",
    [
        "a",
        "é😀",
        "👩‍👩‍👧‍👦",
        "\u202ertl",
        "a\nb\tc",
        "0",
        "$viewer",
        "'}) DETACH DELETE n //",
        "x" * LONGEST_TEXT,
    ],
)
def test_well_formed_text_is_kept(text: str) -> None:
    assert check_text(text) == text


def test_blanks_around_it_go() -> None:
    assert check_text(" \n\t hi\u3000\u00a0") == "hi"
    assert check_text(" " * 9000 + "x" * LONGEST_TEXT) == "x" * LONGEST_TEXT


@pytest.mark.parametrize("text", ["", " ", "\n\u3000\t", "x" * (LONGEST_TEXT + 1)])
def test_empty_and_endless_text_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="write 1 to 5000") as caught:
        check_text(text)
    assert caught.value.path == ("text",)


@pytest.mark.parametrize("text", ["a\x00b", "\ud800", "ok \udfff", "\udc80x"])
def test_what_no_database_stores_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="`bio` holds a NUL or half a surrogate") as caught:
        check_text(text, "bio")
    assert caught.value.path == ("bio",)
