"""Words as people look for them: without case and accents, in every script.

What can be searched has its words stored beside it (`words`), and what somebody types becomes words
in the same way. So the index has nothing to do but to tell them apart at blanks, and nothing that
is typed can mean anything in the language of its queries: a word is letters, digits or an emoji.
"""

import unicodedata
from typing import Final

import regex

LONGEST_WORD: Final = 100
"""Code points; what is longer is found by its beginning.

The index cuts at 255 UTF-16 units, and looks for no beginnings of 1,000 bytes.
"""

_UNSPACED: Final = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
_WORD: Final = regex.compile(
    rf"[[\p{{L}}\p{{N}}]&&[{_UNSPACED}]]\p{{M}}*+"
    rf"|[[\p{{L}}\p{{N}}]--[{_UNSPACED}]][[\p{{L}}\p{{N}}\p{{M}}]--[{_UNSPACED}]]*+"
    r"|\p{Extended_Pictographic}|\p{Regional_Indicator}",
    regex.VERSION1,
)
"""Where words are written without blanks, and where endings stick to them, a letter is a word; in
a phrase they find what stands anywhere in a sentence."""
_UNHEARD: Final = regex.compile(
    r"[\p{Default_Ignorable_Code_Point}--\u200b]"
    r"|[[\p{M}&&[\p{Script=Inherited}\p{Hebrew}]]--[\u3099\u309a]]",
    regex.VERSION1,
)
"""Accents of Latin, Greek and Cyrillic, vowel points of Hebrew and Arabic; none of those marks
without which a letter is another one, as in Hindi, Thai or Japanese."""
_PLAIN: Final = (
    str.maketrans("øłđðħıŧŋ", "olddhitn")
    | str.maketrans({"æ": "ae", "œ": "oe", "þ": "th"})
    | str.maketrans("ىیکة", "ييكه", "ـ")
)
"""Letters for which people type others, and which Unicode does not take apart."""


def _fold(text: str) -> str:
    for _ in range(2):  # a form of a letter may have a case of its own
        text = unicodedata.normalize("NFKD", text).casefold()
    bare = _UNHEARD.sub("", unicodedata.normalize("NFKD", text)).translate(_PLAIN)
    return unicodedata.normalize("NFC", bare)


def words_of(text: str) -> list[str]:
    """Give the words of a text in their order."""
    return [word[:LONGEST_WORD] for word in _WORD.findall(_fold(text))]


def searchable(*texts: str) -> str:
    """Give what is stored of texts that can be searched: their words with blanks between."""
    return " ".join(word for text in texts for word in words_of(text))


def phrases_of(text: str) -> list[list[str]]:
    """Give the words that stand together without a blank in what somebody typed, each once."""
    phrases = dict.fromkeys(tuple(words_of(piece)) for piece in text.split())
    return [[*phrase] for phrase in phrases if phrase]
