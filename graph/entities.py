"""Tags and mentions in a text: `#graph`, `@ana`.

What stands in code, in an address of the web or in an e-mail address is none. A full-width sign,
as keyboards for Chinese and Japanese give it, is as good as the narrow one.
"""

import unicodedata
from dataclasses import dataclass
from typing import Final

import regex

from graph.errors import InvalidInput
from graph.text import check_text, count_characters
from graph.words import searchable

MOST_TAGS: Final = 30
MOST_MENTIONS: Final = 50
LONGEST_TAG: Final = 100
_LARGEST_TAG: Final = 3_200
"""Bytes of a tag's name; an index of Neo4j holds no longer ones than 8,000."""

_FENCED: Final = (
    r"^[ ]{0,3}(?P<fence>`{3,}+(?=[^`\n]*+$)|~{3,}+)"
    r".*?(?:^[ ]{0,3}(?P=fence)[`~]*+[ \t]*+$|\Z)"
)
_INLINE: Final = (
    r"(?<!`)(?P<ticks>`++)"
    r"(?:[^`\n]++|\n(?![ \t]*+\n)|(?!(?P=ticks)(?!`))`++)*+"
    r"(?P=ticks)(?!`)"
)
_TO_THE_END: Final = r"[^\s<>\"＃＠、。，！？「」『』（）【】]*+"
_ADDRESS: Final = (
    r"(?:(?<![A-Za-z0-9+.\-])(?:[A-Za-z][A-Za-z0-9+.\-]*+://|(?i:www\.|mailto:))"
    r"|(?<![\p{L}\p{M}\p{N}.\-])(?:[\p{L}\p{M}\p{N}\-]++\.)++\p{L}{2,}+[/?\#])" + _TO_THE_END
)
_E_MAIL: Final = (
    r"(?<![\p{L}\p{M}\p{N}_.+%\-])[\p{L}\p{M}\p{N}_.+%\-]++[@＠]"
    r"(?:[\p{L}\p{M}\p{N}\-]++\.)++[\p{L}\p{M}]{2,}+"
)
_WORD: Final = r"[\p{L}\p{M}\p{Nd}_＿]++"
_TAG: Final = rf"(?!\p{{M}}){_WORD}(?:[\u200c\u200d]++{_WORD})*+"
_APART: Final = r"(?<![\p{L}\p{M}\p{N}_＿&/#＃@＠])"
_SCANNER: Final = regex.compile(
    "|".join(
        (
            _FENCED,
            _INLINE,
            _ADDRESS,
            _E_MAIL,
            rf"{_APART}[#＃](?P<tag>{_TAG})",
            rf"{_APART}[@＠](?P<mention>[A-Za-z0-9_]{{3,30}}+)(?![\p{{L}}\p{{M}}\p{{N}}_@＠])",
        )
    ),
    regex.MULTILINE | regex.DOTALL,
)
"""What is no place for a tag or mention comes first, and takes what is in it away.

NOTE: Possessive throughout, and what repeats begins only where nothing like it stands before, so
that no text takes more than a few steps for each of its characters.
"""
_WHOLE_TAG: Final = regex.compile(_TAG)
_LETTER: Final = regex.compile(r"\p{L}")


@dataclass(frozen=True, slots=True)
class TagName:
    """A tag as somebody wrote it.

    Args:
        name: What makes it the same tag as another.
        display_name: As it was written.
    """

    name: str
    display_name: str

    @classmethod
    def of(cls, written: str) -> "TagName":
        """Make a tag's name, however its letters are cased and composed.

        Source: Unicode Standard, section 3.13, NFKC_Casefold, of which joiners are all that a tag
        can have of the characters it leaves out.
        """
        name = written.replace("\u200c", "").replace("\u200d", "")
        for form in ("NFKD", "NFKC"):  # once is not enough where a form of a letter has a case
            name = unicodedata.normalize("NFKC", unicodedata.normalize(form, name).casefold())
        shown = unicodedata.normalize("NFC", written)
        return cls(name, shown)

    @classmethod
    def given(cls, written: str) -> "TagName":
        """Make the name of a tag that somebody gives by itself, with or without its sign."""
        return cls.of(written.strip().lstrip("#\uff03"))

    def properties(self) -> dict[str, str]:
        """Give the properties of the tag's node."""
        return {
            "name": self.name,
            "display_name": self.display_name,
            "words": searchable(self.name),
        }

    def is_short(self) -> bool:
        """Tell whether it has at most 100 characters, and few enough bytes for an index."""
        return (
            len(self.name.encode()) <= _LARGEST_TAG
            and len(self.display_name.encode()) <= _LARGEST_TAG
            and count_characters(self.name) <= LONGEST_TAG
            and count_characters(self.display_name) <= LONGEST_TAG
        )


@dataclass(frozen=True, slots=True)
class Entities:
    """What a text names, each once, in the order of the text.

    Args:
        tags: At most 30; what comes behind is mere text.
        mentions: Usernames, at most 50; whether anybody has them is for the graph to say.
    """

    tags: tuple[TagName, ...]
    mentions: tuple[str, ...]


def read_entities(text: str) -> Entities:
    """Find the tags and mentions of a text.

    Cost: grows with the length of the text.
    """
    tags: dict[str, TagName] = {}
    mentions: dict[str, None] = {}
    for found in _SCANNER.finditer(text):
        if found["mention"] is not None:
            mentions[found["mention"].lower()] = None
        elif found["tag"] is not None and (tag := _tag(found["tag"])):
            tags.setdefault(tag.name, tag)
    return Entities(tuple(tags.values())[:MOST_TAGS], tuple(mentions)[:MOST_MENTIONS])


def check_tag(written: str, name: str = "name") -> TagName:
    """Give the tag that somebody names by itself, with or without its sign.

    Raises:
        InvalidInput: It is empty or too long.
    """
    tag = TagName.of(check_text(written.strip().lstrip("#＃"), name, LONGEST_TAG))
    if not tag.is_short():
        raise InvalidInput(
            f"`{name}` is {written!r}; its letters written out are more than {LONGEST_TAG}.",
            (name,),
        )
    return tag


def _tag(written: str) -> TagName | None:
    """Give a tag of what stands behind its sign; none without a letter, or too long a one."""
    tag = TagName.of(written)
    is_tag = _LETTER.search(tag.name) and _WHOLE_TAG.fullmatch(tag.name)
    return tag if is_tag and tag.is_short() else None
