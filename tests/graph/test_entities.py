"""Tags and mentions are found where people mean them, and nowhere else."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.entities import MOST_MENTIONS, MOST_TAGS, TagName, read_entities

pytestmark = pytest.mark.unit


def tags(text: str) -> list[str]:
    return [tag.name for tag in read_entities(text).tags]


def mentions(text: str) -> list[str]:
    return list(read_entities(text).mentions)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("#graph", ["graph"]),
        ("a #Graph, and (#cypher)!", ["graph", "cypher"]),
        ("#Graph #GRAPH #graph", ["graph"]),
        ("＃日本語 です", ["日本語"]),
        ("見て。#東京タワー、#大阪", ["東京タワー", "大阪"]),
        ("#Straße #STRASSE", ["strasse"]),
        ("#ＦＵＬＬ＿width", ["full_width"]),
        ("#cafe\u0301 #café", ["café"]),
        ("#हिन्दी", ["हिन्दी"]),
        ("#می\u200cخواهم", ["میخواهم"]),
        ("#100days #2026_plans #a1", ["100days", "2026_plans", "a1"]),
        ("#x-y #a.b #c's", ["x", "a", "c"]),
        ("#one#two", ["one"]),
        ("#one @ana #two", ["one", "two"]),
        ("line\n#two\n\t#three", ["two", "three"]),
        ("text:\n\n    #indented", ["indented"]),
        ("<code>#marked</code>", ["marked"]),
        ("«#quoted» “#curly” …#dots -#dash", ["quoted", "curly", "dots", "dash"]),
        ("#", []),
        ("# heading", []),
        ("##double", []),
        ("#123 #４２ #_ #1_2 #٣", []),
        ("c# f#sharp é#x ٣#y", []),
        ("&#39; &#x27;", []),
        ("#️⃣", []),
        ("#\u0301a", []),
        ("#!bang #-x #🙂", []),
        ("#ﷺ", []),
    ],
)
def test_tags(text: str, found: list[str]) -> None:
    assert tags(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("@ana", ["ana"]),
        ("hi @Ana, @bob_1! (@carol)", ["ana", "bob_1", "carol"]),
        ("＠ana さん", ["ana"]),
        (".@ana -@bob", ["ana", "bob"]),
        ("@ana @ANA", ["ana"]),
        ("@ana's @bob.", ["ana", "bob"]),
        ("こんにちは。@ana", ["ana"]),
        ("@an @" + "x" * 31, []),
        ("@anaé @ana\u0301", []),
        ("@@ana #@ana", []),
        ("@ana@example.org", []),
        ("ana@bob", []),
        ("/@ana", []),
        ("@ ana", []),
    ],
)
def test_mentions(text: str, found: list[str]) -> None:
    assert mentions(text) == found


@pytest.mark.parametrize(
    "place",
    [
        "https://example.org/#tag",
        "https://example.org/@ana?x=#tag",
        "HTTPS://EXAMPLE.ORG/#tag,@ana",
        "web+x://a/(#tag)",
        "www.example.org/#tag",
        "example.org/~@ana/#tag",
        "example.org?q=#tag",
        "bücher.example.org/-#tag",
        "mailto:@ana-#tag",
        "first.last+x@ana.example",
        "x-@ana.example",
        "`#tag @ana`",
        "``a ` #tag @ana``",
        "`over\n#tag two lines`",
        "```\n#tag\n@ana\n```",
        "```py\n#tag\n``\n@ana",
        "~~~\n#tag\n```\n@ana\n~~~~",
        "  ````\n```\n#tag\n````",
    ],
)
def test_addresses_and_code_are_no_place(place: str) -> None:
    assert tags(place) == []
    assert mentions(place) == []
    around = f"#before {place}\n\n#after @carol"
    if not place.startswith(("`", "~", " ")):
        assert tags(around) == ["before", "after"]
        assert mentions(around) == ["carol"]


@pytest.mark.parametrize(
    "text",
    [
        "a ` stray #tag",
        "`` unequal ` #tag",
        "a `stray\n\nand #tag ` one",
        "`code` #tag `code`",
        "```\ncode\n```\n#tag",
        "not ``` a fence #tag",
        "https://example.org #tag",
        "https://example.org/。#tag",
        "ana@example.org,#tag",
    ],
)
def test_what_is_beside_them_counts(text: str) -> None:
    assert tags(text) == ["tag"]


def test_the_written_form_is_that_of_the_first() -> None:
    (tag,) = read_entities("#GraphDB and #graphdb").tags
    assert tag == TagName("graphdb", "GraphDB")


def test_there_are_bounds() -> None:
    many = " ".join(f"#t{n} @user{n}" for n in range(100))
    assert tags(many) == [f"t{n}" for n in range(MOST_TAGS)]
    assert mentions(many) == [f"user{n}" for n in range(MOST_MENTIONS)]
    assert tags("#" + "é" * 100) == ["é" * 100]
    assert tags("#" + "e\u0301\u0323" * 100) != []
    assert tags("#" + "x" * 101) == []
    assert tags("#a" + "\u0301" * 1_000) != []
    assert tags("#a" + "\u0301" * 2_000) == []


WORDS = st.text(
    st.characters(categories=("L", "Mn", "Nd"), include_characters="_"), min_size=1, max_size=40
)
PIECES = st.sampled_from(
    [*"#＃@＠`~/.aé1-_ \n", "```", "~~~", "\n\n", "https://", "www.", "ana", "b@c.de", "\u0301"]
)


@given(WORDS)
def test_a_tag_is_the_same_however_it_is_composed(word: str) -> None:
    forms = [unicodedata.normalize(form, word) for form in ("NFC", "NFD", "NFKC", "NFKD")]
    assert len({TagName.of(form).name for form in [word, *forms]}) == 1
    name = TagName.of(word).name
    assert TagName.of(name).name == name


@given(st.lists(PIECES | st.just(" ") | WORDS, max_size=60).map("".join))
def test_of_any_text_only_well_formed_ones_are_found(text: str) -> None:
    found = read_entities(text)
    assert len({tag.name for tag in found.tags}) == len(found.tags) <= MOST_TAGS
    for tag in found.tags:
        assert tags(f"#{tag.name}") == [tag.name], "following a tag finds what it is named by"
        assert any(char.isalpha() for char in tag.name)
        assert tag.is_short()
    for name in found.mentions:
        assert mentions(f"@{name}") == [name]


@given(st.lists(PIECES, max_size=60).map("".join))
def test_in_code_there_is_nothing(text: str) -> None:
    fenced = f"~~~~~\n{text.replace('~', '-')}\n~~~~~"
    assert read_entities(fenced) == read_entities("")


@pytest.mark.parametrize(
    "part",
    [
        "`" * 3 + "x",
        "a\u0301",
        "\u0301",
        "a.",
        "#",
        "@",
        "a-",
        "`",
        "` ``",
        "\n```",
        "a+",
        "://",
        "~",
    ],
)
def test_no_text_is_slow(part: str) -> None:
    """Each takes milliseconds; one that went back over what it read would take minutes."""
    read_entities((part * 80_000)[:80_000])
