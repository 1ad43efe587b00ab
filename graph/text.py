"""What people write: checked before it reaches a statement.

Characters are counted as people count them, in grapheme clusters: a family of four joined emoji
is one, and so is a letter with its accents, however they are stored.
"""

from typing import Final

import regex

from graph.errors import InvalidInput

LONGEST_TEXT: Final = 5_000
_BYTES_PER_CHARACTER: Final = 32
_CHARACTER: Final = regex.compile(r"\X")
_NOTHING_TO_SEE: Final = regex.compile(r"[\p{Z}\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]*+")


def count_characters(text: str) -> int:
    """Count characters as people do.

    Source: Unicode Standard Annex 29, extended grapheme clusters.
    """
    return sum(1 for _ in _CHARACTER.finditer(text))


def check_text(text: str, name: str = "text", longest: int = LONGEST_TEXT) -> str:
    """Give a text without the blanks around it.

    A character may have any number of accents; so that a text is not endless all the same, its
    bytes are bounded, too, by more than any script needs.

    Raises:
        InvalidInput: It is empty, too long, or holds what no database stores.
    """
    if "\x00" in text or any("\ud800" <= char <= "\udfff" for char in text):
        raise InvalidInput(
            f"`{name}` holds a NUL or half a surrogate pair; send well-formed text.", (name,)
        )
    stripped = text.strip()
    size, largest = len(stripped.encode()), longest * _BYTES_PER_CHARACTER
    if size > largest:
        raise InvalidInput(
            f"`{name}` has {size} bytes; write 1 to {longest} characters, and not more than "
            f"{largest} bytes.",
            (name,),
        )
    count = 0 if _NOTHING_TO_SEE.fullmatch(stripped) else count_characters(stripped)
    if not 1 <= count <= longest:
        raise InvalidInput(f"`{name}` has {count} characters; write 1 to {longest}.", (name,))
    return stripped
