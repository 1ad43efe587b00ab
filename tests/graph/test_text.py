"""What people write is kept as they wrote it, or refused with the reason."""

import pytest

from graph.errors import InvalidInput
from graph.text import LONGEST_TEXT, check_text, count_characters

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
        "👩‍👩‍👧‍👦" * LONGEST_TEXT,
        "🇩🇪" * LONGEST_TEXT,
        "e\u0301\u0323" * LONGEST_TEXT,
        "\r\n".join("x" * (LONGEST_TEXT // 2)),
        "\U000e0001\u200b.",
    ],
)
def test_well_formed_text_is_kept(text: str) -> None:
    assert check_text(text) == text


def test_blanks_around_it_go() -> None:
    assert check_text(" \n\t hi\u3000\u00a0") == "hi"
    assert check_text(" " * 9000 + "x" * LONGEST_TEXT) == "x" * LONGEST_TEXT


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("abc", 3),
        ("👩‍👩‍👧‍👦", 1),
        ("👍🏽", 1),
        ("🇩🇪🇫🇷", 2),
        ("e\u0301", 1),
        ("한국", 2),
        ("\u1112\u1161\u11ab", 1),
        ("नि", 1),
        ("\r\n", 1),
        ("1\ufe0f\u20e3", 1),
    ],
)
def test_characters_are_counted_as_people_count_them(text: str, count: int) -> None:
    assert count_characters(text) == count


@pytest.mark.parametrize(
    ("text", "count"),
    [("👩‍👩‍👧‍👦" * 65, 65), ("e\u0301" * 65, 65), ("\u200b\u2060", 0), ("\u3164", 0)],
)
def test_a_refusal_names_count_and_limit(text: str, count: int) -> None:
    with pytest.raises(InvalidInput, match=f"^`displayName` has {count} characters; write 1 to 64"):
        check_text(text, "displayName", 64)


def test_a_letter_with_endless_accents_is_refused() -> None:
    assert check_text("x" + "\u0301" * 79_999) != ""
    with pytest.raises(InvalidInput, match=r"160001 bytes.* not more than 160000"):
        check_text("x" + "\u0301" * 80_000)


@pytest.mark.parametrize("text", ["", " ", "\n\u3000\t", "x" * (LONGEST_TEXT + 1), "x" * 200_000])
def test_empty_and_endless_text_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="write 1 to 5000") as caught:
        check_text(text)
    assert caught.value.path == ("text",)


@pytest.mark.parametrize("text", ["a\x00b", "\ud800", "ok \udfff", "\udc80x"])
def test_what_no_database_stores_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="`bio` holds a NUL or half a surrogate") as caught:
        check_text(text, "bio")
    assert caught.value.path == ("bio",)
