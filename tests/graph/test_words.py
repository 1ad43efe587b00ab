"""Words are the same however they are cased, accented and composed, and hold no query language."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.words import LONGEST_WORD, phrases_of, searchable, words_of

pytestmark = pytest.mark.unit

SYNTAX = set('+-&|!(){}[]^"~*?:\\/')


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ""),
        ("!?* … \x00\x07", ""),
        ("Hello, WORLD!", "hello world"),
        ("to be or NOT to be", "to be or not to be"),
        ("Café cafe\u0301", "cafe cafe"),
        ("Łukasz Søndergaard Žukauskas Öztürk", "lukasz sondergaard zukauskas ozturk"),
        ("Straße STRASSE", "strasse strasse"),
        ("İstanbul ISTANBUL \u0131stanbul", "istanbul istanbul istanbul"),
        ("ΣΊΣΥΦΟΣ σίσυφος", "σισυφοσ σισυφοσ"),
        ("Ёлка елка", "елка елка"),
        ("שָׁלוֹם שלום", "שלום שלום"),
        ("أهلاً اهلا", "اهلا اهلا"),
        ("می\u200cخواهم", "ميخواهم"),  # noqa: RUF001
        ("हिन्दी कि कु", "हिन्दी कि कु"),
        ("\uff26\uff35\uff2c\uff2c ﬁne \U0001d401old", "full fine bold"),
        ("東京タワー", "東 京 タ ワ ー"),
        ("がか ｶﾞ", "が か ガ"),
        ("서울에서", "서 울 에 서"),
        ("ภาษาไทย", "ภ า ษ า ไ ท ย"),
        ("hi🎉👨‍👩‍👧👍🏽🇩🇪", "hi 🎉 👨 👩 👧 👍 🇩 🇪"),
        ("don't l\u2019école e-mail a_b", "don t l ecole e mail a b"),
        ("#Graph @ana_b https://nexus.example/x?y=1", "graph ana b https nexus example x y 1"),
        ("soft\u00adhyphen right\u202eleft", "softhyphen rightleft"),
        ("١٢٣ x²", "١٢٣ x2"),
        ("x" * (LONGEST_WORD + 1), "x" * LONGEST_WORD),
    ],
)
def test_words(text: str, words: str) -> None:
    assert searchable(text) == words


def test_several_texts_are_one() -> None:
    assert searchable("ana_berg", "Ána!") == "ana berg ana"


def test_what_is_written_together_stays_together() -> None:
    assert phrases_of("the e-mail,  THE 東京 !") == [["the"], ["e", "mail"], ["東", "京"]]


@given(st.text())
def test_words_are_letters_digits_and_emoji(text: str) -> None:
    for word in words_of(text):
        assert 1 <= len(word) <= LONGEST_WORD
        assert not SYNTAX & {*word}
        assert not any(char.isspace() or char in "ANDORT" for char in word)


@given(st.text())
def test_words_are_their_own_words(text: str) -> None:
    assert searchable(searchable(text)) == searchable(text)


@given(st.text())
def test_case_and_composition_do_not_matter(text: str) -> None:
    for form in ("NFC", "NFD"):
        assert searchable(unicodedata.normalize(form, text)) == searchable(text)
    assert searchable(text.casefold()) == searchable(text)


@given(st.text(), st.text())
def test_a_piece_between_blanks_has_the_words_that_it_has_alone(one: str, other: str) -> None:
    assert words_of(f"{one} {other}") == [*words_of(one), *words_of(other)]
