"""What people write: checked before it reaches a statement."""

from typing import Final

from graph.errors import InvalidInput

LONGEST_TEXT: Final = 5_000


def check_text(text: str, name: str = "text", longest: int = LONGEST_TEXT) -> str:
    """Give a text without the blanks around it.

    Raises:
        InvalidInput: It is empty, too long, or holds what no database stores.
    """
    stripped = text.strip()
    if not 1 <= len(stripped) <= longest:
        raise InvalidInput(
            f"`{name}` has {len(stripped)} characters; write 1 to {longest}.", (name,)
        )
    if "\x00" in stripped or any("\ud800" <= char <= "\udfff" for char in stripped):
        raise InvalidInput(
            f"`{name}` holds a NUL or half a surrogate pair; send well-formed text.", (name,)
        )
    return stripped
